"""The frames that loudness, brightness and pitch share: one every 10 ms, centred on its time."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Track = NDArray[np.float64]
"""One value for each frame, NaN where there is none."""

FRAME_MS = 10.0
WINDOW_FRAMES = 2048
ROWS_AT_ONCE = 512  # bounds the memory of a long recording


def frame_hop(sample_rate_hz: int) -> int:
    """Return how many samples lie between two frames."""
    return max(1, round(sample_rate_hz * FRAME_MS / 1e3))


def frame_count(samples: int, sample_rate_hz: int) -> int:
    """Return how many frames a sound of that length has: frame k is centred on sample k * hop."""
    return samples // frame_hop(sample_rate_hz) + 1


def spectra(sound: Floats, window_frames: int, hop_frames: int) -> Iterator[Track]:
    """Yield the magnitudes of a Hann STFT, `(rows, window_frames // 2 + 1)`, some rows at a time.

    Magnitudes are those of the plain FFT. A sound shorter than the window is padded with zeros.
    """
    if sound.shape[0] < window_frames:
        sound = np.pad(sound, (0, window_frames - sound.shape[0]))
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window_frames) / window_frames)
    windows = np.lib.stride_tricks.sliding_window_view(sound, window_frames)[::hop_frames]
    for at in range(0, windows.shape[0], ROWS_AT_ONCE):
        yield np.abs(np.fft.rfft(windows[at : at + ROWS_AT_ONCE] * hann, axis=1))


def centred_spectra(sound: Floats, sample_rate_hz: int) -> Iterator[Track]:
    """Yield the magnitudes of the frames, `(rows, WINDOW_FRAMES // 2 + 1)`, as `spectra`."""
    hop = frame_hop(sample_rate_hz)
    missing = (frame_count(sound.shape[0], sample_rate_hz) - 1) * hop - sound.shape[0]
    half = WINDOW_FRAMES // 2
    yield from spectra(np.pad(sound, (half, half + max(0, missing))), WINDOW_FRAMES, hop)
