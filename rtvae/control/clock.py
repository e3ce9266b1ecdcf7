"""The clock follower: MIDI clock in, tempo and beats out. Pure.

A clock ticks 24 times a beat. Ticks come late, in clumps, or not at all; the tempo is the slope of
a line through the last beat's ticks, so that none of them moves it by itself, and a gap of several
ticks is counted as those that were lost. Source of the messages' meaning: MIDI 1.0, real-time
messages.
"""

from collections import deque
from statistics import median
from typing import NamedTuple

from rtvae.control.midi import MidiEvent

TICKS_PER_BEAT = 24
TICKS_PER_POSITION = 6
"""A song position counts sixteenths."""
WINDOW = 2 * TICKS_PER_BEAT
FEWEST = 8
"""So many ticks say a tempo."""
SILENCE_S = 0.5
JUDGED = 5
"""So many intervals in agreement are a new tempo and no accident."""
LOST = 1.6
"""An interval of so many usual ones has lost a tick."""
SLOWEST_BPM, FASTEST_BPM = 20.0, 300.0


class Beat(NamedTuple):
    """A beat began: its number from 0, and the tempo, None before it is known."""

    number: int
    bpm: float | None


class ClockFollower:
    """Follows one clock. `bpm` is None while there is none, or it has only just begun."""

    def __init__(self) -> None:
        self.bpm: float | None = None
        self.running = True
        self._position = 0
        self._forget()

    def feed(self, event: MidiEvent, now_s: float) -> Beat | None:
        """Take one event, of whatever kind; return the beat that it begins."""
        if event.kind == "clock":
            return self._tick(now_s)
        if event.kind == "start":
            self._position, self.running = 0, True
        elif event.kind == "continue":
            self.running = True
        elif event.kind == "stop":
            self.running = False
        elif event.kind == "song_position":
            low, high = event.data
            self._position = (high << 7 | low) * TICKS_PER_POSITION
        return None

    def step(self, now_s: float) -> None:
        """Notice that a clock has fallen silent."""
        if self._ticks and now_s - self._ticks[-1][1] > SILENCE_S:
            self._forget()
            self.bpm = None

    def _forget(self) -> None:
        self._ticks: deque[tuple[int, float]] = deque(maxlen=WINDOW)
        self._intervals: deque[tuple[float, int]] = deque(maxlen=JUDGED)

    def _tick(self, now_s: float) -> Beat | None:
        self.step(now_s)
        lost = 0
        if self._ticks:
            interval = now_s - self._ticks[-1][1]
            lost = self._lost(interval)
            self._intervals.append((interval, lost))
            if self._tempo_changed():
                lost = 0
        number = self._ticks[-1][0] + 1 + lost if self._ticks else 0
        self._ticks.append((number, now_s))
        self._measure()
        return self._advance(1 + lost) if self.running else None

    def _lost(self, interval: float) -> int:
        """How many ticks an interval has lost, by the tempo up to now."""
        period = self._period()
        return 0 if period is None or interval < LOST * period else round(interval / period) - 1

    def _tempo_changed(self) -> bool:
        """See whether the last intervals agree on another tempo, and begin anew with it."""
        period = self._period()
        if period is None or len(self._intervals) < JUDGED:
            return False
        middle = median(interval for interval, _ in self._intervals)
        agree = sum(abs(interval - middle) < 0.2 * middle for interval, _ in self._intervals)
        if agree < JUDGED - 1 or middle <= 0.0 or 0.75 < middle / period < 1.35:
            return False
        # What looked like lost ticks was a slower clock.
        before = list(self._intervals)[:-1]
        self._position -= sum(lost for _, lost in before) if self.running else 0
        number, last_s = self._ticks[-1]
        self._forget()
        self._ticks.append((number, last_s))
        self._set_period(middle)
        return True

    def _set_period(self, period_s: float) -> None:
        bpm = 60.0 / period_s / TICKS_PER_BEAT
        self.bpm = min(max(bpm, SLOWEST_BPM), FASTEST_BPM)

    def _period(self) -> float | None:
        return None if self.bpm is None else 60.0 / self.bpm / TICKS_PER_BEAT

    def _measure(self) -> None:
        count = len(self._ticks)
        if count < FEWEST:
            return
        mean_k = sum(k for k, _ in self._ticks) / count
        mean_s = sum(s for _, s in self._ticks) / count
        spread = sum((k - mean_k) ** 2 for k, _ in self._ticks)
        slope = sum((k - mean_k) * (s - mean_s) for k, s in self._ticks) / spread
        if slope > 0.0:
            self._set_period(slope)

    def _advance(self, ticks: int) -> Beat | None:
        """Go on by so many ticks; the first of them lands on the position itself."""
        first, self._position = self._position, self._position + ticks
        last = self._position - 1
        if last // TICKS_PER_BEAT * TICKS_PER_BEAT < first:
            return None
        return Beat(max(last // TICKS_PER_BEAT, 0), self.bpm)
