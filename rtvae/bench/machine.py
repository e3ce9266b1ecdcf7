"""The machine: what must be known to judge a figure, and how much others took of it meanwhile."""

import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

CPU_INFO = Path("/proc/cpuinfo")
CPU_TIMES = Path("/proc/stat")
PACKAGES = ("onnxruntime", "onnxruntime-gpu", "torch")


def facts() -> dict[str, Any]:
    """Return the processor, its cores, the load and the versions that matter."""
    return {
        "cpu": cpu_model(_text(CPU_INFO)) or platform.processor() or platform.machine(),
        "cores": os.cpu_count() or 1,
        "load_average": [round(v, 2) for v in os.getloadavg()] if hasattr(os, "getloadavg") else [],
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        **{package: version for package in PACKAGES if (version := _version(package))},
    }


def cpu_model(text: str) -> str:
    """Return the processor's name from the text of /proc/cpuinfo, or nothing."""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return ""


def steal_share(before: str, after: str) -> float | None:
    """Return the share of processor time that the hypervisor kept, from two texts of /proc/stat.

    None where the system does not say. The first line is `cpu` and the times of user, nice,
    system, idle, iowait, irq, softirq, steal (proc(5)).
    """
    first, last = _times(before), _times(after)
    if len(first) < 8 or len(last) < 8:
        return None
    spent = [b - a for a, b in zip(first[:8], last[:8], strict=True)]
    return spent[7] / sum(spent) if sum(spent) else 0.0


class Disturbance:
    """What others took from this process: between making it and `so_far`."""

    def __init__(self) -> None:
        self._times, self._pushed = _text(CPU_TIMES), _pushed_aside()

    def so_far(self) -> dict[str, float | int | None]:
        """Return the share of stolen time and how often this thread was pushed aside."""
        return {
            "steal_share": steal_share(self._times, _text(CPU_TIMES)),
            "involuntary_switches": _pushed_aside() - self._pushed,
        }


def _pushed_aside() -> int:
    if not sys.platform.startswith("linux"):
        return 0
    import resource  # not on every system

    return resource.getrusage(resource.RUSAGE_THREAD).ru_nivcsw


def _times(text: str) -> list[int]:
    words = text.partition("\n")[0].split()
    return [int(word) for word in words[1:]] if words[:1] == ["cpu"] else []


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
