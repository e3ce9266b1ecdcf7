"""Process 0 decides by its clock when to report, to export and to stop."""

from dataclasses import replace
from itertools import pairwise

import pytest

from rtvae.training.meetings import Decision, Meetings
from rtvae.training.progress import Progress
from rtvae.training.schedule import Plan

PLAN = Plan(2, 4, 16384, max_minutes=10.0, horizon_minutes=30.0)
COUNTED = replace(PLAN, max_steps=100)


class Session:
    """A training whose steps, reports and exports take as long as told."""

    def __init__(self, plan: Plan, at: Progress, processes: int = 1, step_seconds: float = 0.5):
        self.now, self.pressed, self.at = 1000.0, False, at
        self.step_seconds, self.report_seconds, self.export_seconds = step_seconds, 0.1, 3.0
        self.reports: list[int] = []
        self.exports: list[float] = []
        self.sizes: list[int] = []
        self.meetings = Meetings(plan, at, processes, lambda: self.pressed, clock=lambda: self.now)

    def go_on(self, until_step: int = 100000) -> Decision:
        while True:
            decision = self.meetings.decide(self.at)
            self.at.minutes = decision.minutes
            if decision.report:
                self._report(decision)
            if decision.stop or self.at.step >= until_step:
                return decision
            self.at.step += decision.steps
            self.sizes.append(decision.steps)
            self.now += decision.steps * self.step_seconds

    def _report(self, decision: Decision) -> None:
        self.reports.append(self.at.step)
        self.now += self.report_seconds
        if self.meetings.export_is_due(True, decision):
            begun = self.now
            self.now += self.export_seconds
            self.exports.append(begun - 1000.0)
            self.meetings.exported(begun)
        self.meetings.reported(self.at)


def test_a_session_ends_with_its_minutes_and_a_stretch_with_its_own() -> None:
    session = Session(PLAN, Progress())
    assert session.go_on().stop
    assert session.at.minutes == pytest.approx(10.0, abs=0.1)
    late = Session(PLAN, Progress(step=5, minutes=28.0))
    late.go_on()
    assert late.at.minutes == pytest.approx(30.0, abs=0.1)


def test_the_first_report_comes_soon_and_the_last_with_the_end() -> None:
    session = Session(PLAN, Progress())
    session.go_on()
    assert session.reports[0] * session.step_seconds <= 25.0
    assert session.reports[-1] == session.at.step
    assert len(set(session.reports)) == len(session.reports)


def test_slow_reports_and_exports_become_rare() -> None:
    session = Session(replace(PLAN, max_minutes=30.0), Progress())
    session.report_seconds, session.export_seconds = 10.0, 30.0
    session.go_on()
    spent = 10.0 * len(session.reports) + 30.0 * len(session.exports)
    assert spent < 0.15 * 1800.0
    assert session.exports[0] <= 250.0


def test_the_first_export_comes_soon_and_the_last_with_the_end() -> None:
    session = Session(PLAN, Progress())
    session.go_on()
    assert 60.0 <= session.exports[0] <= 100.0
    assert session.exports[-1] > 590.0
    assert all(b - a > 170.0 for a, b in pairwise(session.exports[:-1]))


def test_ctrl_c_reports_and_stops_without_a_last_export() -> None:
    session = Session(PLAN, Progress())
    session.go_on(until_step=20)
    session.pressed = True
    decision = session.go_on()
    assert decision.stop
    assert decision.report
    assert session.exports == []


@pytest.mark.parametrize("processes", [1, 2])
def test_counted_steps_are_reported_on_the_same_grid_in_every_session(processes: int) -> None:
    whole = Session(COUNTED, Progress(), processes, step_seconds=0.01)
    whole.go_on()
    assert whole.reports == list(range(2, 101, 2))
    again = Session(COUNTED, Progress(step=36), processes, step_seconds=7.0)
    again.go_on()
    assert again.reports == list(range(38, 101, 2))


def test_a_given_model_is_judged_before_it_learns() -> None:
    session = Session(PLAN, Progress(fine_tuning=True))
    session.go_on(until_step=3)
    assert session.reports == [0]
    assert session.meetings.minutes_left(session.at, 0.0) == pytest.approx(10.0, abs=0.2)


def test_several_processes_meet_about_once_a_second() -> None:
    session = Session(PLAN, Progress(), processes=2, step_seconds=0.1)
    session.go_on()
    assert max(session.sizes) == 10
    alone = Session(PLAN, Progress())
    alone.go_on(until_step=20)
    assert set(alone.sizes) == {1}
