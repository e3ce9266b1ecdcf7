"""A decoder whose latents carry the waveform, and noise for what they cannot carry.

    features -> unfold 4 -> residuals (3 kHz rows) ---------------+-> times level -> synthesis
                                |                                 |                      |
                                +-> gains of noise channels --- times <- noise           v
                                                                              edges -> audio

Synthesis is learned and delay-free: a hop of audio depends on the latent of that same hop. Noise
that the latents cannot carry is made from a fixed table of random numbers, shaped by gains.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from rtvae.training.edges import Edges
from rtvae.training.layers import CausalConv, ExactConv, LeanResidual, Ops, Value, unfold
from rtvae.training.listening import Listening
from rtvae.training.noise import NOISE_UNIT, table_noise
from rtvae.training.shape import VaeConfig


class WaveformDecoder(Listening):
    """Latents to audio, one hop per latent row, without delay."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__(config)
        c = config
        self.up = CausalConv(c.decoder_channels, c.rows_per_hop * c.row_channels, 2)
        self.rows = nn.ModuleList(LeanResidual(c.row_channels, d) for d in c.row_dilations)
        self.gains = CausalConv(c.row_channels, c.noise_channels, 1)
        self.synthesis = ExactConv(
            c.row_channels + c.noise_channels, c.row_frames, c.synthesis_taps, bias=False
        )
        with torch.no_grad():
            assert self.gains.bias is not None
            self.gains.bias.fill_(-3.0)
        self.edges = (
            Edges(c.edges_hz, c.decoder_channels, c.row_frames, c.sample_rate_hz)
            if c.edges_hz
            else None
        )

    def forward(self, latent: Tensor, noise: Tensor | None = None) -> Tensor:
        """Whole sequence: `[B, latents, hops]` to `[B, 1, frames]`.

        `noise` is `[B, noise_channels, rows]` of unit Gaussian numbers; None takes the table's.
        """
        c = self.config
        x = features = self._features(latent)
        x = unfold(self.up(x), c.rows_per_hop)
        for block in self.rows:
            x = block(x)
        if noise is None:
            noise = table_noise(self.table, x.shape[2]).to(x)
        hiss = noise * functional.softplus(self.gains(x))
        loud = self._loud(latent).repeat_interleave(c.rows_per_hop, 2)
        x = self.synthesis(torch.cat([x, hiss], 1) * loud)
        if self.edges is not None:
            x = self.edges(x, features, c.rows_per_hop)
        return unfold(x, c.row_frames)

    def stream(self, ops: Ops, latent: Value, hops: int, noise: Value | None = None) -> Value:
        """Streaming: `[hops, latents]` to `[hops * hop_frames]`; with rows of noise if given."""
        c = self.config
        rows = hops * c.rows_per_hop
        loud = self._stream_loud(ops, latent)
        x = features = self._stream_features(ops, latent, hops)
        x = ops.reshape(self.up.stream(ops, "up", x, hops), rows, c.row_channels)
        for k, block in enumerate(self.rows):
            x = block.stream(ops, f"rows{k}", x, rows)  # type: ignore[operator]
        gain = ops.softplus(self.gains.stream(ops, "gains", x, rows))
        hiss = ops.mul(self.stream_noise(ops, hops) if noise is None else noise, gain)
        x = ops.scale_rows(ops.concat([x, hiss], 1), loud, hops, c.rows_per_hop)
        x = self._synthesis_of_table_noise().stream(ops, "synthesis", x, rows)
        if self.edges is not None:
            x = self.edges.stream(ops, x, features, hops, c.rows_per_hop)
        return ops.flatten(x, hops * c.hop_frames)

    def _synthesis_of_table_noise(self) -> CausalConv:
        """The last layer with the table's unit folded into the weights of the noise."""
        c = self.config
        both = c.row_channels + c.noise_channels
        last = CausalConv(both, c.row_frames, c.synthesis_taps, bias=False)
        last.weight.data = self.synthesis.weight.data.clone()
        last.weight.data[:, c.row_channels :] *= NOISE_UNIT
        return last
