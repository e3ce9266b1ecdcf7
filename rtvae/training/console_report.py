"""The terminal's view of a training: how far, how long still, how close, and how healthy."""

from collections.abc import Callable

from rtvae.training.report import Report


class ConsoleReport:
    """Says each report through `say`, in one line."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def report(self, report: Report) -> None:
        """Say one report."""
        losses = " ".join(f"{name} {value:.3f}" for name, value in report.losses.items())
        self._say(
            f"{report.minutes:6.1f} min, step {report.step}, "
            f"{report.steps_per_second:.1f} steps/s, {losses}; "
            f"held out {report.held_out_db:.2f} dB, {report.minutes_left:.0f} min left"
        )

    def close(self) -> None:
        """Nothing to finish."""
