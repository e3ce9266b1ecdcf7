"""How far two recordings are apart: the log-mel distance that every figure of ours is stated in.

Mono, 2048-point Hann STFT with hop 256, 80 triangular mel bands from 40 Hz to Nyquist on the
magnitudes of the plain FFT, 20 log10 floored at a mel magnitude of 0.005, mean absolute
difference over all bands and frames, in dB.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

FFT_FRAMES = 2048
FFT_HOP = 256
MEL_BANDS = 80
LOWEST_HZ = 40.0
MEL_FLOOR = 0.005


def hz_to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mel scale of O'Shaughnessy (1987): 2595 log10(1 + f / 700)."""
    return 2595.0 * np.log10(1.0 + hz / 700.0)


def mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Undo `hz_to_mel`."""
    return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)


@cache
def mel_bank(
    sample_rate_hz: int, fft_frames: int = FFT_FRAMES, bands: int = MEL_BANDS
) -> NDArray[np.float64]:
    """Return triangles of height 1, `(bands, fft_frames // 2 + 1)`, 40 Hz to Nyquist."""
    ends = hz_to_mel(np.array([LOWEST_HZ, sample_rate_hz / 2]))
    edges = mel_to_hz(np.linspace(ends[0], ends[1], bands + 2))
    hz = np.fft.rfftfreq(fft_frames, 1 / sample_rate_hz)
    rising = (hz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hz) / (edges[2:] - edges[1:-1])[:, None]
    bank: NDArray[np.float64] = np.clip(np.minimum(rising, falling), 0.0, None)
    return bank


def log_mel_db(audio: NDArray[np.float32], sample_rate_hz: int) -> NDArray[np.float64]:
    """Return the log-mel spectrum `(bands, columns)` in dB of mono audio `(frames,)`."""
    if audio.shape[0] < FFT_FRAMES:
        audio = np.pad(audio, (0, FFT_FRAMES - audio.shape[0]))
    windows = np.lib.stride_tricks.sliding_window_view(audio, FFT_FRAMES)[::FFT_HOP]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT_FRAMES) / FFT_FRAMES)
    bank = mel_bank(sample_rate_hz)
    columns = [
        bank @ np.abs(np.fft.rfft(part * hann, axis=1)).T
        for part in np.array_split(windows, max(1, len(windows) // 512))
    ]
    return 20.0 * np.log10(np.maximum(np.concatenate(columns, axis=1), MEL_FLOOR))


def log_mel_distance_db(
    wanted: NDArray[np.float32], played: NDArray[np.float32], sample_rate_hz: int
) -> float:
    """Return the distance in dB of two mono recordings that are already aligned.

    The shorter one's length counts. 0 is equal; two takes of the same noise are about 3 apart.
    """
    frames = min(wanted.shape[0], played.shape[0])
    apart = log_mel_db(wanted[:frames], sample_rate_hz) - log_mel_db(
        played[:frames], sample_rate_hz
    )
    return float(np.mean(np.abs(apart)))
