"""The terminal's view of a training: how far, how close, how long still, and how healthy.

42.5 min, step 12000: mel 0.412  phase 0.611, 5.1 steps/s
          held out 4.31 dB (best 4.28), reconstruction still improving, ...; 2 h 10 min left
"""

from collections.abc import Callable
from dataclasses import replace

from rtvae.training.health import health
from rtvae.training.report import Report


class ConsoleReport:
    """Says each report through `say`, in two lines."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._history: list[Report] = []

    def report(self, report: Report) -> None:
        """Say one report."""
        self._history.append(replace(report, clips=()))
        for line in lines(report, health(self._history)):
            self._say(line)

    def close(self) -> None:
        """Nothing to finish."""


def lines(report: Report, health_line: str) -> tuple[str, str]:
    """Return the two lines of a report."""
    losses = "  ".join(f"{name} {value:.3f}" for name, value in report.losses.items())
    doing = f"{losses}, {report.steps_per_second:.1f} steps/s" if losses else "before it learns"
    return (
        f"{report.minutes:7.1f} min, step {report.step}: {doing}",
        f"{'':12}held out {report.held_out_db:.2f} dB (best {report.best_db:.2f}), "
        f"{health_line}; {duration(report.minutes_left)} left",
    )


def duration(minutes: float) -> str:
    """Return a length of time as somebody waiting would say it."""
    whole = round(minutes)
    if whole < 1:
        return "less than a minute"
    hours, rest = divmod(whole, 60)
    if hours >= 48:
        return f"{hours / 24:.0f} days"
    return f"{hours} h {rest:02} min" if hours else f"{rest} min"
