"""The model: a causal VAE over hops of 64 frames, with loudness as a latent of its own.

    audio -> level ---------------------------------------> latent 1, exact
      |        | divides
      +-> analysis (3 kHz rows) -> residuals -> fold 4 -> residuals (750 Hz) -> mean, std
                                                                                   |
    audio <- synthesis <- times level <- tone + noise <- residuals <- unfold 4 <- residuals

Analysis and synthesis are learned and delay-free: a hop of audio depends on the latent of that
same hop. The network works on audio divided by its running level, so that it hears a whisper and
a shout alike, and the level itself is played back exactly. Noise that the latents cannot carry is
made from a fixed table of random numbers, shaped by gains the decoder computes.

Sources: Kingma and Welling, Auto-Encoding Variational Bayes (2013), eq. 7 for the divergence;
the idea of small-hop causal waveform autoencoders follows Caspe et al., BRAVE (2025).
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from rtvae.training.layers import CausalConv, LeanResidual, Ops, Value, fold, unfold

LEVEL_FLOOR = 1e-9
LEVEL_TAPS = 32
LOG_LEVEL_RANGE = (-12.0, 3.0)
LOG_STD_RANGE = (-8.0, 2.0)
LOUDNESS_STD = 0.02
NOISE_ROWS = 4096
NOISE_UNIT = 1.0 / 32.0


@dataclass(frozen=True)
class VaeConfig:
    """The shape of a model; two models with equal configs can exchange weights."""

    sample_rate_hz: int = 48000
    hop_frames: int = 64
    row_frames: int = 16
    latents: int = 16
    analysis_taps: int = 8
    synthesis_taps: int = 8
    row_channels: int = 64
    encoder_channels: int = 96
    decoder_channels: int = 128
    noise_channels: int = 32
    row_dilations: tuple[int, ...] = (1, 3, 9)
    encoder_dilations: tuple[int, ...] = (1, 3, 9)
    decoder_dilations: tuple[int, ...] = (1, 3, 9, 27)

    @property
    def rows_per_hop(self) -> int:
        """How many analysis rows one latent spans."""
        return self.hop_frames // self.row_frames

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for a checkpoint's metadata."""
        return asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> "VaeConfig":
        """Undo `as_dict` (lists become tuples again)."""
        plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
        return VaeConfig(**plain)


def level_weights() -> NDArray[np.float32]:
    """Weights over the last hops' mean squares, newest last: 10 ms decay and a fast attack."""
    decay = np.exp(-np.arange(LEVEL_TAPS)[::-1] / 8.0)
    weights = 0.7 * decay / decay.sum()
    weights[-1] += 0.3
    return np.asarray(weights, np.float32)


def noise_table(channels: int) -> NDArray[np.int8]:
    """The fixed random numbers of every model: Gaussian, standard deviation 32, int8."""
    draw = np.random.default_rng(20260001).normal(0.0, 32.0, (NOISE_ROWS, channels))
    return np.clip(np.round(draw), -127, 127).astype(np.int8)


