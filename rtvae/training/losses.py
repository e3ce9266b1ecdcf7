"""How far a reconstruction is from its original, in ways that can be descended.

*Log-mel distance over seven windows* (64 to 4096 frames): what the ear notices, in nepers. Each
window's floor scales so that the same noise lies under it. *Complex distance below 6 kHz*: keeps
the phase where hearing follows it, so that pitches stay steady. Sources: Yamamoto et al.,
Parallel WaveGAN (2020), eq. 4-6 for multi-resolution STFT losses; Kumar et al., Descript Audio
Codec (2023), section 3.3 for mel bands per window.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rtvae.dsp.distance import mel_bank
from rtvae.training.spectra import spectra

MEL_WINDOWS = ((4096, 120), (2048, 80), (1024, 64), (512, 40), (256, 24), (128, 14), (64, 8))
COMPLEX_WINDOWS = (2048, 512, 128)
COMPLEX_TOP_HZ = 6000.0
LEAST_HOP = 32
LARGEST = max(size for size, _ in MEL_WINDOWS)
MAGNITUDE_FLOOR = 0.005
"""Mel magnitude at window 2048, plain FFT, under which all is silence."""


class SpectralDistance(nn.Module):
    """Both distances of two batches of audio `[B, frames]`."""

    def __init__(self, sample_rate_hz: int) -> None:
        super().__init__()
        self.sample_rate_hz = sample_rate_hz
        for size, bands in MEL_WINDOWS:
            bank = mel_bank(sample_rate_hz, size, bands).astype(np.float32)
            used = bank.sum(1) > 0
            self.register_buffer(f"window{size}", torch.hann_window(size))
            self.register_buffer(f"bank{size}", torch.from_numpy(bank[used].T.copy()))

    def forward(self, played: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
        """Return the log-mel distance in nepers and the relative complex distance."""
        # Half precision has neither the range of magnitudes nor an FFT of every size.
        with torch.autocast(played.device.type, enabled=False):
            return self._distances(_ready(played), _ready(wanted))

    def _distances(self, played: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
        mel = torch.zeros((), device=played.device)
        phase = torch.zeros((), device=played.device)
        for size, _ in MEL_WINDOWS:
            complex_bins = 0
            if size in COMPLEX_WINDOWS:
                complex_bins = int(COMPLEX_TOP_HZ / self.sample_rate_hz * size) + 1
            (a, low_a), (b, low_b) = (self._views(x, size, complex_bins) for x in (played, wanted))
            mel = mel + (a - b).abs().mean() / len(MEL_WINDOWS)
            if complex_bins:
                error = (low_a - low_b).abs().mean((1, 2))
                error = error / (low_b.abs().mean((1, 2)) + MAGNITUDE_FLOOR)
                phase = phase + error.mean() / len(COMPLEX_WINDOWS)
        return mel, phase

    def _views(self, padded: Tensor, size: int, complex_bins: int) -> tuple[Tensor, Tensor]:
        """Return log-mel bands `[B, columns, bands]` and the lowest bins of the spectra."""
        beyond = (LARGEST - size) // 2
        audio = padded[:, beyond : padded.shape[1] - beyond]
        window, bank = getattr(self, f"window{size}"), getattr(self, f"bank{size}")
        magnitude, low = spectra(audio, window, max(size // 4, LEAST_HOP), complex_bins)
        floor = MAGNITUDE_FLOOR * (size / 2048) ** 0.5
        return torch.log((magnitude @ bank).clamp_min(floor)), low


def _ready(audio: Tensor) -> Tensor:
    """Reflect audio at both ends once, so far that every window can be centred on each frame."""
    return functional.pad(audio.float(), (LARGEST // 2, LARGEST // 2), "reflect")
