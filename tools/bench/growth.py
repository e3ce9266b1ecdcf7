"""Whether a process grows: what it holds, looked at again and again, and the slope of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MOST_GROWTH_KIB = 2048
MOST_MAPPINGS = 32
"""Memory that the allocator has not yet reused comes and goes by as much."""

SETTLING_SHARE = 0.2


@dataclass(frozen=True)
class Holdings:
    """What a process holds: memory in KiB, threads, handles, mappings, and shared mappings."""

    resident_kib: int
    threads: int
    handles: int
    mappings: int
    shared_mappings: int

    @staticmethod
    def of(pid: int | str = "self") -> "Holdings":
        """Look at a process of this Linux machine (proc(5)). Raises OSError if it is gone."""
        folder = Path("/proc") / str(pid)
        status = dict(
            line.split(":", 1)
            for line in (folder / "status").read_text().splitlines()
            if ":" in line
        )
        mappings = (folder / "maps").read_text().splitlines()
        return Holdings(
            int(status["VmRSS"].split()[0]),
            int(status["Threads"]),
            sum(1 for _ in (folder / "fd").iterdir()),
            len(mappings),
            sum(line.split()[1].endswith("s") for line in mappings),
        )


def faults(seen: Sequence[tuple[float, Holdings]]) -> list[str]:
    """Return what grew, one sentence each; the first fifth of the looks is for settling.

    Memory has grown where the median of the last third of the looks lies more than
    MOST_GROWTH_KIB above that of the first third; anything else if its least number has risen,
    mappings by more than MOST_MAPPINGS.
    """
    settled = list(seen[int(SETTLING_SHARE * len(seen)) :])
    third = max(1, len(settled) // 3)
    first, last = settled[:third], settled[-third:]
    found = []
    grown_kib = _median(last) - _median(first)
    if grown_kib > MOST_GROWTH_KIB:
        found.append(f"resident memory grew by {grown_kib:.0f} KiB")
    for name in ("threads", "handles", "mappings", "shared_mappings"):
        before, after = (min(getattr(h, name) for _, h in some) for some in (first, last))
        if after > before + (MOST_MAPPINGS if name == "mappings" else 0):
            found.append(f"{name.replace('_', ' ')} grew from {before} to {after}")
    return found


def slope_kib(seen: Sequence[tuple[float, Holdings]]) -> float:
    """Return KiB of resident memory per unit of progress, fitted after settling."""
    settled = list(seen[int(SETTLING_SHARE * len(seen)) :])
    if len(settled) < 2:
        return 0.0
    at, kib = np.array([(progress, h.resident_kib) for progress, h in settled], float).T
    return float(np.polyfit(at - at[0], kib, 1)[0]) if np.ptp(at) else 0.0


def _median(seen: Sequence[tuple[float, Holdings]]) -> float:
    return float(np.median([h.resident_kib for _, h in seen]))