class Encoder(nn.Module):
    """Audio to the mean and standard deviation of each latent, one per hop."""

    level_weight: Tensor
    loudness_centre: Tensor
    loudness_scale: Tensor
    spread: Tensor

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = c = config
        self.analysis = CausalConv(c.row_frames, c.row_channels, c.analysis_taps, bias=False)
        self.rows = nn.ModuleList(LeanResidual(c.row_channels, d) for d in c.row_dilations)
        self.down = CausalConv(c.rows_per_hop * c.row_channels, c.encoder_channels, 2)
        self.hops = nn.ModuleList(LeanResidual(c.encoder_channels, d) for d in c.encoder_dilations)
        self.head = CausalConv(c.encoder_channels, 2 * (c.latents - 1), 1)
        self.register_buffer("level_weight", torch.from_numpy(level_weights()).reshape(1, 1, -1))
        self.register_buffer("loudness_centre", torch.tensor(0.0))
        self.register_buffer("loudness_scale", torch.tensor(1.0))
        # How the variances of the learned dimensions add up in the exported ones: see pca.py.
        self.register_buffer("spread", torch.eye(c.latents - 1), persistent=False)

    def log_level(self, audio: Tensor) -> Tensor:
        """Return the natural log of the running level, `[B, 1, hops]`, of `[B, 1, frames]`."""
        square = fold(audio, self.config.hop_frames).square().mean(1, keepdim=True)
        smooth = functional.conv1d(functional.pad(square, (LEVEL_TAPS - 1, 0)), self.level_weight)
        return 0.5 * torch.log(smooth + LEVEL_FLOOR)

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
        loudness = (level - self.loudness_centre) / self.loudness_scale
        variance = torch.exp(2.0 * log_std.clamp(*LOG_STD_RANGE))
        std = torch.sqrt(torch.einsum("oi,bit->bot", self.spread, variance))
        return (
            torch.cat([loudness, mean], 1),
            torch.cat([torch.full_like(loudness, LOUDNESS_STD), std], 1),
        )

    def stream(self, ops: Ops, audio: Value, hops: int) -> tuple[Value, Value]:
        """Streaming: `[hops * hop_frames]` to mean and std, each `[hops, latents]`."""
        c = self.config
        rows = hops * c.rows_per_hop
        square = self._stream_square(ops, audio, hops)
        quiet = ops.power(square, -0.5)
        x = self.analysis.stream(ops, "analysis", ops.reshape(audio, rows, c.row_frames), rows)
        x = ops.scale_rows(x, quiet, hops, c.rows_per_hop)
        for k, block in enumerate(self.rows):
            x = block.stream(ops, f"rows{k}", x, rows)  # type: ignore[operator]
        x = ops.reshape(x, hops, c.rows_per_hop * c.row_channels)
        x = self.down.stream(ops, "down", x, hops)
        for k, block in enumerate(self.hops):
            x = block.stream(ops, f"hops{k}", x, hops)  # type: ignore[operator]
        return self._stream_mean(ops, x, ops.log(square)), self._stream_std(ops, x)

    def _stream_mean(self, ops: Ops, x: Value, log_square: Value) -> Value:
        """Loudness and the head's first half, summed into one `[hops, latents]`."""
        dims, bias = self.config.latents - 1, self.head.bias
        assert bias is not None
        scale = 1.0 / float(self.loudness_scale)
        loudness = torch.zeros(1, dims + 1)
        loudness[0, 0] = 0.5 * scale
        start = functional.pad(bias[:dims], (1, 0))
        start[0] = -scale * float(self.loudness_centre)
        weight = functional.pad(self.head.weight[:dims, :, 0].T, (1, 0))
        return ops.gemm(x, weight, plus=ops.gemm(log_square, loudness, start))

    def _stream_std(self, ops: Ops, x: Value) -> Value:
        dims, bias = self.config.latents - 1, self.head.bias
        assert bias is not None
        low, high = LOG_STD_RANGE
        log_variance = ops.gemm(x, 2.0 * self.head.weight[dims:, :, 0].T, 2.0 * bias[dims:])
        variance = ops.exp(ops.clip(log_variance, 2.0 * low, 2.0 * high))
        fixed = torch.zeros(dims + 1)
        fixed[0] = LOUDNESS_STD**2
        return ops.sqrt(ops.gemm(variance, functional.pad(self.spread.T, (1, 0)), fixed))

    def _stream_square(self, ops: Ops, audio: Value, hops: int) -> Value:
        """The running mean square, `[hops, 1]`: the level is its root."""
        frames = ops.reshape(audio, hops, self.config.hop_frames)
        square = ops.mean_square(frames, hops, self.config.hop_frames)
        context = LEVEL_TAPS - 1
        window = ops.concat([ops.state("level", context, 1), square], axis=0)
        ops.carry("level", window, context + hops)
        # A row of weights for each hop, the next one place further.
        weights = torch.zeros(hops, context + hops)
        for hop in range(hops):
            weights[hop, hop : hop + LEVEL_TAPS] = self.level_weight[0, 0]
        return ops.mix_rows(weights, window, torch.tensor([LEVEL_FLOOR]))


