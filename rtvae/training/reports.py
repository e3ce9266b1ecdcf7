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
    """Return the reporters of a run folder; `tensorboard` adds curves, sounds and pictures."""
    chosen: list[Reporter] = [ConsoleReport(say), LogReport(run, say)]
    if tensorboard:
        try:
            # TensorBoard takes a while to load, and training does without it as well.
            from rtvae.training.tensorboard_report import FOLDER, TensorBoardReport
        except ImportError:
            say("TensorBoard is not installed: no curves in a browser; pip install tensorboard")
        else:
            chosen.append(TensorBoardReport(run, say))
            say(f"curves, sounds and pictures: tensorboard --logdir {run / FOLDER}")
    return chosen
