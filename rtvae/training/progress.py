"""Where a run stands: everything its schedules depend on, as a checkpoint keeps it.

A *stretch* is the time one budget is meant for. A session that is killed goes on within its
stretch; a run whose stretch is over begins another.
"""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

SPECTRA = "spectra"
ADVERSARIAL = "adversarial"


@dataclass
class Progress:
    """Counters of a run, over all its sessions.

    `best_db` is the lowest held-out distance so far, in the present phase; `settled_db` and
    `settled_share` say when the distance last fell by an amount worth noting, as a share of the
    stretch. `grown` tells that the run began with weights of another model and new ones beside
    them.
    """

    step: int = 0
    minutes: float = 0.0
    best_db: float = math.inf
    stretch_step: int = 0
    stretch_minutes: float = 0.0
    fine_tuning: bool = False
    phase: str = SPECTRA
    phase_step: int = 0
    spectra_db: float = math.inf
    settled_db: float = math.inf
    settled_share: float = 0.0
    grown: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for a checkpoint's metadata."""
        return asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> "Progress":
        """Undo `as_dict`; what an older checkpoint lacks takes its default."""
        known = {field.name for field in fields(Progress)}
        return Progress(**{k: v for k, v in data.items() if k in known})
