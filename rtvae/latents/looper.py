"""Looper: records the latents as the input and the hand made them, and repeats them.

    record  takes up to 30 s          play  repeats them, and a knob turned since then bends them on
    overdub repeats them and the live latents at half each, and keeps what is heard

The first 20 ms of a loop are faded in over what was played just after its end, so that there is no
jump where it begins anew. All else is repeated as it was, exactly at a speed of 1.
"""

import math

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import LOOPER_STATES
from rtvae.latents import MOST_NUMBERS
from rtvae.latents.glide import glided

Floats = NDArray[np.float32]

LONGEST_S = 30.0
SEAM_S = 0.02
OVERDUBBED = 0.5
LEAST_SCALE = 0.05
"""A loop recorded through a smaller scale than this does not follow the scale any more."""

OFF, RECORD, PLAY, OVERDUB = range(len(LOOPER_STATES))


class Looper:
    """One loop. `offset` and `scale`, `(latents,)`, are the knobs as they glide.

    rows    its length in hops, 0 where there is none, and while it is recorded how long it is
    at      the place in it, in hops
    """

    def __init__(self, offset: Floats, scale: Floats, hop_s: float, pull: float) -> None:
        latents = offset.shape[0]
        self._pull = pull
        # Filled, not only reserved: the audio thread must not be the first to touch these pages.
        rows = min(round(LONGEST_S / hop_s), MOST_NUMBERS // max(1, latents))
        self._loop = np.full((rows, latents), 0.0, np.float32)
        self._seam = max(1, round(SEAM_S / hop_s))
        self._offset, self._scale = offset, scale
        self._old_offset, self._old_scale = np.zeros_like(offset), np.ones_like(scale)
        self._ratio = np.ones_like(scale)
        self._row, self._live, self._spare = np.zeros((3, latents), np.float32)
        self._bends = np.zeros(latents, bool)
        self._state = OFF
        self._speed, self._mix = 1.0, 1.0
        self.land()

    @property
    def longest_rows(self) -> int:
        """How many hops a loop can have."""
        return int(self._loop.shape[0])

    @property
    def busy(self) -> bool:
        """Whether it has anything to do in the next hop."""
        return (
            self._recording
            or self._seamed < self._seams
            or self._share > 0.0
            or (self.rows > 0 and self._state != OFF)
        )

    def land(self) -> None:
        """Have no loop; record from here on if that is switched on. Real-time safe."""
        self._share = self._dub = 0.0
        self._seamed = self._seams = 0
        self._turned = False
        self.rows, self.at = 0, 0.0
        self._recording = self._state == RECORD

    def aim(self, state: int, mix: float, speed: float) -> None:
        """Do what the player asks for, from the next hop on. Real-time safe."""
        self._mix, self._speed = mix, speed
        if state == self._state:
            return
        before, self._state = self._state, state
        if self._recording:
            self._close()
        elif before == OFF and self._share == 0.0:
            self.at = 0.0
        if state == RECORD:
            self._recording = True
            self._seamed = self._seams = 0
            self._dub = 0.0
            self.rows, self.at = 0, 0.0

    def turn(self) -> None:
        """The knobs have moved. Real-time: some five NumPy calls."""
        if not self.rows or self._recording:
            return
        self._ratio.fill(1.0)
        np.abs(self._old_scale, out=self._spare)
        np.greater_equal(self._spare, LEAST_SCALE, out=self._bends)
        np.divide(self._scale, self._old_scale, out=self._ratio, where=self._bends)
        np.not_equal(self._ratio, 1.0, out=self._bends)
        bent = np.count_nonzero(self._bends)
        np.not_equal(self._offset, self._old_offset, out=self._bends)
        self._turned = bool(bent + np.count_nonzero(self._bends))

    def step(self, row: Floats) -> None:
        """Take or replace one hop, float32 `(latents,)`. Real-time: some five NumPy calls."""
        if self._recording or not self.rows:
            self._let_go(row)
            if self._recording:
                self._take(row)
            return
        playing = self._state != OFF
        dubbing = OVERDUBBED if self._state == OVERDUB else 0.0
        self._share = glided(self._share, self._mix * (1.0 - dubbing) * playing, self._pull)
        self._dub = glided(self._dub, dubbing, self._pull)
        if self._seamed < self._seams or self._dub > 0.0:
            self._as_then(row)
            self._sew()
        if playing or self._share > 0.0:
            self._read()
            self._overdub()
            self._blend(row)
            self.at = (self.at + self._speed) % self.rows

    def _take(self, row: Floats) -> None:
        place = self._loop[self.rows]
        if math.isfinite(float(row.dot(row))):
            place[:] = row
        elif self.rows:
            place[:] = self._loop[self.rows - 1]
        else:
            place.fill(0.0)
        self.rows += 1
        self.at = float(self.rows)
        if self.rows == self._loop.shape[0]:
            self._close()

    def _close(self) -> None:
        self._recording = False
        self.at = 0.0
        self._seams, self._seamed = min(self._seam, self.rows // 2), 0
        self._old_offset[:] = self._offset
        self._old_scale[:] = self._scale
        self._turned = False

    def _let_go(self, row: Floats) -> None:
        """There is no loop any more: what was heard of it last fades away."""
        if self._share > 0.0:
            self._share = glided(self._share, 0.0, self._pull)
            self._blend(row)

    def _as_then(self, row: Floats) -> None:
        """Put in `_live` the row as it would have been with the knobs of the loop."""
        live = self._live
        live[:] = row
        if not math.isfinite(float(row.dot(row))):
            live[:] = self._loop[int(self.at)]
        elif self._turned:
            live -= self._offset
            np.abs(self._ratio, out=self._spare)
            np.greater_equal(self._spare, LEAST_SCALE, out=self._bends)
            np.divide(live, self._ratio, out=live, where=self._bends)
            live += self._old_offset

    def _sew(self) -> None:
        if self._seamed < self._seams:
            place = self._loop[self._seamed]
            self._seamed += 1
            place -= self._live
            place *= self._seamed / (self._seams + 1)
            place += self._live

    def _overdub(self) -> None:
        if self._dub > 0.0:
            # Each place once, as it is left: at a slow speed several hops are in one.
            for place in range(int(self.at), int(self.at + self._speed)):
                kept = self._loop[place % self.rows]
                np.subtract(self._live, kept, out=self._spare)
                self._spare *= self._dub
                kept += self._spare

    def _read(self) -> None:
        row, first = self._row, int(self.at)
        row[:] = self._loop[first % self.rows]
        part = self.at - first
        if part:
            np.subtract(self._loop[(first + 1) % self.rows], row, out=self._spare)
            self._spare *= part
            row += self._spare
        if self._turned:
            row -= self._old_offset
            row *= self._ratio
            row += self._offset

    def _blend(self, row: Floats) -> None:
        if self._share == 1.0:
            row[:] = self._row
        else:
            np.subtract(self._row, row, out=self._spare)
            self._spare *= self._share
            row += self._spare
