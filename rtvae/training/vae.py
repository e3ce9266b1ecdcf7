"""The model: a causal VAE over hops of 64 frames, with loudness as a latent of its own.

    audio -> level ---------------------------------------> latent 1, exact
      |        | divides
      +-> analysis (3 kHz rows) -> residuals -> fold 4 -> residuals (750 Hz) -> mean, std
                                                                                   |
    audio <- one of three decoders: waveform, harmonic, turnable <----------------+

Analysis is learned and delay-free. The network works on audio divided by its running level, so
that it hears a whisper and a shout alike, and the level itself is played back exactly. An
instrument has brightness, and pitch if its decoder can sing, as further latents that are measured
and not learned.

Sources: Kingma and Welling, Auto-Encoding Variational Bayes (2013), eq. 7 for the divergence;
the idea of small-hop causal waveform autoencoders follows Caspe et al., BRAVE (2025).
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from rtvae.training.exact import exact
from rtvae.training.harmonic import HarmonicDecoder
from rtvae.training.layers import CausalConv, ExactConv, LeanResidual, Ops, Value, fold
from rtvae.training.pitch import Pitch
from rtvae.training.shape import HEARD_PITCH, VaeConfig
from rtvae.training.turnable import TurnableDecoder
from rtvae.training.waveform import WaveformDecoder

LEVEL_FLOOR = 1e-9
LEVEL_TAPS = 32
LOG_STD_RANGE = (-8.0, 2.0)
ATTRIBUTE_STD = {"loudness": 0.02, "brightness": 0.02, "pitch": 0.002, HEARD_PITCH: 0.0005}
"""How far `variation` moves what is measured: a quarter of a dB, 24, 2 and less than 1 cent."""
BRIGHTNESS_CENTRE_HZ = 2000.0
"""Where the brightness latent is 0: an rms frequency; one octave is one unit."""


def level_weights() -> NDArray[np.float32]:
    """Weights over the last hops' mean squares, newest last: 10 ms decay and a fast attack."""
    decay = np.exp(-np.arange(LEVEL_TAPS)[::-1] / 8.0)
    weights = 0.7 * decay / decay.sum()
    weights[-1] += 0.3
    return np.asarray(weights, np.float32)


