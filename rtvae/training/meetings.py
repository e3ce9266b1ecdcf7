"""When the processes of a training meet, and what process 0 decides there.

Only process 0 looks at the clock; what it read travels to the others with the decision, so that
all of them follow the same schedule. Alone there is a meeting after every step; several processes
meet about once a second. What costs time beside the steps is kept to a small share of it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from rtvae.training.progress import Progress
from rtvae.training.schedule import Plan, share_done

MEETING_SECONDS = 1.0
MOST_STEPS = 50
REPORT_SECONDS = (20.0, 120.0)
REPORT_GROWTH = 0.02
REPORT_SHARE = 0.05
REPORTS_OF_COUNTED_STEPS = 50
FIRST_EXPORT_SECONDS = 60.0
EXPORT_SECONDS = 180.0
EXPORT_SHARE = 0.05


@dataclass(frozen=True)
class Decision:
    """What all processes do until they meet again: report now, stop now, or take `steps`."""

    minutes: float
    report: bool
    stop: bool
    steps: int


class Meetings:
    """Process 0's view of the time; the other processes only listen to its decisions."""

    def __init__(
        self,
        plan: Plan,
        start: Progress,
        processes: int,
        interrupted: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan, self._alone = plan, processes == 1
        self._interrupted, self._clock = interrupted, clock
        self._begun = self._steps_begun = self._decided_at = clock()
        self._minutes_before = start.minutes
        self._reported_step = start.step
        self._report_cost = self._export_cost = 0.0
        self._exported_at: float | None = None
        # What an earlier session found best may not have been exported.
        self._unheard = start.step > 0

    def decide(self, at: Progress) -> Decision:
        """Look at the clock and decide."""
        now = self._decided_at = self._clock()
        minutes = self._minutes_before + (now - self._begun) / 60.0
        here = replace(at, minutes=minutes)
        stop = self._interrupted() or share_done(self._plan, here) >= 1.0
        if self._plan.max_steps is None:
            stop = stop or minutes - self._minutes_before >= self._plan.max_minutes
        return Decision(minutes, self._report_is_due(here, stop), stop, self._steps(at))

    def minutes_left(self, at: Progress, steps_per_second: float) -> float:
        """Return how long this session still takes."""
        plan = self._plan
        if plan.max_steps is not None:
            steps = plan.max_steps - (at.step - at.stretch_step)
            return steps / steps_per_second / 60.0 if steps_per_second > 0.0 else 0.0
        session = plan.max_minutes - (at.minutes - self._minutes_before)
        return max(min(session, plan.horizon_minutes - (at.minutes - at.stretch_minutes)), 0.0)

    def seconds_of_steps(self) -> float:
        """Return the time spent on steps since the last report."""
        return self._decided_at - self._steps_begun

    def export_is_due(self, better: bool, decision: Decision) -> bool:
        """Return whether a model that is worth hearing should be exported now."""
        self._unheard = self._unheard or better
        if not self._unheard or (decision.stop and self._interrupted()):
            return False
        if self._exported_at is None:
            return decision.stop or self._decided_at - self._begun >= FIRST_EXPORT_SECONDS
        pause = max(EXPORT_SECONDS, self._export_cost / EXPORT_SHARE)
        return decision.stop or self._decided_at - self._exported_at >= pause

    def exported(self, begun: float) -> None:
        """Note that an export that was begun at a time of the clock is done."""
        self._unheard, self._exported_at = False, self._clock()
        self._export_cost = self._exported_at - begun

    def reported(self, at: Progress) -> None:
        """Note that a report, with all that belongs to it, is done."""
        self._steps_begun = self._clock()
        self._reported_step = at.step
        spent = self._steps_begun - self._decided_at
        exported = self._exported_at is not None and self._exported_at >= self._decided_at
        self._report_cost = spent - (self._export_cost if exported else 0.0)

    def _report_is_due(self, at: Progress, stop: bool) -> bool:
        # How far a given model is from the new recordings is worth knowing before it learns them.
        if at.fine_tuning and at.step == 0:
            return True
        if at.step == self._reported_step:
            return False
        if self._plan.max_steps is not None:
            return stop or self._steps_to_report(at) == self._every
        shortest, longest = REPORT_SECONDS
        pause = min(max(shortest, REPORT_GROWTH * at.minutes * 60.0), longest)
        pause = max(pause, self._report_cost / REPORT_SHARE)
        return stop or self._decided_at - self._steps_begun >= pause

    def _steps(self, at: Progress) -> int:
        if self._alone:
            return 1
        taken = at.step - self._reported_step
        each = self.seconds_of_steps() / taken if taken else MEETING_SECONDS
        steps = min(max(int(MEETING_SECONDS / max(each, 1e-9)), 1), MOST_STEPS)
        return steps if self._plan.max_steps is None else min(steps, self._steps_to_report(at))

    @property
    def _every(self) -> int:
        """How many steps lie between two reports where steps are counted."""
        assert self._plan.max_steps is not None
        return max(1, self._plan.max_steps // REPORTS_OF_COUNTED_STEPS)

    def _steps_to_report(self, at: Progress) -> int:
        assert self._plan.max_steps is not None
        taken = at.step - at.stretch_step
        to_end = self._plan.max_steps - taken
        to_report = self._every - taken % self._every
        return min(to_report, to_end) if to_end > 0 else to_report
