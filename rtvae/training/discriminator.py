"""The opponent: tells recordings from reconstructions by their complex spectra at three scales.

Each scale is a small stack of 2-D convolutions over the real and imaginary parts of a short-time
spectrum, frequency halved by each layer. Sources: Defossez et al., High Fidelity Neural Audio
Compression (2022), section 3.4 (multi-scale STFT discriminator and relative feature matching);
Mao et al., Least Squares Generative Adversarial Networks (2016), eq. 9; Salimans and Kingma,
Weight Normalization (2016).
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

WINDOWS = (2048, 512, 128)
CHANNELS = 16
LEAK = 0.2
LAYERS = 4
FAINT = 1e-3

Verdict = tuple[Tensor, list[Tensor]]
"""Scores of every point of time and frequency, and the features they were made from."""


class OneScale(nn.Module):
    """Judges the spectrum of one window length."""

    window: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.register_buffer("window", torch.hann_window(size), persistent=False)
        widths = (2, *[CHANNELS] * LAYERS)
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv2d(a, b, (7, 3), (2, 1), (3, 1))) for a, b in pairwise(widths)
        )
        self.score = weight_norm(nn.Conv2d(CHANNELS, 1, 3, padding=1))

    def forward(self, audio: Tensor) -> Verdict:
        """Judge audio `[B, frames]`."""
        x = self._spectrum(audio)
        features = []
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), LEAK)
            features.append(x)
        return self.score(x), features

    def _spectrum(self, audio: Tensor) -> Tensor:
        """Return `[B, 2, frequencies, columns]`; half precision would drown what is faint."""
        with torch.autocast(audio.device.type, enabled=False):
            bins = torch.stft(
                audio.float(),
                self.size,
                self.size // 4,
                window=self.window,
                normalized=True,
                return_complex=True,
            )
            return torch.view_as_real(bins).permute(0, 3, 1, 2).contiguous()


class Discriminator(nn.Module):
    """All scales."""

    def __init__(self) -> None:
        super().__init__()
        self.scales = nn.ModuleList(OneScale(size) for size in WINDOWS)

    def forward(self, wanted: Tensor, played: Tensor) -> list[tuple[Verdict, Verdict]]:
        """Judge recordings and reconstructions `[B, frames]`: a pair of verdicts per scale.

        Both are brought to the loudness of the recording first: a whisper counts like a shout.
        """
        loud = wanted.square().mean(1, keepdim=True).sqrt() + FAINT
        both = torch.cat([wanted / loud, played / loud])
        return [_halves(*scale(both)) for scale in self.scales]


def _halves(scores: Tensor, features: list[Tensor]) -> tuple[Verdict, Verdict]:
    first, second = scores.chunk(2)
    pairs = [feature.chunk(2) for feature in features]
    return (first, [a for a, _ in pairs]), (second, [b for _, b in pairs])


def loss_of_opponent(verdicts: list[tuple[Verdict, Verdict]]) -> Tensor:
    """Return how badly recordings were told from reconstructions: 0 at best, 0.5 by guessing."""
    loss = torch.zeros((), device=verdicts[0][0][0].device)
    for (real, _), (fake, _) in verdicts:
        loss = loss + (real.float() - 1.0).square().mean() + fake.float().square().mean()
    return loss / len(verdicts)


def losses_of_player(verdicts: list[tuple[Verdict, Verdict]]) -> tuple[Tensor, Tensor]:
    """Return how easily reconstructions were recognised, and how far their features are off."""
    device = verdicts[0][0][0].device
    caught, apart = torch.zeros((), device=device), torch.zeros((), device=device)
    for (_, wanted), (fake, played) in verdicts:
        caught = caught + (fake.float() - 1.0).square().mean()
        for a, b in zip(wanted, played, strict=True):
            a, b = a.detach().float().flatten(1), b.float().flatten(1)
            # Clip by clip, so that the mean over a batch is that over its parts.
            share = (a - b).abs().mean(1) / (a.abs().mean(1) + FAINT)
            apart = apart + share.mean() / len(wanted)
    return caught / len(verdicts), apart / len(verdicts)
