"""What every decoder begins with: latents become features of a hop, and a loudness beside them.

    latents -> level -> loud, a factor of amplitude
       |
       +-> first, without the level -> residuals -> features

Loudness has no say in the timbre: a whisper and a shout are made alike and scaled afterwards.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rtvae.training.layers import CausalConv, LeanResidual, Ops, Value
from rtvae.training.noise import noise_table
from rtvae.training.shape import LOG_LEVEL_RANGE, VaeConfig


class Listening(nn.Module):
    """The beginning of a decoder; its names are those of the decoder's own weights."""

    loudness_centre: Tensor
    loudness_scale: Tensor

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = c = config
        self.first = CausalConv(c.latents - 1, c.decoder_channels, 3)
        self.hops = nn.ModuleList(LeanResidual(c.decoder_channels, d) for d in c.decoder_dilations)
        self.table = noise_table(c.noise_channels)
        self.register_buffer("loudness_centre", torch.tensor(0.0))
        self.register_buffer("loudness_scale", torch.tensor(1.0))

    def listeners(self) -> tuple[CausalConv, ...]:
        """Return the layers whose last inputs are the learned latents."""
        return (self.first,)

    def stream_noise(self, ops: Ops, hops: int) -> Value:
        """Streaming: the next noise, `[hops * rows_per_hop, noise_channels]`, in NOISE_UNIT."""
        c = self.config
        return ops.noise("noise", hops, self.table.reshape(-1, c.rows_per_hop, c.noise_channels))

    def _loud(self, latent: Tensor) -> Tensor:
        """Return amplitudes `[B, 1, hops]` of latents `[B, latents, hops]`."""
        level = latent[:, :1] * self.loudness_scale + self.loudness_centre
        return torch.exp(level.clamp(*LOG_LEVEL_RANGE))

    def _features(self, latent: Tensor) -> Tensor:
        """Return `[B, decoder_channels, hops]` of latents `[B, latents, hops]`."""
        x: Tensor = self.first(latent[:, 1:])
        for block in self.hops:
            x = block(x)
        return x

    def _stream_loud(self, ops: Ops, latent: Value) -> Value:
        """Streaming: amplitudes `[hops, 1]` of `[hops, latents]`."""
        pick = torch.zeros(self.config.latents, 1)
        pick[0, 0] = float(self.loudness_scale)
        level = ops.gemm(latent, pick, self.loudness_centre.reshape(1))
        return ops.exp(ops.clip(level, *LOG_LEVEL_RANGE))

    def _stream_features(self, ops: Ops, latent: Value, hops: int) -> Value:
        """Streaming: features `[hops, decoder_channels]` of `[hops, latents]`."""
        whole = spread_inputs(self.first, self.config.latents, range(1, self.config.latents))
        x: Value = whole.stream(ops, "first", latent, hops)
        for k, block in enumerate(self.hops):
            x = block.stream(ops, f"hops{k}", x, hops)  # type: ignore[operator]
        return x


def spread_inputs(layer: CausalConv, inputs: int, places: Sequence[int]) -> CausalConv:
    """Return a layer of more inputs that hears only those at `places`: no cut at run time."""
    whole = CausalConv(inputs, layer.outputs, layer.kernel, layer.dilation)
    whole.weight.data = torch.zeros(layer.outputs, inputs, layer.kernel)
    whole.weight.data[:, list(places)] = layer.weight.data
    whole.bias = layer.bias
    return whole
