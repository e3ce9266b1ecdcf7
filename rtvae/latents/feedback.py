"""Feedback: latents mixed with those that were played a while ago.

    back * f + z * (1 - f)          of what is the loudness, brightness or pitch: the mean of both
    back * f + z * sqrt(1 - f^2)    of all others, which swing about zero: at equal power

What comes back is held inside the range that the card states for each latent. So however much of
it there is and whatever the knobs do to it on its way, it cannot grow from round to round.
"""

import math

import numpy as np
from numpy.typing import NDArray

from rtvae.latents import MOST_NUMBERS

Floats = NDArray[np.float32]

LONGEST_MS = 2000.0


class Feedback:
    """Remembers what was played in the last two seconds.

    The latents range `low` to `high`; `level`, bool, says which of them are a measure of something.
    """

    def __init__(
        self, low: Floats, high: Floats, level: NDArray[np.bool_], hop_s: float, pull: float
    ) -> None:
        self._low, self._high, self._level = low, high, level
        self._gain = np.zeros_like(low)
        self._hop_ms, self._pull = 1e3 * hop_s, pull
        # Filled, not only reserved: the audio thread must not be the first to touch these pages.
        size = min(math.ceil(LONGEST_MS / self._hop_ms) + 2, MOST_NUMBERS // max(1, low.shape[0]))
        self._longest = size - 2
        self._played = np.full((size, low.shape[0]), 0.0, np.float32)
        self._back = np.zeros_like(low)
        self._older = np.zeros_like(low)
        self._count = 0
        self._target = self._delay = 1.0

    def land(self) -> None:
        """Have no memory, and no glide. Real-time safe."""
        self.forget()
        self._delay = self._target

    def forget(self) -> None:
        """Have no memory. Real-time safe."""
        self._count = 0

    def aim(self, delay_ms: float) -> None:
        """Bring back what was played so long ago, in whole hops. Real-time safe."""
        self._target = float(max(1, min(round(delay_ms / self._hop_ms), self._longest)))

    def mix(self, row: Floats, share: float) -> None:
        """Mix float32 `(latents,)` with what comes back; `share`, below 1, is how much of that.

        Real-time: six NumPy calls, nine while the delay glides.
        """
        if not self._count:
            return
        self._delay += self._pull * (self._target - self._delay)
        if abs(self._delay - self._target) < 1e-2:
            self._delay = self._target
        # Until it is full the memory gives its oldest row: what it has, and no jump.
        delay = min(self._delay, float(self._count))
        whole = int(delay)
        back = self._back
        back[:] = self._row(whole)
        part = delay - whole
        if part:
            np.subtract(self._row(whole + 1), back, out=self._older)
            self._older *= part
            back += self._older
        back *= share
        self._gain.fill(math.sqrt(1.0 - share**2))
        np.copyto(self._gain, 1.0 - share, where=self._level)
        row *= self._gain
        row += back

    def keep(self, row: Floats) -> None:
        """Remember what is played, float32 `(latents,)`; what is no number, as what was before.

        Real-time: four NumPy calls.
        """
        size = self._played.shape[0]
        place = self._played[self._count % size]
        if math.isfinite(float(row.dot(row))):
            np.maximum(row, self._low, out=place)
            np.minimum(place, self._high, out=place)
        elif self._count:
            place[:] = self._row(1)
        else:
            return
        self._count += 1

    def _row(self, hops_ago: int) -> Floats:
        place = self._count - min(hops_ago, self._count)
        row: Floats = self._played[place % self._played.shape[0]]
        return row
