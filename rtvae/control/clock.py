"""The clock follower: MIDI clock in, tempo and beats out. Pure.

A clock ticks 24 times a beat. Ticks come late, in clumps, or not at all; the tempo is the slope of
a line through the last two beats' ticks, so that none of them moves it by itself. Ticks that were
late are counted as they come, and those that were lost once it is sure that they were. Source of
the messages' meaning: MIDI 1.0, real-time messages.
"""

from collections import deque
from dataclasses import dataclass
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
EARLY, LOST = 0.5, 1.6
"""An interval of more usual ones than LOST is a gap; one of less than EARLY catches up."""
CALM = 4
"""After so many usual intervals a gap is over."""
SLOWEST_BPM, FASTEST_BPM = 20.0, 300.0


class Beat(NamedTuple):
    """A beat began: its number from 0, and the tempo, None before it is known."""

    number: int
    bpm: float | None


@dataclass
class _Gap:
    """A time without ticks, since `since_s`; afterwards `came` ticks, the last `calm` on time."""

    since_s: float
    came: int = 0
    calm: int = 0


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
        if self._last is not None and now_s - self._last[1] > SILENCE_S:
            self._forget()
            self.bpm = None

    def _forget(self) -> None:
        self._last: tuple[int, float] | None = None
        self._ticks: deque[tuple[int, float]] = deque(maxlen=WINDOW)
        self._intervals: deque[float] = deque(maxlen=JUDGED)
        self._gap: _Gap | None = None

    def _tick(self, now_s: float) -> Beat | None:
        self.step(now_s)
        if self._last is None:
            self._last = (0, now_s)
            self._ticks.append(self._last)
            return self._advance(1) if self.running else None
        number, last_s = self._last
        interval = now_s - last_s
        self._intervals.append(interval)
        self._follow_tempo()
        ticks = 1 + self._lost(last_s, interval, now_s)
        self._last = (number + ticks, now_s)
        if self._gap is None:
            self._ticks.append(self._last)
            self._measure()
        return self._advance(ticks) if self.running else None

    def _lost(self, last_s: float, interval: float, now_s: float) -> int:
        """How many ticks were lost in the gap that has just been seen to be over.

        At first nobody knows whether ticks were lost or are only late. Once they come regularly
        again, those that are still missing were lost.
        """
        period = self._period()
        if period is None:
            return 0
        if self._gap is None and interval >= LOST * period:
            self._gap = _Gap(last_s)
        gap = self._gap
        if gap is None:
            return 0
        gap.came += 1
        gap.calm = gap.calm + 1 if EARLY * period < interval < LOST * period else 0
        if gap.calm < CALM:
            return 0
        self._gap = None
        return max(0, round((now_s - gap.since_s) / period) - gap.came)

    def _follow_tempo(self) -> None:
        """Begin anew where the last intervals agree on another tempo."""
        period = self._period()
        if period is None or len(self._intervals) < JUDGED:
            return
        middle = median(self._intervals)
        agree = sum(abs(interval - middle) < 0.2 * middle for interval in self._intervals)
        if agree < JUDGED - 1 or middle <= 0.0 or 0.75 < middle / period < 1.35:
            return
        last = self._last
        self._forget()
        self._last = last
        if last is not None:
            self._ticks.append(last)
        self._set_period(middle)

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
