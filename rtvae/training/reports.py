"""Who hears of a training: the terminal, `log.jsonl` and TensorBoard.

    trainer -> Report -> console, log.jsonl, tensorboard/

Each of them is a Reporter; only one process of a training reports.
"""

from collections.abc import Callable
from pathlib import Path

from rtvae.training.console_report import ConsoleReport
from rtvae.training.log_report import LogReport
from rtvae.training.report import Report, Reporter

__all__ = ["Report", "Reporter", "reporters"]


def reporters(run: Path, say: Callable[[str], None], tensorboard: bool) -> list[Reporter]:
    """Return the reporters of a run folder; `tensorboard` adds scalars, audio and pictures."""
    return [ConsoleReport(say), LogReport(run)]
