"""A network as the RAVE paper describes it, at any width: the yardstick of `training_speed.py`.

    audio -> 16 bands -> four strided convolutions -> mean, std (one per 2048 frames)
                                                          |
    audio <- 16 bands <- waveform * loudness + noise <- four upsamplings with residual stacks

Written from the paper alone: Caillon and Esling, RAVE: A variational autoencoder for fast and
high-quality neural audio synthesis (2021). What it leaves to its sources is taken from those:
Nguyen, Near-perfect-reconstruction pseudo-QMF banks (1994); Kumar et al., MelGAN (2019)
for the residual stacks; Engel et al., DDSP (2020) for filtered noise. It serves to be timed and
counted; nobody should train a model with it.
"""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm
from torch.utils.flop_counter import FlopCounterMode

BANDS = 16
BAND_TAPS = 256
BAND_EDGE = 1.14
"""Where the prototype ends, in half bands: so bands cut and joined again lose 0.1 percent."""
STRIDES = (4, 4, 4, 2)
LATENTS = 128
DILATIONS = (1, 3, 9)
LEAK = 0.2
NOISE_FILTER_BANDS = 5
NOISE_FRAME_ROWS = 64
HOP_FRAMES = BANDS * math.prod(STRIDES)


class FilterBank(nn.Module):
    """Audio `[B, 1, frames]` to `[B, 16, frames / 16]` and back, by one cosine-modulated window."""

    filters: Tensor

    def __init__(self) -> None:
        super().__init__()
        at = np.arange(BAND_TAPS) - (BAND_TAPS - 1) / 2
        edge = BAND_EDGE / (2 * BANDS)
        low = edge * np.sinc(edge * at) * np.kaiser(BAND_TAPS, 10.0)
        band = np.arange(BANDS)[:, None]
        turn = (-1.0) ** band * math.pi / 4
        filters = 2 * low * np.cos((2 * band + 1) * math.pi / (2 * BANDS) * at + turn)
        self.register_buffer("filters", torch.from_numpy(filters.astype(np.float32))[:, None])

    def split(self, audio: Tensor) -> Tensor:
        """Return the bands."""
        return functional.conv1d(
            audio, self.filters, stride=BANDS, padding=(BAND_TAPS - BANDS) // 2
        )

    def join(self, bands: Tensor) -> Tensor:
        """Return the audio of bands, `[B, 1, frames]`."""
        return functional.conv_transpose1d(
            bands, BANDS * self.filters, stride=BANDS, padding=(BAND_TAPS - BANDS) // 2
        )


class Residual(nn.Module):
    """One block of a residual stack: a dilated convolution and a pointwise one beside a skip."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.path = nn.Sequential(
            nn.LeakyReLU(LEAK),
            weight_norm(nn.Conv1d(channels, channels, 3, padding="same", dilation=dilation)),
            nn.LeakyReLU(LEAK),
            weight_norm(nn.Conv1d(channels, channels, 1)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape."""
        added: Tensor = x + self.path(x)
        return added


class RaveNetwork(nn.Module):
    """The autoencoder; `width` is the number of channels of the widest rows, 64 in the paper.

    The others have 2, 4 and 8 times as many, rounded, so that fractions of a channel count.
    """

    def __init__(self, width: float) -> None:
        super().__init__()
        self.channels = tuple(max(1, round(width * 2**k)) for k in range(len(STRIDES)))
        self.bank = FilterBank()
        layers: list[nn.Module] = []
        for (inputs, outputs), stride in zip(
            pairwise((BANDS, *self.channels)), STRIDES, strict=True
        ):
            kernel = 2 * stride + 1
            layers += [
                nn.Conv1d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False),
                nn.BatchNorm1d(outputs),
                nn.LeakyReLU(LEAK),
            ]
        self.encoder = nn.Sequential(*layers, nn.Conv1d(self.channels[-1], 2 * LATENTS, 5, 1, 2))
        up: list[nn.Module] = [weight_norm(nn.Conv1d(LATENTS, self.channels[-1], 7, 1, 3))]
        outward = (*reversed(self.channels), self.channels[0])
        for (inputs, outputs), stride in zip(pairwise(outward), reversed(STRIDES), strict=True):
            up.append(nn.LeakyReLU(LEAK))
            up.append(
                weight_norm(
                    nn.ConvTranspose1d(inputs, outputs, 2 * stride, stride, padding=stride // 2)
                )
            )
            up += [Residual(outputs, dilation) for dilation in DILATIONS]
        self.decoder = nn.Sequential(*up)
        self.waveform = weight_norm(nn.Conv1d(self.channels[0], BANDS, 7, 1, 3))
        self.loudness = weight_norm(nn.Conv1d(self.channels[0], 1, 7, 1, 3))
        self.noise = weight_norm(
            nn.Conv1d(
                self.channels[0], BANDS * NOISE_FILTER_BANDS, NOISE_FRAME_ROWS, NOISE_FRAME_ROWS
            )
        )

    def forward(self, audio: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what is played `[B, 1, frames]`, mean and std of `[B, 1, frames]` of audio.

        `frames` must be a multiple of 2048.
        """
        mean, spread = self.encoder(self.bank.split(audio)).chunk(2, 1)
        std = functional.softplus(spread) + 1e-4
        x = self.decoder(mean + std * torch.randn_like(mean))
        bands = torch.tanh(self.waveform(x)) * torch.sigmoid(self.loudness(x))
        return self.bank.join(bands + self._hiss(x)), mean, std

    def _hiss(self, x: Tensor) -> Tensor:
        """White noise in each band through filters given by their magnitudes, row by row."""
        height = torch.sigmoid(self.noise(x) - 5.0)
        batch, _, columns = height.shape
        height = height.reshape(batch, BANDS, NOISE_FILTER_BANDS, columns).transpose(2, 3)
        response = torch.fft.irfft(height.to(torch.complex64))
        size = 2 * NOISE_FRAME_ROWS
        white = 2 * torch.rand(batch, BANDS, columns, NOISE_FRAME_ROWS, device=x.device) - 1
        shaped = torch.fft.rfft(white, size) * torch.fft.rfft(response, size)
        hiss: Tensor = torch.fft.irfft(shaped, size)[..., :NOISE_FRAME_ROWS]
        return hiss.reshape(batch, BANDS, columns * NOISE_FRAME_ROWS)


def rave_network_with(target: float, measure: Callable[[nn.Module], float]) -> RaveNetwork:
    """Return the network of that width at which `measure`, which grows with it, is `target`."""
    low, high = 1.0, 256.0
    while high - low > 0.02:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if measure(RaveNetwork(middle)) < target else (low, middle)
    return RaveNetwork(high)


def count_parameters(network: nn.Module) -> int:
    """Return how many numbers are learned."""
    return sum(weight.numel() for weight in network.parameters())


def multiply_adds_per_second(network: nn.Module, sample_rate_hz: int) -> float:
    """Return the multiply-adds of products and convolutions for a second of audio."""
    audio = torch.zeros(1, 1, 8 * HOP_FRAMES)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(audio)
    return float(counter.get_total_flops() / 2 / audio.shape[2] * sample_rate_hz)
