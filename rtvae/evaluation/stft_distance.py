"""Multi-resolution STFT distance of Yamamoto, Song and Kim (2020), Parallel WaveGAN.

Spectral convergence |S - S'| / |S| (Frobenius) and the mean absolute difference of the natural
logarithms of the magnitudes, each averaged over Hann windows of 2048, 1024 and 512 samples with
a hop of a quarter window.
"""

from dataclasses import dataclass

import numpy as np

from rtvae.evaluation.frames import Floats, spectra

WINDOWS_FRAMES = (2048, 1024, 512)
POWER_FLOOR = 1e-7


@dataclass(frozen=True)
class StftDistance:
    """The two parts; convergence is None for an input that is silence."""

    convergence: float | None
    log_magnitude: float


def stft_distance(wanted: Floats, played: Floats) -> StftDistance:
    """Return the distance of two aligned mono sounds of equal length; 0 and 0 if they are equal."""
    parts = [_at_resolution(wanted, played, window) for window in WINDOWS_FRAMES]
    convergences = [part.convergence for part in parts if part.convergence is not None]
    return StftDistance(
        float(np.mean(convergences)) if convergences else None,
        float(np.mean([part.log_magnitude for part in parts])),
    )


def _at_resolution(wanted: Floats, played: Floats, window_frames: int) -> StftDistance:
    apart = total = logarithms = 0.0
    count = 0
    hop = window_frames // 4
    for a, b in zip(
        spectra(wanted, window_frames, hop), spectra(played, window_frames, hop), strict=True
    ):
        apart += float(np.sum((a - b) ** 2))
        total += float(np.sum(a**2))
        floored = [np.log(np.maximum(x, np.sqrt(POWER_FLOOR))) for x in (a, b)]
        logarithms += float(np.sum(np.abs(floored[0] - floored[1])))
        count += a.size
    convergence = float(np.sqrt(apart / total)) if total > POWER_FLOOR else None
    return StftDistance(convergence, logarithms / count)
