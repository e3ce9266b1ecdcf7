"""One report of a training run: what the trainer found out since the last one."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

ACTIVE_NATS = 0.1
"""A dimension that carries less than this plays no part in the sound."""

Clip = NDArray[np.float32]


@dataclass(frozen=True)
class Report:
    """Where a run stands. Distances are log-mel distances in dB of the running mean's output.

    `minutes` and `step` count the whole run over all its sessions, `minutes_left` this one's
    rest. `losses` are means since the last report; `better` says whether `held_out_db` is the
    lowest so far, which `best_db` is in any case. `nats` has one divergence for each learned
    dimension, measured on held-out clips; `clips` are up to four pairs (wanted, played), float32
    `(frames,)`.
    """

    minutes: float
    step: int
    steps_per_second: float
    examples_per_second: float
    losses: dict[str, float]
    held_out_db: float
    best_db: float
    better: bool
    nats: tuple[float, ...]
    phase: str
    minutes_left: float
    learning_rate: float
    sample_rate_hz: int
    clips: tuple[tuple[Clip, Clip], ...] = ()

    @property
    def active_dimensions(self) -> int:
        """How many learned dimensions carry something."""
        return sum(value > ACTIVE_NATS for value in self.nats)


class Reporter(Protocol):
    """Shows or keeps reports. Nothing it does may end a training that goes well."""

    def report(self, report: Report) -> None:
        """Take in one report."""
        ...

    def close(self) -> None:
        """Finish what is being written."""
        ...
