"""DC blocker: removes an offset that stays, and touches nothing while there is none.

The mean is measured with a leaky average of 100 ms. Ordinary sound has a small mean too, over so
short a time; therefore an offset counts only where it is above 1e-3, is more than a fifth of the
rms level, and has been so for 150 ms. Then the running mean is subtracted, faded in over 100 ms,
until the mean falls below a quarter of that threshold.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]
Sums = Callable[[Audio], tuple[float, float]]

THRESHOLD = 1e-3
RELEASE = 0.25e-3
SHARE_OF_POWER = 0.04  # (a fifth) squared
AVERAGE_MS = 100.0
HOLD_MS = 150.0
FADE_MS = 100.0


class DcBlocker:
    """Mean remover for one mono stream; bit-exact pass-through while no offset is measured.

    `sums` may be set to what takes the sum and the sum of squares of a block in another order.
    """

    def __init__(self, max_block: int, sample_rate_hz: int) -> None:
        self._average_frames = AVERAGE_MS * 1e-3 * sample_rate_hz
        self._hold_frames = HOLD_MS * 1e-3 * sample_rate_hz
        self._fade_frames = FADE_MS * 1e-3 * sample_rate_hz
        self._index = np.arange(1, max_block + 1, dtype=np.float32)
        self._ones = np.ones(max_block, np.float32)
        self.sums: Sums = self._sums
        self._scratch = np.empty(max_block, np.float32)
        self._frames, self._keep = 0, 1.0
        self._mean = 0.0
        self._power = 0.0
        self._seen_frames = 0.0
        self._engaged = False
        self._share = 0.0
        self._removed = 0.0

    def process(self, audio: Audio) -> bool:
        """Subtract the offset in place; `audio` float32 `(frames,)`, finite, frames >= 1.

        Returns whether anything was subtracted. Real-time: no allocation that stays.
        """
        frames = audio.shape[0]
        self._size(frames)
        keep = self._keep
        gained = (1.0 - keep) / frames
        total, energy = self.sums(audio)
        self._mean = keep * self._mean + gained * total
        self._power = keep * self._power + gained * energy
        self._decide(frames)
        step = frames / self._fade_frames
        self._share = (
            min(1.0, self._share + step) if self._engaged else max(0.0, self._share - step)
        )
        target = self._share * self._mean
        if target == 0.0 and self._removed == 0.0:
            return False
        offset = self._scratch[:frames]
        np.multiply(self._index[:frames], (target - self._removed) / frames, out=offset)
        offset += self._removed
        audio -= offset
        self._removed = target
        return True

    @property
    def at_rest(self) -> bool:
        """Whether it subtracts nothing and is about to subtract nothing."""
        return not self._engaged and self._share == 0.0 and self._removed == 0.0

    def _sums(self, audio: Audio) -> tuple[float, float]:
        return float(audio.dot(self._ones[: audio.shape[0]])), float(audio.dot(audio))

    def hand_over(self, frames: int) -> tuple[float, float, float, float, float, float]:
        """Return all that is needed to go on measuring blocks of `frames` while `at_rest`.

        For each of them mean = keep * mean + gained * sum, power likewise with the sum of squares;
        the frames in a row with an offset are counted, and from `hold_frames` on it is removed. In
        this order: keep, gained, mean, power, seen_frames, hold_frames. Real-time safe.
        """
        self._size(frames)
        gained = (1.0 - self._keep) / frames
        return self._keep, gained, self._mean, self._power, self._seen_frames, self._hold_frames

    def take_back(self, mean: float, power: float, seen_frames: float) -> None:
        """Go on from where another has measured. Real-time safe."""
        self._mean, self._power, self._seen_frames = mean, power, seen_frames

    def _size(self, frames: int) -> None:
        if frames != self._frames:
            self._frames, self._keep = frames, math.exp(-frames / self._average_frames)

    def _decide(self, frames: int) -> None:
        square = self._mean * self._mean
        if self._engaged:
            self._engaged = square > RELEASE * RELEASE
            self._seen_frames = 0.0
        elif square > THRESHOLD * THRESHOLD and square > SHARE_OF_POWER * self._power:
            self._seen_frames += frames
            self._engaged = self._seen_frames >= self._hold_frames
        else:
            self._seen_frames = 0.0
