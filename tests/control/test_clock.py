"""The clock follower: the tempo stays what it is whatever happens to single ticks."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.control.clock import FASTEST_BPM, SLOWEST_BPM, Beat, ClockFollower
from rtvae.control.midi import MidiEvent

TICK = MidiEvent("clock", 0, ())
START, CONTINUE, STOP = (MidiEvent(kind, 0, ()) for kind in ("start", "continue", "stop"))


class Master:
    """Another program's clock, with the faults of real ones."""

    def __init__(self) -> None:
        self.follower = ClockFollower()
        self.now_s = 10.0
        self.beats: list[Beat] = []

    def tick(self, count: int, bpm: float, jitter_s: float = 0.0, lost: float = 0.0) -> None:
        accidents = random.Random(1)
        for _ in range(count):
            self.now_s += 60.0 / bpm / 24
            if accidents.random() < lost:
                continue
            late_s = self.now_s + accidents.random() * jitter_s
            beat = self.follower.feed(TICK, late_s)
            if beat is not None:
                self.beats.append(beat)

    @property
    def bpm(self) -> float:
        assert self.follower.bpm is not None
        return self.follower.bpm


@pytest.mark.parametrize("bpm", [30.0, 90.0, 120.0, 174.0, 299.0])
def test_the_tempo_of_a_perfect_clock(bpm: float) -> None:
    master = Master()
    master.tick(24, bpm)
    assert master.bpm == pytest.approx(bpm)


def test_ticks_that_come_late_do_not_move_the_tempo() -> None:
    master = Master()
    master.tick(96, 120.0, jitter_s=0.004)
    assert master.bpm == pytest.approx(120.0, rel=0.01)


def test_lost_ticks_neither_move_the_tempo_nor_the_beat() -> None:
    master = Master()
    master.tick(24, 120.0)
    master.tick(24 * 20, 120.0, jitter_s=0.002, lost=0.05)
    assert master.bpm == pytest.approx(120.0, rel=0.02)
    assert [beat.number for beat in master.beats] == list(range(21))


def test_ticks_that_come_late_and_in_clumps_are_all_counted_once() -> None:
    master, stalls = Master(), random.Random(3)
    master.tick(24, 120.0)
    due_s, late_s = master.now_s, 0.0
    for k in range(24 * 20):
        due_s += 60.0 / 120.0 / 24
        if k % 24 == 5:
            late_s = due_s + stalls.random() * 0.15  # the other program stands still
        master.now_s = max(due_s, late_s) + stalls.random() * 0.004
        beat = master.follower.feed(TICK, master.now_s)
        if beat is not None:
            master.beats.append(beat)
        assert master.bpm == pytest.approx(120.0, rel=0.03)
    assert master.beats[-1].number == 20


def test_beats_are_counted_from_the_start() -> None:
    master = Master()
    master.tick(30, 120.0)
    master.follower.feed(START, master.now_s)
    master.beats.clear()
    master.tick(24 * 3 + 1, 120.0)
    assert [beat.number for beat in master.beats] == [0, 1, 2, 3]
    assert master.beats[-1].bpm == pytest.approx(120.0)


def test_a_stopped_clock_still_says_its_tempo_and_goes_on_where_it_was() -> None:
    master = Master()
    master.follower.feed(START, master.now_s)
    master.tick(24, 100.0)
    master.follower.feed(STOP, master.now_s)
    master.tick(48, 140.0)
    assert master.bpm == pytest.approx(140.0, rel=0.01)
    assert [beat.number for beat in master.beats] == [0]
    master.follower.feed(CONTINUE, master.now_s)
    master.tick(1, 140.0)
    assert [beat.number for beat in master.beats] == [0, 1]


def test_a_song_position_is_where_it_goes_on() -> None:
    master = Master()
    master.follower.feed(STOP, master.now_s)
    master.follower.feed(MidiEvent("song_position", 0, (16, 2)), master.now_s)
    master.follower.feed(CONTINUE, master.now_s)
    master.tick(1, 120.0)
    assert [beat.number for beat in master.beats] == [(2 * 128 + 16) // 4]


@pytest.mark.parametrize(("before", "after"), [(120.0, 60.0), (60.0, 120.0), (100.0, 190.0)])
def test_a_new_tempo_is_followed_within_half_a_beat(before: float, after: float) -> None:
    master = Master()
    master.follower.feed(START, master.now_s)
    master.tick(96, before)
    master.tick(12, after)
    assert master.bpm == pytest.approx(after, rel=0.02)
    master.tick(24 * 4, after)
    assert [beat.number for beat in master.beats] == list(range(9)), "no beat is made up"


def test_a_slower_clock_is_followed() -> None:
    master = Master()
    for bpm in range(120, 80, -1):
        master.tick(12, float(bpm))
    assert master.bpm == pytest.approx(81.0, rel=0.03)


def test_a_clock_that_falls_silent_has_no_tempo() -> None:
    master = Master()
    master.tick(48, 120.0)
    master.follower.step(master.now_s + 0.4)
    assert master.follower.bpm is not None
    master.follower.step(master.now_s + 0.6)
    assert master.follower.bpm is None
    master.now_s += 10.0
    master.tick(24, 90.0)
    assert master.bpm == pytest.approx(90.0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([TICK, TICK, TICK, START, CONTINUE, STOP])
            | st.builds(
                lambda a, b: MidiEvent("song_position", 0, (a, b)),
                st.integers(0, 127),
                st.integers(0, 127),
            ),
            st.floats(0.0, 1.0) | st.sampled_from([0.0, 0.02, 0.02, 0.02]),
        ),
        max_size=200,
    )
)
def test_any_clock_gives_a_possible_tempo_and_beat(events: list[tuple[MidiEvent, float]]) -> None:
    follower, now_s = ClockFollower(), 0.0
    for event, wait_s in events:
        now_s += wait_s
        beat = follower.feed(event, now_s)
        assert follower.bpm is None or SLOWEST_BPM <= follower.bpm <= FASTEST_BPM
        assert beat is None or beat.number >= 0
