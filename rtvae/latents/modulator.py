"""Modulator: one moving number, -1 to 1, of the kind that the player chose.

Where a setting would make it jump (another kind, shape, phase or step) it glides there.
Plain numbers: for one value a hop that is quicker than arrays, and a modulator that is off costs
nothing.
"""

import math

from rtvae.control.parameters import LFO_SHAPES, MODULATOR_KINDS
from rtvae.latents.dice import Dice
from rtvae.latents.glide import ARRIVED, pull_of
from rtvae.latents.shapes import SHAPES

OFF, LFO, WALK, FOLLOWER, STEPS, HOLD = range(len(MODULATOR_KINDS))
QUIETEST_DB = -60.0
WALKS = 0.8
"""How far a random walk goes at most from one value to the next."""
SMOOTH = 3.0
"""After so many time constants a lag has gone 95 % of its way: that is where it is said to be."""


def level_of(power: float) -> float:
    """Return a mean square as the follower hears it: 0 at -60 dBFS and below, 1 at full scale."""
    if not power > 10.0 ** (QUIETEST_DB / 10.0):
        return 0.0
    return min(1.0, 1.0 - 10.0 * math.log10(power) / QUIETEST_DB)


class Modulator:
    """Moves by one hop at a time; `out` is where it is. `seed` is what its chance begins with."""

    def __init__(self, hop_s: float, seed: int) -> None:
        self._hop_s = hop_s
        self._fade = 1.0 - pull_of(hop_s)
        self._dice = Dice(seed)
        self._settings: list[float] = []
        self._values: list[float] = []
        self._apart: tuple[object, ...] = ()
        self.kind = OFF
        self._beats = self._phase = self._each = 0.0
        self._smooth = self._rise = self._fall = 1.0
        self._shape = SHAPES[LFO_SHAPES.index("sine")]
        self._count = 1
        self.land()

    @property
    def busy(self) -> bool:
        """Whether it is on, or on its way to rest."""
        return self.kind != OFF or self._jumps or self._behind != 0.0

    def land(self) -> None:
        """Begin anew, without a glide. Real-time safe."""
        self._dice.restart()
        self._begin()
        self._lagging = self._behind = self.out = 0.0
        self._jumps, self._landed = False, True

    def tune(self, settings: list[float], values: list[float]) -> None:
        """Take over the MODULATOR parameters in their order, and the value of each step."""
        if settings == self._settings and values == self._values:
            return
        self._settings, self._values = settings, values
        kind, _, rate_hz, beats, shape, phase, smooth, attack, release, count = settings
        if int(kind) != self.kind:
            self.kind = int(kind)
            self._begin()
        self._each = rate_hz * self._hop_s
        self._beats, self._phase = beats, phase
        self._shape, self._count = SHAPES[int(shape)], int(count)
        self._smooth = pull_of(self._hop_s, smooth / SMOOTH) if smooth > 0.0 else 1.0
        self._rise, self._fall = pull_of(self._hop_s, attack), pull_of(self._hop_s, release)
        apart = (self.kind, beats, self._shape, phase, self._count, values)
        self._jumps = self._jumps or apart != self._apart
        self._apart = apart

    def jump(self) -> None:
        """What it goes by has jumped: glide there."""
        self._jumps = self._jumps or self._beats > 0.0

    def step(self, beat: float, level: float) -> None:
        """Move on by one hop, at a beat and a level that is heard (0 to 1). Real-time: numbers."""
        value = self._value(beat, level)
        if self._landed or self._smooth == 1.0 or self.kind == OFF:
            self._landed = False
            self._lagging = value
        else:
            self._lagging += self._smooth * (value - self._lagging)
        if self._jumps:
            self._jumps = False
            self._behind = self.out - self._lagging
        if self._behind != 0.0:
            self._behind *= self._fade
            if abs(self._behind) < ARRIVED:
                self._behind = 0.0
        # What it goes by may meanwhile have turned the same way that it is behind.
        self.out = max(-1.0, min(1.0, self._lagging + self._behind))

    def _begin(self) -> None:
        self._position = 0.0
        self._cycle: int | None = None
        self._from = self._to = self._level = 0.0

    def _value(self, beat: float, level: float) -> float:
        kind = self.kind
        if kind == OFF:
            return 0.0
        if kind == FOLLOWER:
            pull = self._rise if level > self._level else self._fall
            self._level += pull * (level - self._level)
            return self._level
        if self._beats > 0.0:
            position = beat / self._beats
        else:
            position = self._position
            self._position += self._each
        if kind == STEPS:
            place = math.floor(position + self._phase * self._count)
            return self._values[place % self._count]
        position += self._phase
        if kind == LFO:
            return self._shape(position % 1.0)
        cycle = math.floor(position)
        if cycle != self._cycle:
            first = self._cycle is None
            self._cycle = cycle
            self._from = self._to
            self._to = self._next(first)
        if kind == HOLD:
            return self._to
        way = position - cycle
        return self._from + (self._to - self._from) * way * way * (3.0 - 2.0 * way)

    def _next(self, first: bool) -> float:
        thrown = self._dice.throw()
        if self.kind == HOLD:
            return thrown
        if first:
            self._from = thrown
        place = self._from + WALKS * self._dice.throw()
        # Past an end it turns round.
        return 2.0 - place if place > 1.0 else -2.0 - place if place < -1.0 else place
