"""Glide: settings that jump become values that follow within some 10 ms, one step each hop."""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

TIME_CONSTANT_MS = 10.0
ARRIVED = 1e-4  # of a unit: nearer than this the glide ends on the target itself


def pull_of(hop_s: float, time_constant_ms: float = TIME_CONSTANT_MS) -> float:
    """Return the share of the way that is left which one hop goes."""
    return 1.0 - math.exp(-1e3 * hop_s / time_constant_ms)


def glided(now: float, target: float, pull: float) -> float:
    """Return where one number is after one more hop."""
    now += pull * (target - now)
    return target if abs(target - now) < ARRIVED else now


class Glide:
    """Many numbers gliding at once: set `target` and call `look`; `now` is where they are.

    `arrived` says whether all of them rest on their targets, exactly.
    """

    def __init__(self, start: Floats, pull: float) -> None:
        self.now, self.target = start.copy(), start.copy()
        self._pull = pull
        self._away = np.empty_like(start)
        self._near = np.empty(start.shape, bool)
        self.arrived = True

    def land(self) -> None:
        """Be on the targets at once. Real-time safe."""
        self.now[:] = self.target
        self.arrived = True

    def look(self) -> None:
        """Find out whether there is any way to go. Real-time safe."""
        np.equal(self.now, self.target, out=self._near)
        self._count()

    def step(self) -> None:
        """Go on by one hop. Real-time: no allocation that stays."""
        away = self._away
        np.subtract(self.target, self.now, out=away)
        away *= self._pull
        self.now += away
        # Near enough: land on the target itself, so that a knob at rest is exactly at rest.
        np.abs(away, out=away)
        np.less(away, ARRIVED * self._pull, out=self._near)
        np.copyto(self.now, self.target, where=self._near)
        self._count()

    def _count(self) -> None:
        self.arrived = np.count_nonzero(self._near) == self._near.size
