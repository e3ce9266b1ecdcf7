"""A decoder that carries the waveform until its pitch is turned, and sings from there on.

    latents -> waveform side --------------------------------------- times 1 - turned --+
       |                                                                                |
       +-> listen -> mean over more than a period -> harmonic side --- times turned ----+-> audio
       |
       +-> pitch less the pitch heard -> turned, 0 to 1

A waveform in the latents comes nearest to its input and cannot be transposed; sines can, and come
less near. What makes the sines must not know the input's own period, or that is heard beneath the
new one: so whatever the harmonic side is told, except for the pitch, is a mean over a time that is
longer than the period of the lowest voice.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rtvae.training.harmonic import CENTS_PER_OCTAVE, HarmonicDecoder
from rtvae.training.layers import LEAK, CausalConv, Ops, Value, scoped
from rtvae.training.listening import spread_inputs
from rtvae.training.shape import HEARD_PITCH, VaeConfig
from rtvae.training.waveform import WaveformDecoder

STEADY_HOPS = 24
"""A Hann window of 32 ms at hops of 64: its first zero is at 62 Hz."""
NEAR_CENTS, FAR_CENTS = 12.0, 80.0
"""Up to the first the waveform alone is played, from the second on the sines alone."""
SUNG = "sung_"
"""What the names of the harmonic side's states begin with."""


class SteadySinger(HarmonicDecoder):
    """A harmonic decoder whose features cannot ripple, whatever little ripple it is given.

    In training a ripple with the old period helps, so its network learns to make the most of what
    a mean before it has left: what shapes the sines is a mean once more.
    """

    def _features(self, latent: Tensor) -> Tensor:
        return steady(super()._features(latent))

    def _stream_features(self, ops: Ops, latent: Value, hops: int) -> Value:
        x = super()._stream_features(ops, latent, hops)
        return stream_steady(ops, "calm", x, self.config.decoder_channels, hops)