class Encoder(nn.Module):
    """Audio to the mean and standard deviation of each latent, one per hop."""

    level_weight: Tensor
    loudness_centre: Tensor
    loudness_scale: Tensor
    spread: Tensor

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = c = config
        self.analysis = ExactConv(c.row_frames, c.row_channels, c.analysis_taps, bias=False)
        self.rows = nn.ModuleList(LeanResidual(c.row_channels, d) for d in c.row_dilations)
        self.down = CausalConv(c.rows_per_hop * c.row_channels, c.encoder_channels, 2)
        self.hops = nn.ModuleList(LeanResidual(c.encoder_channels, d) for d in c.encoder_dilations)
        self.head = CausalConv(c.encoder_channels, 2 * c.learned, 1)
        self.register_buffer("level_weight", torch.from_numpy(level_weights()).reshape(1, 1, -1))
        self.register_buffer("loudness_centre", torch.tensor(0.0))
        self.register_buffer("loudness_scale", torch.tensor(1.0))
        # How the variances of the learned dimensions add up in the exported ones: see pca.py.
        self.register_buffer("spread", torch.eye(c.learned), persistent=False)
        self.pitch = Pitch(c.hop_frames, c.sample_rate_hz) if "pitch" in c.attributes else None

    @exact
    def _smooth_square(self, audio: Tensor) -> Tensor:
        square = fold(audio, self.config.hop_frames).square().mean(1, keepdim=True)
        return functional.conv1d(functional.pad(square, (LEVEL_TAPS - 1, 0)), self.level_weight)

    def log_level(self, audio: Tensor) -> Tensor:
        """Return the natural log of the running level, `[B, 1, hops]`, of `[B, 1, frames]`."""
        return 0.5 * torch.log(self._smooth_square(audio) + LEVEL_FLOOR)

    def measured(
        self, audio: Tensor, pitch: Tensor | None = None, level: Tensor | None = None
    ) -> Tensor:
        """Return the latents that are not learned, `[B, attributes, hops]`.

        `pitch` and the log level may be given where they are known already.

        Brightness is the running rms frequency in octaves: the level of the sound's difference
        over its own level, which is the root of the second moment of the power spectrum.
        """
        level = self.log_level(audio) if level is None else level
        found = {"loudness": (level - self.loudness_centre) / self.loudness_scale}
        if "brightness" in self.config.attributes:
            steps = audio - functional.pad(audio, (1, 0))[..., :-1]
            slope = 0.5 * torch.log(self._smooth_square(steps) + self._slope_floor)
            found["brightness"] = (slope - level - self._log_slope) / math.log(2.0)
        if self.pitch is not None:
            found["pitch"] = self.pitch(audio) if pitch is None else pitch
            found[HEARD_PITCH] = found["pitch"]
        return torch.cat([found[name] for name in self.config.attributes], 1)

    def _fixed_std(self) -> Tensor:
        return torch.tensor([ATTRIBUTE_STD[name] for name in self.config.attributes])

    @property
    def _log_slope(self) -> float:
        """The natural log of slope over level for a tone at the centre of brightness."""
        return math.log(2 * math.pi * BRIGHTNESS_CENTRE_HZ / self.config.sample_rate_hz)

    @property
    def _slope_floor(self) -> float:
        return LEVEL_FLOOR * math.exp(2 * self._log_slope)

    def forward(self, audio: Tensor) -> tuple[Tensor, Tensor]:
        """Whole sequence: `[B, 1, frames]` to mean and std, each `[B, latents, hops]`."""
        c = self.config
        level = self.log_level(audio)
        x = self.analysis(fold(audio, c.row_frames))
        x = x * torch.exp(-level).repeat_interleave(c.rows_per_hop, 2)
        for block in self.rows:
            x = block(x)
        x = self.down(fold(x, c.rows_per_hop))
        for block in self.hops:
            x = block(x)
        mean, log_std = self.head(x).chunk(2, 1)
        measured = self.measured(audio, level=level)
        variance = torch.exp(2.0 * log_std.clamp(*LOG_STD_RANGE))
        std = torch.sqrt(torch.einsum("oi,bit->bot", self.spread, variance))
        return (
            torch.cat([measured, mean], 1),
            torch.cat([self._fixed_std().to(std)[:, None].expand_as(measured), std], 1),
        )

    def stream(self, ops: Ops, audio: Value, hops: int) -> tuple[Value, Value]:
        """Streaming: `[hops * hop_frames]` to mean and std, each `[hops, latents]`."""
        c = self.config
        rows = hops * c.rows_per_hop
        frames = ops.reshape(audio, hops, c.hop_frames)
        squares = self._stream_squares(ops, frames, hops)
        square = (
            squares if "brightness" not in c.attributes else ops.columns(squares, np.array([0]))
        )
        quiet = ops.power(square, -0.5)
        x = self.analysis.stream(ops, "analysis", ops.reshape(audio, rows, c.row_frames), rows)
        x = ops.scale_rows(x, quiet, hops, c.rows_per_hop)
        for k, block in enumerate(self.rows):
            x = block.stream(ops, f"rows{k}", x, rows)  # type: ignore[operator]
        x = ops.reshape(x, hops, c.rows_per_hop * c.row_channels)
        x = self.down.stream(ops, "down", x, hops)
        for k, block in enumerate(self.hops):
            x = block.stream(ops, f"hops{k}", x, hops)  # type: ignore[operator]
        octaves = None if self.pitch is None else self.pitch.stream(ops, frames, hops)
        return self._stream_mean(ops, x, ops.log(squares), octaves), self._stream_std(ops, x)

    def _stream_mean(self, ops: Ops, x: Value, log_squares: Value, octaves: Value | None) -> Value:
        """What is measured and the head's first half, summed into one `[hops, latents]`."""
        c, bias = self.config, self.head.bias
        assert bias is not None
        scale, measured = 1.0 / float(self.loudness_scale), len(c.attributes)
        start = functional.pad(bias[: c.learned], (measured, 0))
        start[0] = -scale * float(self.loudness_centre)
        bright = "brightness" in c.attributes
        spread = torch.zeros(2 if bright else 1, c.latents)
        spread[0, 0] = 0.5 * scale
        if bright:
            at = c.attributes.index("brightness")
            spread[:, at] = torch.tensor([-0.5, 0.5]) / math.log(2.0)
            start[at] = -self._log_slope / math.log(2.0)
        known = ops.gemm(log_squares, spread, start)
        if octaves is not None:
            place = torch.zeros(1, c.latents)
            for name in {"pitch", HEARD_PITCH}.intersection(c.attributes):
                place[0, c.attributes.index(name)] = 1.0
            known = ops.gemm(octaves, place, plus=known)
        weight = functional.pad(self.head.weight[: c.learned, :, 0].T, (measured, 0))
        return ops.gemm(x, weight, plus=known)

    def _stream_std(self, ops: Ops, x: Value) -> Value:
        dims, bias = self.config.learned, self.head.bias
        measured = len(self.config.attributes)
        assert bias is not None
        low, high = LOG_STD_RANGE
        log_variance = ops.gemm(x, 2.0 * self.head.weight[dims:, :, 0].T, 2.0 * bias[dims:])
        variance = ops.exp(ops.clip(log_variance, 2.0 * low, 2.0 * high))
        fixed = torch.zeros(measured + dims)
        fixed[:measured] = self._fixed_std() ** 2
        return ops.sqrt(ops.gemm(variance, functional.pad(self.spread.T, (measured, 0)), fixed))

    def _stream_squares(self, ops: Ops, frames: Value, hops: int) -> Value:
        """The running mean square, and that of the differences if there is brightness."""
        hop = self.config.hop_frames
        square, floor = ops.mean_square(frames, hops, hop), torch.tensor([LEVEL_FLOOR])
        if "brightness" in self.config.attributes:
            steps = self._differences().stream(ops, "slope", frames, hops)
            square = ops.concat([square, ops.mean_square(steps, hops, hop)], axis=1)
            floor = torch.tensor([LEVEL_FLOOR, self._slope_floor])
        context = LEVEL_TAPS - 1
        window = ops.concat([ops.state("level", context, floor.shape[0]), square], axis=0)
        ops.carry("level", window, context + hops)
        # A row of weights for each hop, the next one place further.
        weights = torch.zeros(hops, context + hops)
        for hop_at in range(hops):
            weights[hop_at, hop_at : hop_at + LEVEL_TAPS] = self.level_weight[0, 0]
        return ops.mix_rows(weights, window, floor)

    def _differences(self) -> CausalConv:
        """Each frame less the one before it, in hop rows."""
        hop = self.config.hop_frames
        steps = CausalConv(hop, hop, 2, bias=False)
        steps.weight.data = torch.zeros(hop, hop, 2)
        steps.weight.data[:, :, 1] = torch.eye(hop) - torch.diag(torch.ones(hop - 1), -1)
        steps.weight.data[0, hop - 1, 0] = -1.0
        return steps


DECODERS: dict[str, type[WaveformDecoder] | type[HarmonicDecoder] | type[TurnableDecoder]] = {
    "waveform": WaveformDecoder,
    "harmonic": HarmonicDecoder,
    "both": TurnableDecoder,
}
"""By the source that a shape names."""


class Vae(nn.Module):
    """Encoder and decoder, joined by a Gaussian posterior."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = DECODERS[config.source](config)

    def divergence(self, mean: Tensor, std: Tensor) -> Tensor:
        """KL divergence from the unit Gaussian in nats, `[learned]`: measured latents cost none."""
        skipped = len(self.config.attributes)
        mean, std = mean[:, skipped:], std[:, skipped:]
        nats = 0.5 * (mean.square() + std.square() - 1.0) - torch.log(std)
        return nats.mean((0, 2))
