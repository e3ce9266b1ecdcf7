"""`log.jsonl`: one line of JSON for each report, for whoever wants to draw the curve."""

import json
import math
from collections.abc import Callable
from pathlib import Path

from rtvae.training.report import Report


class LogReport:
    """Appends reports to `log.jsonl` in a run folder; what is there already stays.

    Where that fails it says so once: training goes on without the line.
    """

    def __init__(self, run: Path, say: Callable[[str], None]) -> None:
        self._path, self._say = run / "log.jsonl", say
        self._failed = False

    def report(self, report: Report) -> None:
        """Append one line; a number that is none is written as null."""
        line = {
            "minutes": report.minutes,
            "step": report.step,
            "held_out_db": report.held_out_db,
            **report.losses,
            "active_dimensions": report.active_dimensions,
            "best_db": report.best_db,
            "training_phase": report.phase,
            "learning_rate": report.learning_rate,
            "examples_per_second": report.examples_per_second,
        }
        text = json.dumps({k: _number(v) for k, v in line.items()}) + "\n"
        try:
            with open(self._path, "a", encoding="utf-8") as log:
                log.write(text)
            self._failed = False
        except OSError as error:
            if not self._failed:
                self._say(f"{self._path} cannot be written ({error.strerror}); training goes on.")
            self._failed = True

    def close(self) -> None:
        """Nothing is open between reports."""


def _number(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