class TurnableDecoder(torch.nn.Module):
    """Latents (loudness, brightness, pitch, pitch heard, timbres) to audio, without delay."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = c = config
        self.pitch_at = c.attributes.index("pitch")
        self.heard_at = c.attributes.index(HEARD_PITCH)
        self.carried = [k for k in range(c.latents) if k not in (self.pitch_at, self.heard_at)]
        self.wave = WaveformDecoder(c.carrying)
        self.listen = CausalConv(c.latents - 3, c.steady_features, 3)
        self.deepen = CausalConv(c.steady_features, c.steady_features, 1)
        self.sung = SteadySinger(c.singing)

    def listeners(self) -> tuple[CausalConv, ...]:
        """Return the layers whose last inputs are the learned latents."""
        return (self.wave.first, self.listen)

    def forward(self, latent: Tensor, noise: Tensor | None = None) -> Tensor:
        """Whole sequence: `[B, latents, hops]` to `[B, 1, frames]`.

        `noise` is `[B, noise_inputs, rows]` of unit Gaussian numbers; None takes the table's.
        """
        wave, sung = self.play_wave(latent, noise), self.sing(latent, noise)
        turned = self._ramp(self.turned(latent))
        return wave * (1.0 - turned) + sung * turned

    def play_wave(self, latent: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return what is heard as long as the pitch is the one heard, `[B, 1, frames]`."""
        few = None if noise is None else noise[:, : self.config.carrying.noise_inputs]
        played: Tensor = self.wave(latent[:, self.carried], few)
        return played

    def sing(self, latent: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return what is heard when the pitch is turned, `[B, 1, frames]`."""
        few = None if noise is None else noise[:, self.config.carrying.noise_inputs :]
        played: Tensor = self.sung(self._steady(latent), few)
        return played

    def turned(self, latent: Tensor) -> Tensor:
        """Return the share of the harmonic side, `[B, 1, hops]`, of `[B, latents, hops]`."""
        apart = latent[:, self.pitch_at] - latent[:, self.heard_at]
        slope, offset = _share_line()
        square = (apart * (CENTS_PER_OCTAVE / FAR_CENTS)).square()
        return (square * slope + offset).clamp(0.0, 1.0)[:, None]

    def _ramp(self, turned: Tensor) -> Tensor:
        """Return `[B, 1, frames]`: each hop goes from the share before it to its own."""
        within = self._within().to(turned)
        before = functional.pad(turned, (1, 0))[..., :-1]
        ramp = before[..., None] * (1.0 - within) + turned[..., None] * within
        return ramp.flatten(2)

    def _within(self) -> Tensor:
        return torch.arange(1, self.config.hop_frames + 1) / self.config.hop_frames

    def _steady(self, latent: Tensor) -> Tensor:
        """Return the harmonic side's latents, `[B, 3 + steady_features, hops]`."""
        # What swings around 0 would vanish in a mean: it is bent first.
        x = functional.leaky_relu(self.listen(latent[:, self.carried[1:]]), LEAK)
        x = functional.leaky_relu(self.deepen(x), LEAK)
        mean = steady(torch.cat([latent[:, :2], x], 1))
        pitch = latent[:, self.pitch_at : self.pitch_at + 1]
        return torch.cat([mean[:, :2], pitch, mean[:, 2:]], 1)

    def stream(self, ops: Ops, latent: Value, hops: int) -> Value:
        """Streaming: `[hops, latents]` to `[hops * hop_frames]`."""
        hop = self.config.hop_frames
        # Never heard together at their full level, both sides can have the same noise.
        noise = self.wave.stream_noise(ops, hops)
        wave = self.wave.stream(ops, ops.columns(latent, np.array(self.carried)), hops, noise)
        steady = self._stream_steady(ops, latent, hops)
        sung = self.sung.stream(scoped(ops, SUNG), steady, hops, noise)
        both = ops.concat([ops.reshape(wave, hops, hop), ops.reshape(sung, hops, hop)], 1)
        shares = self._stream_shares(ops, latent, hops)
        audio = ops.gemm(ops.mul(both, shares), torch.eye(hop).repeat(2, 1))
        return ops.flatten(audio, hops * hop)

    def _stream_shares(self, ops: Ops, latent: Value, hops: int) -> Value:
        """Return the gains of both sides, side by side, `[hops, 2 * hop_frames]`."""
        hop, within = self.config.hop_frames, self._within()
        pick = torch.zeros(self.config.latents, 1)
        pick[self.pitch_at] = CENTS_PER_OCTAVE / FAR_CENTS
        pick[self.heard_at] = -CENTS_PER_OCTAVE / FAR_CENTS
        apart = ops.gemm(latent, pick)
        slope, offset = _share_line()
        share = ops.gemm(ops.mul(apart, apart), torch.tensor([[slope]]), torch.tensor([offset]))
        ramp = CausalConv(1, 2 * hop, 2).requires_grad_(False)
        rise = torch.stack([1.0 - within, within], 1)
        ramp.weight.data = torch.cat([-rise, rise])[:, None]
        assert ramp.bias is not None
        ramp.bias[:hop] = 1.0
        return ramp.stream(ops, "turned", ops.clip(share, 0.0, 1.0), hops)

    def _stream_steady(self, ops: Ops, latent: Value, hops: int) -> Value:
        """Return the harmonic side's latents, `[hops, 3 + steady_features]`."""
        c, features = self.config, self.config.steady_features
        listen = spread_inputs(self.listen, c.latents, self.carried[1:])
        x = ops.leaky_relu(listen.stream(ops, "listen", latent, hops))
        x = ops.leaky_relu(self.deepen.stream(ops, "deepen", x, hops))
        x = ops.concat([ops.columns(latent, np.arange(2)), x], 1)
        mean = stream_steady(ops, "steady", x, 2 + features, hops)
        around = functional.pad(torch.eye(2 + features), (1, 0))
        around[:2] = torch.eye(3 + features)[:2]
        pitch = torch.zeros(c.latents, 3 + features)
        pitch[self.pitch_at, 2] = 1.0
        return ops.gemm(mean, around, plus=ops.gemm(latent, pitch))


def _share_line() -> tuple[float, float]:
    """Return slope and offset that take (cents / FAR_CENTS)^2 to 0 when near and 1 when far."""
    near = (NEAR_CENTS / FAR_CENTS) ** 2
    return 1.0 / (1.0 - near), -near / (1.0 - near)


def steady_weights() -> Tensor:
    """Return the window of a mean, newest last, `[STEADY_HOPS]`."""
    weights = np.hanning(STEADY_HOPS + 2)[1:-1]
    return torch.from_numpy((weights / weights.sum()).astype(np.float32))


def steady(x: Tensor) -> Tensor:
    """Return the mean of `[B, columns, hops]` over the last hops, in the same shape."""
    batch, columns, hops = x.shape
    line = functional.pad(x.reshape(batch * columns, 1, hops), (STEADY_HOPS - 1, 0))
    weights = steady_weights().to(x).reshape(1, 1, -1)
    return functional.conv1d(line, weights).reshape(batch, columns, hops)


def stream_steady(ops: Ops, name: str, x: Value, columns: int, hops: int) -> Value:
    """Streaming: the same for `[hops, columns]`."""
    context = STEADY_HOPS - 1
    window = ops.concat([ops.state(name, context, columns), x], 0)
    ops.carry(name, window, context + hops)
    weights = torch.zeros(hops, context + hops)
    for at in range(hops):
        weights[at, at : at + STEADY_HOPS] = steady_weights()
    return ops.mix_rows(weights, window, torch.zeros(1))
