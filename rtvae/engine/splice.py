"""Splice: joins two stretches of sound that do not fit, without a click.

Where the sound is cut, its last sample falls to zero over 5 ms while what follows rises from zero.
"""

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]

SPLICE_MS = 5.0


class Splice:
    """Watches one mono stream and smooths the seams it is told of; otherwise bit-exact."""

    def __init__(self, sample_rate_hz: int) -> None:
        frames = max(1, round(SPLICE_MS * 1e-3 * sample_rate_hz))
        phase = np.arange(1, frames + 1, dtype=np.float64) / (frames + 1)
        self._rise = (0.5 - 0.5 * np.cos(np.pi * phase)).astype(np.float32)
        self._fall = (1.0 - self._rise).astype(np.float32)
        self._scratch = np.empty(frames, np.float32)
        self._fallen = frames
        self._risen = frames
        self._held = 0.0
        self.last = 0.0
        """The last sample that went through; to be set where a block at rest goes past it."""

    @property
    def at_rest(self) -> bool:
        """Whether it leaves the sound as it is."""
        whole: int = self._rise.shape[0]
        return self._risen >= whole and self._fallen >= whole

    def cut(self, gap_frames: int = 0) -> None:
        """The next block does not continue the last one; it begins with a gap of silence."""
        self._fallen = 0
        self._risen = -gap_frames
        self._held = self.last

    def process(self, audio: Audio) -> None:
        """Smooth in place, float32 `(frames,)`, frames >= 1. Real-time: allocates nothing."""
        frames, whole = audio.shape[0], self._rise.shape[0]
        if self._risen < whole:
            first = min(max(-self._risen, 0), frames)
            start = self._risen + first
            count = min(frames - first, whole - start)
            audio[:first] = 0.0
            audio[first : first + count] *= self._rise[start : start + count]
            self._risen += first + count
        if self._fallen < whole:
            count = min(frames, whole - self._fallen)
            tail = self._scratch[:count]
            np.multiply(self._fall[self._fallen : self._fallen + count], self._held, out=tail)
            audio[:count] += tail
            self._fallen += count
        self.last = float(audio[-1])
