"""A level meter's needle: fast up, slow down, with a held peak and a clip mark that stays."""

import numpy as np
from numpy.typing import NDArray

FLOOR_DB = -72.0
FALL_DB_PER_S = 24.0
HOLD_S = 1.5
CLIP_S = 3.0


class Level:
    """One channel's level in dBFS, fed with whatever samples are new."""

    def __init__(self, clip_at: float) -> None:
        """`clip_at` is the magnitude (1.0 = full scale) from which a sample counts as clipped."""
        self.peak_db = FLOOR_DB
        self.rms_db = FLOOR_DB
        self.hold_db = FLOOR_DB
        self.has_clipped = False
        self._clip_at = clip_at
        self._seen_s: float | None = None
        self._held_s = -np.inf
        self._clipped_s = -np.inf
        self._now_s = 0.0

    def update(self, samples: NDArray[np.float32], now_s: float) -> None:
        """Take in new samples, float32 `(frames,)`, finite; none at all lets the needle fall."""
        seen_s = now_s if self._seen_s is None else self._seen_s
        fall_db = FALL_DB_PER_S * max(now_s - seen_s, 0.0)
        self._seen_s = self._now_s = now_s
        peak = float(np.max(np.abs(samples))) if samples.size else 0.0
        power = float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0
        self.peak_db = max(decibels(peak), self.peak_db - fall_db, FLOOR_DB)
        self.rms_db = max(decibels(power**0.5), self.rms_db - fall_db, FLOOR_DB)
        if self.peak_db >= self.hold_db:
            self.hold_db, self._held_s = self.peak_db, now_s
        elif now_s - self._held_s > HOLD_S:
            self.hold_db = max(self.peak_db, self.hold_db - fall_db)
        if peak >= self._clip_at:
            self.mark(now_s)

    def mark(self, now_s: float) -> None:
        """Show the clip mark for a while, for a reason outside the samples."""
        self._clipped_s = now_s
        self.has_clipped = True

    def clear(self) -> None:
        """Forget that it ever clipped, and the held peak."""
        self.has_clipped = False
        self._clipped_s = -np.inf
        self.hold_db = self.peak_db

    @property
    def clipped(self) -> bool:
        """Whether it clipped just now; `has_clipped` stays until it is cleared."""
        return self._now_s - self._clipped_s < CLIP_S


def decibels(magnitude: float) -> float:
    """Return a magnitude in dBFS, never below FLOOR_DB."""
    return FLOOR_DB if magnitude <= 0.0 else max(20.0 * float(np.log10(magnitude)), FLOOR_DB)
