"""Histories that scroll: latents and spectra cut into columns of equal length in time.

A column is a whole number of hops, so that both pictures move by the stream's own clock, line up
under each other, and stand still when the sound stops.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtvae.window.spectrum import LogSpectrum

HISTORY_COLUMNS = 2048
COLUMNS_PER_S = 90.0
PIXELS_PER_S = 188.0
SPECTROGRAM_FFT_FRAMES = 2048
SPECTROGRAM_BANDS = 128
SPECTROGRAM_LOW_DB = -84.0
SPECTROGRAM_HIGH_DB = -6.0
_HUGE = np.float32(1e6)


@dataclass(frozen=True)
class TimeScale:
    """How long a column lasts and how wide it is drawn."""

    hops_per_column: int
    frames_per_column: int
    column_px: int
    pixels_per_s: float


def time_scale(sample_rate_hz: int, hop_frames: int) -> TimeScale:
    """Return columns of whole hops, as close to COLUMNS_PER_S and PIXELS_PER_S as they come."""
    hops = max(1, round(sample_rate_hz / hop_frames / COLUMNS_PER_S))
    frames = hops * hop_frames
    columns_per_s = sample_rate_hz / frames
    column_px = max(1, round(PIXELS_PER_S / columns_per_s))
    return TimeScale(hops, frames, column_px, column_px * columns_per_s)


class Columns:
    """The last HISTORY_COLUMNS columns, float32 `(width,)`; `count` counts all there ever were."""

    def __init__(self, width: int) -> None:
        self.count = 0
        self._ring = np.zeros((HISTORY_COLUMNS, width), np.float32)

    def push(self, column: NDArray[np.float32]) -> None:
        """Append one column."""
        self._ring[self.count % HISTORY_COLUMNS] = column
        self.count += 1

    def newest(self, columns: int) -> NDArray[np.float32]:
        """Return up to `columns` columns, oldest first: float32 `(<= columns, width)`."""
        take = min(columns, self.count, HISTORY_COLUMNS)
        return self._ring[np.arange(self.count - take, self.count) % HISTORY_COLUMNS]


class LatentHistory:
    """As encoded and as played, each column the mean of its hops; NaN where a hop was no number."""

    def __init__(self, latents: int, hops_per_column: int) -> None:
        self.encoded = Columns(latents)
        self.played = Columns(latents)
        self._hops = hops_per_column
        self._rest = np.zeros((0, 2, latents), np.float32)

    def push(self, encoded: NDArray[np.float32], played: NDArray[np.float32]) -> None:
        """Append rows of latents, float32 `(hops, latents)` each."""
        rows = np.clip(np.stack((encoded, played), 1), -_HUGE, _HUGE)
        rows = np.concatenate((self._rest, rows))
        whole = len(rows) // self._hops * self._hops
        self._rest = rows[whole:]
        for group in rows[:whole].reshape(-1, self._hops, *rows.shape[1:]):
            column = group.mean(0)
            self.encoded.push(column[0])
            self.played.push(column[1])


class SpectrogramHistory:
    """The output's spectrum per column, from 0 (quiet) to 1 (loud), low bands first."""

    def __init__(self, sample_rate_hz: int, frames_per_column: int) -> None:
        self.columns = Columns(SPECTROGRAM_BANDS)
        self._spectrum = LogSpectrum(sample_rate_hz, SPECTROGRAM_FFT_FRAMES, SPECTROGRAM_BANDS)
        self._frames = frames_per_column
        self._tail = np.zeros(0, np.float32)
        self._waiting = 0

    def push(self, samples: NDArray[np.float32]) -> None:
        """Append samples, float32 `(frames,)`, finite."""
        sound = np.concatenate((self._tail, samples))
        self._waiting += samples.size
        while self._waiting >= self._frames:
            self._waiting -= self._frames
            levels_db = self._spectrum.levels_db(sound[: sound.size - self._waiting])
            shade = (levels_db - SPECTROGRAM_LOW_DB) / (SPECTROGRAM_HIGH_DB - SPECTROGRAM_LOW_DB)
            self.columns.push(np.clip(shade, 0.0, 1.0))
        self._tail = sound[-(SPECTROGRAM_FFT_FRAMES + self._waiting) :]