class Decoder(nn.Module):
    """Latents to audio, one hop per latent row, without delay."""

    loudness_centre: Tensor
    loudness_scale: Tensor

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = c = config
        self.first = CausalConv(c.latents - 1, c.decoder_channels, 3)
        self.hops = nn.ModuleList(LeanResidual(c.decoder_channels, d) for d in c.decoder_dilations)
        self.up = CausalConv(c.decoder_channels, c.rows_per_hop * c.row_channels, 2)
        self.rows = nn.ModuleList(LeanResidual(c.row_channels, d) for d in c.row_dilations)
        self.gains = CausalConv(c.row_channels, c.noise_channels, 1)
        self.synthesis = CausalConv(
            c.row_channels + c.noise_channels, c.row_frames, c.synthesis_taps, bias=False
        )
        with torch.no_grad():
            assert self.gains.bias is not None
            self.gains.bias.fill_(-3.0)
        self.register_buffer("loudness_centre", torch.tensor(0.0))
        self.register_buffer("loudness_scale", torch.tensor(1.0))
        self.table = noise_table(c.noise_channels)

    def forward(self, latent: Tensor, noise: Tensor | None = None) -> Tensor:
        """Whole sequence: `[B, latents, hops]` to `[B, 1, frames]`.

        `noise` is `[B, noise_channels, rows]` of unit Gaussian numbers; None takes the table's.
        """
        c = self.config
        level = latent[:, :1] * self.loudness_scale + self.loudness_centre
        x = self.first(latent[:, 1:])
        for block in self.hops:
            x = block(x)
        x = unfold(self.up(x), c.rows_per_hop)
        for block in self.rows:
            x = block(x)
        if noise is None:
            noise = self._table_noise(x.shape[2]).to(x)
        hiss = noise * functional.softplus(self.gains(x))
        loud = torch.exp(level.clamp(*LOG_LEVEL_RANGE)).repeat_interleave(c.rows_per_hop, 2)
        return unfold(self.synthesis(torch.cat([x, hiss], 1) * loud), c.row_frames)

    def _table_noise(self, rows: int) -> Tensor:
        at = np.arange(rows) % NOISE_ROWS
        return torch.from_numpy(self.table[at].T.astype(np.float32) * NOISE_UNIT)[None]

    def stream(self, ops: Ops, latent: Value, hops: int) -> Value:
        """Streaming: `[hops, latents]` to `[hops * row_frames * rows_per_hop]` frames."""
        c = self.config
        rows = hops * c.rows_per_hop
        pick = torch.zeros(c.latents, 1)
        pick[0, 0] = float(self.loudness_scale)
        level = ops.gemm(latent, pick, self.loudness_centre.reshape(1))
        loud = ops.exp(ops.clip(level, *LOG_LEVEL_RANGE))
        x: Value = self._first_of_all().stream(ops, "first", latent, hops)
        for k, block in enumerate(self.hops):
            x = block.stream(ops, f"hops{k}", x, hops)  # type: ignore[operator]
        x = ops.reshape(self.up.stream(ops, "up", x, hops), rows, c.row_channels)
        for k, block in enumerate(self.rows):
            x = block.stream(ops, f"rows{k}", x, rows)  # type: ignore[operator]
        gain = ops.softplus(self.gains.stream(ops, "gains", x, rows))
        table = self.table.reshape(-1, c.rows_per_hop, c.noise_channels)
        hiss = ops.mul(ops.noise("noise", hops, table), gain)
        x = ops.scale_rows(ops.concat([x, hiss], 1), loud, hops, c.rows_per_hop)
        audio = self._synthesis_of_table_noise().stream(ops, "synthesis", x, rows)
        return ops.flatten(audio, hops * c.hop_frames)

    def _synthesis_of_table_noise(self) -> CausalConv:
        """The last layer with the table's unit folded into the weights of the noise."""
        c = self.config
        both = c.row_channels + c.noise_channels
        last = CausalConv(both, c.row_frames, c.synthesis_taps, bias=False)
        last.weight.data = self.synthesis.weight.data.clone()
        last.weight.data[:, c.row_channels :] *= NOISE_UNIT
        return last

    def _first_of_all(self) -> CausalConv:
        """The first layer over all latents; loudness has no say in the timbre."""
        whole = CausalConv(self.config.latents, self.config.decoder_channels, self.first.kernel)
        whole.weight.data = functional.pad(self.first.weight.data, (0, 0, 1, 0))
        whole.bias = self.first.bias
        return whole


class Vae(nn.Module):
    """Encoder and decoder, joined by a Gaussian posterior."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)

    def forward(
        self, audio: Tensor, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Training pass: `[B, 1, frames]` to sampled audio, mean and std `[B, latents, hops]`."""
        mean, std = self.encoder(audio)
        draw = torch.randn(mean.shape, device=mean.device, generator=generator)
        rows = mean.shape[2] * self.config.rows_per_hop
        noise = torch.randn(
            (mean.shape[0], self.config.noise_channels, rows),
            device=mean.device,
            generator=generator,
        )
        return self.decoder(mean + std * draw, noise), mean, std


def divergence(mean: Tensor, std: Tensor) -> Tensor:
    """KL divergence from the unit Gaussian in nats, `[latents - 1]`: loudness is not counted."""
    mean, std = mean[:, 1:], std[:, 1:]
    nats = 0.5 * (mean.square() + std.square() - 1.0) - torch.log(std)
    return nats.mean((0, 2))
