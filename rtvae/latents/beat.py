"""Beat: a clock of the engine's own that runs at the tempo and is drawn to one outside.

It never stands still nor runs backward: while it is drawn it goes at half to one and a half times
the tempo. Only where it is more than a beat away, as after a jump in the song, it jumps too.
"""

DRAWN_IN_S = 0.25
MOST_DRAWN = 0.5
"""Of the tempo."""
NEAREST = 1e-6


class Beat:
    """Beats since the start, as a number: `value`. `jumped` says whether the last `aim` jumped."""

    def __init__(self, hop_s: float) -> None:
        self._hop_s = hop_s
        self._share = min(1.0, hop_s / DRAWN_IN_S)
        self.land(120.0, 0.0)

    @property
    def value(self) -> float:
        """Where it is."""
        # Counted, not summed: no error grows over hours.
        return self._start + self._hops * self._each

    def land(self, tempo_bpm: float, outside: float) -> None:
        """Be at the beat `outside` at once. Real-time safe."""
        self._tempo_bpm, self._outside = tempo_bpm, outside
        self._each = tempo_bpm / 60.0 * self._hop_s
        self._start, self._hops, self._away = outside, 0, 0.0
        self.jumped = False

    def aim(self, tempo_bpm: float, outside: float) -> None:
        """Run at a tempo; a new beat `outside` is what the clock there has just reached."""
        self.jumped = False
        if tempo_bpm != self._tempo_bpm:
            self._start, self._hops = self.value, 0
            self._tempo_bpm, self._each = tempo_bpm, tempo_bpm / 60.0 * self._hop_s
        if outside != self._outside:
            self._outside, self._away = outside, outside - self.value
            if abs(self._away) > 1.0:
                self._start, self._hops, self._away = outside, 0, 0.0
                self.jumped = True

    def pass_by(self, hops: int) -> None:
        """Go on by so many hops. Real-time: numbers only."""
        while self._away != 0.0 and hops:
            most = MOST_DRAWN * self._each
            drawn = max(-most, min(most, self._away * self._share))
            self._start += drawn
            self._away = 0.0 if abs(self._away) < NEAREST else self._away - drawn
            self._hops += 1
            hops -= 1
        self._hops += hops
