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

from rtvae.dsp.distance import mel_bank

MEL_WINDOWS = ((4096, 120), (2048, 80), (1024, 64), (512, 40), (256, 24), (128, 14), (64, 8))
COMPLEX_WINDOWS = (2048, 512, 128)
COMPLEX_TOP_HZ = 6000.0
MAGNITUDE_FLOOR = 0.005
"""Mel magnitude at window 2048, plain FFT, under which all is silence."""


class SpectralDistance(nn.Module):
    """Both distances of two batches of audio `[B, frames]`."""

    def __init__(self, sample_rate_hz: int) -> None:
        super().__init__()
        self.sample_rate_hz = sample_rate_hz
        for size in {size for size, _ in MEL_WINDOWS} | set(COMPLEX_WINDOWS):
            self.register_buffer(f"window{size}", torch.hann_window(size))
        for size, bands in MEL_WINDOWS:
            bank = mel_bank(sample_rate_hz, size, bands).astype(np.float32)
            used = bank.sum(1) > 0
            self.register_buffer(f"bank{size}", torch.from_numpy(bank[used]))

    def forward(self, played: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
        """Return the log-mel distance in nepers and the relative complex distance."""
        mel = torch.zeros((), device=played.device)
        for size, _ in MEL_WINDOWS:
            bank = getattr(self, f"bank{size}")
            floor = MAGNITUDE_FLOOR * (size / 2048) ** 0.5
            a = torch.log((bank @ self._spectrum(played, size).abs()).clamp_min(floor))
            b = torch.log((bank @ self._spectrum(wanted, size).abs()).clamp_min(floor))
            mel = mel + (a - b).abs().mean() / len(MEL_WINDOWS)
        phase = torch.zeros((), device=played.device)
        for size in COMPLEX_WINDOWS:
            top = int(COMPLEX_TOP_HZ / self.sample_rate_hz * size) + 1
            a, b = (self._spectrum(x, size)[:, :top] for x in (played, wanted))
            error = (a - b).abs().mean((1, 2)) / (b.abs().mean((1, 2)) + MAGNITUDE_FLOOR)
            phase = phase + error.mean() / len(COMPLEX_WINDOWS)
        return mel, phase

    def _spectrum(self, audio: Tensor, size: int) -> Tensor:
        window = getattr(self, f"window{size}")
        return torch.stft(
            audio, size, max(size // 4, 32), window=window, center=True, return_complex=True
        )
