"""`log.jsonl`: one line of JSON for each report, for whoever wants to draw the curve."""

import json
import math
from pathlib import Path

from rtvae.training.report import Report


class LogReport:
    """Appends reports to `log.jsonl` in a run folder; what is there already stays."""

    def __init__(self, run: Path) -> None:
        self._path = run / "log.jsonl"

    def report(self, report: Report) -> None:
        """Append one line; a number that is none is written as null."""
        line = {
            "minutes": report.minutes,
            "step": report.step,
            "held_out_db": report.held_out_db,
            **report.losses,
            "active_dimensions": report.active_dimensions,
            "best_db": report.best_db,
            "phase_of_training": report.phase,
            "learning_rate": report.learning_rate,
            "examples_per_second": report.examples_per_second,
        }
        with open(self._path, "a", encoding="utf-8") as log:
            log.write(json.dumps({k: _number(v) for k, v in line.items()}) + "\n")

    def close(self) -> None:
        """Nothing is open between reports."""


def _number(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
