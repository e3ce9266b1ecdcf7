"""Lanes are called once a period, in turns, and what they cost is told apart."""

import numpy as np
import pytest

from rtvae.bench.pacing import (
    UNCOUNTED_BLOCKS,
    Course,
    Record,
    blocks_for,
    pace,
    take_turns,
)
from rtvae.io.clocks import VirtualClock

PERIOD_S = 0.25 / 64


class FakeLane:
    """Costs what its script says and remembers when it was called."""

    def __init__(self, clock: VirtualClock, calls: list[tuple[str, float]], name: str) -> None:
        self._clock, self._calls, self._name = clock, calls, name
        self.cost_s = 0.25 * PERIOD_S

    def prepare(self) -> None:
        self._clock.advance(0.1 * PERIOD_S)

    def play(self) -> None:
        self._calls.append((self._name, self._clock.now()))
        self._clock.advance(self.cost_s)

    def parts_s(self) -> tuple[float, float, float]:
        return 0.5 * self.cost_s, 0.125 * self.cost_s, 0.25 * self.cost_s


class Sleepy(VirtualClock):
    """Wakes later than it was asked to."""

    def sleep_until(self, moment_s: float) -> None:
        super().sleep_until(moment_s + 0.2 * PERIOD_S)


def test_costs_and_their_parts_are_recorded() -> None:
    clock = VirtualClock()
    (record,) = pace([FakeLane(clock, [], "a")], 100, PERIOD_S, clock)
    assert record.total_s == pytest.approx(np.full(100, 0.25 * PERIOD_S))
    assert record.encoder_s == pytest.approx(0.5 * record.total_s)
    assert record.graphs_s == pytest.approx(0.75 * record.total_s)
    assert record.rest_s == pytest.approx(0.125 * record.total_s)
    assert record.overruns == 0
    assert record.late_share(PERIOD_S) == 0.0


def test_each_call_begins_on_a_deadline_of_its_own() -> None:
    clock, calls = VirtualClock(), []
    pace([FakeLane(clock, calls, "a"), FakeLane(clock, calls, "b")], 200, PERIOD_S, clock)
    starts = np.array([start for _, start in calls])
    assert np.diff(starts) == pytest.approx(np.full(len(calls) - 1, PERIOD_S))


def test_lanes_take_turns_and_the_first_blocks_of_a_turn_do_not_count() -> None:
    clock, calls = VirtualClock(), []
    pace([FakeLane(clock, calls, name) for name in "abc"], 200, PERIOD_S, clock)
    names = "".join(name for name, _ in calls)
    turns = -(-200 // 64)
    assert {names.count(name) for name in "abc"} == {200 + UNCOUNTED_BLOCKS * turns}
    firsts = [names[k * 3 * (64 + UNCOUNTED_BLOCKS)] for k in range(turns)]
    assert len(set(firsts)) > 1, "one lane always goes first"


def test_a_call_that_outlasts_its_period_is_slept_after_all_the_same() -> None:
    clock, calls = VirtualClock(), []
    lane = FakeLane(clock, calls, "a")
    lane.cost_s = 1.5 * PERIOD_S
    (record,) = pace([lane], 20, PERIOD_S, clock)
    starts = np.array([start for _, start in calls])
    assert np.diff(starts) == pytest.approx(np.full(len(calls) - 1, 2 * PERIOD_S))
    assert record.overruns == 20
    assert record.woke_late_s == pytest.approx(np.zeros(20), abs=1e-12)


def test_late_wake_ups_are_told_apart_from_cost() -> None:
    clock = Sleepy()
    (record,) = pace([FakeLane(clock, [], "a")], 50, PERIOD_S, clock)
    assert record.woke_late_s == pytest.approx(np.full(50, 0.2 * PERIOD_S))
    assert record.late_share(PERIOD_S) == 1.0
    assert record.total_s == pytest.approx(np.full(50, 0.25 * PERIOD_S))


def test_courses_with_periods_of_their_own_take_turns_of_the_same_length() -> None:
    clock, calls = VirtualClock(), []
    short, long = FakeLane(clock, calls, "s"), FakeLane(clock, calls, "l")
    courses = [Course(short, 200, PERIOD_S), Course(long, 50, 4 * PERIOD_S)]
    records = take_turns(courses, clock)
    assert [record.total_s.shape[0] for record in records] == [200, 50]
    names = "".join(name for name, _ in calls)
    turns = [
        len(part) - UNCOUNTED_BLOCKS
        for part in names.replace("sl", "s l").replace("ls", "l s").split()
    ]
    assert {64, 16} <= set(turns)
    assert names.strip("s").strip("l") != "", "one course was played after the other"
    for name, period_s in (("s", PERIOD_S), ("l", 4 * PERIOD_S)):
        starts = [start for who, start in calls if who == name]
        assert min(np.diff(starts)) == pytest.approx(period_s)


def test_seconds_become_blocks() -> None:
    assert blocks_for(1.0, 64 / 48_000) == 750
    assert blocks_for(1e-9, 64 / 48_000) == 1


def test_short_blocks_are_added_up_to_whole_hops() -> None:
    record = Record.of(7)
    record.total_s[:] = np.array([0.1, 0.5, 0.1, 0.5, 0.1, 0.9, 0.1]) * PERIOD_S
    assert record.load(PERIOD_S, 2) == pytest.approx(0.3)
    assert record.load(PERIOD_S, 1) == pytest.approx(0.1)
    assert record.load(PERIOD_S, 100) == pytest.approx(2.3 / 7)
