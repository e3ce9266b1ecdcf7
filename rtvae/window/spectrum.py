"""Spectra for the eye: power on a logarithmic frequency axis in dBFS, calm in time."""

import numpy as np
from numpy.typing import NDArray

FLOOR_DB = -100.0
LOW_HZ = 40.0
HIGH_HZ = 18_000.0
_TINY = 1e-20


class LogSpectrum:
    """Turns the newest samples into levels on `bands` log-spaced frequencies.

    A sine at full scale reads 0 dB. Where a band is wider than a bin of the transform it shows
    its strongest bin, where it is narrower it interpolates.
    """

    def __init__(self, sample_rate_hz: int, fft_frames: int, bands: int) -> None:
        self.fft_frames = fft_frames
        high_hz = min(HIGH_HZ, 0.49 * sample_rate_hz)
        edges_hz = np.geomspace(min(LOW_HZ, high_hz / 2), high_hz, bands + 1)
        self.centres_hz = np.sqrt(edges_hz[:-1] * edges_hz[1:])
        window = np.hanning(fft_frames + 1)[:-1]
        self._window = (window * 2.0 / window.sum()).astype(np.float32)
        bin_hz = sample_rate_hz / fft_frames
        last = fft_frames // 2
        self._at = np.clip(self.centres_hz / bin_hz, 0, last)
        self._bins = np.arange(last + 1)
        starts = np.clip(np.ceil(edges_hz / bin_hz).astype(np.int64), 0, last)
        self._starts = starts[:-1]
        self._wide = np.diff(starts) >= 2
        self._end = int(starts[-1]) + 1
        self._padded = np.zeros(fft_frames, np.float32)

    def levels_db(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return dBFS per band, float32 `(bands,)`, of the last `fft_frames` samples.

        Fewer samples are taken as preceded by silence.
        """
        self._padded[:] = 0.0
        taken = samples[-self.fft_frames :]
        if taken.size:
            self._padded[-taken.size :] = taken
        bins = np.fft.rfft(self._padded * self._window)
        power_db = 10.0 * np.log10(bins.real**2 + bins.imag**2 + _TINY)
        narrow = np.interp(self._at, self._bins, power_db)
        wide = np.maximum.reduceat(power_db[: self._end], self._starts)
        levels = np.where(self._wide, wide, narrow)
        return np.maximum(levels, FLOOR_DB).astype(np.float32)


class CalmCurve:
    """Smooths levels in time: up within a frame or two, down at a steady pace."""

    def __init__(self, bands: int, fall_db_per_s: float = 45.0, rise: float = 0.6) -> None:
        self.levels_db = np.full(bands, FLOOR_DB, np.float32)
        self._fall_db_per_s = fall_db_per_s
        self._rise = rise
        self._seen_s: float | None = None

    def update(self, levels_db: NDArray[np.float32], now_s: float) -> None:
        """Move towards new levels, float32 `(bands,)`."""
        elapsed_s = 0.0 if self._seen_s is None else max(now_s - self._seen_s, 0.0)
        self._seen_s = now_s
        shown = self.levels_db
        up = shown + self._rise * (levels_db - shown)
        down = np.maximum(levels_db, shown - np.float32(self._fall_db_per_s * elapsed_s))
        shown[:] = np.where(levels_db > shown, up, down)
