"""What a session came to, as one JSON file: latency, load, and all that went wrong."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from rtvae.errors import UsageError
from rtvae.host.readings import loads
from rtvae.host.whole_file import write_whole
from rtvae.link.layout import TIMING_ROWS
from rtvae.link.telemetry import TelemetryReader, dropouts

BIN = 0.001
BINS = 10_000
LATENCIES = ("device", "reblock", "buffer", "model")
COUNTERS = (
    "blocks",
    "frames",
    "late_blocks",
    "concealed_blocks",
    "input_overflows",
    "output_underflows",
    "guard_repairs",
    "limited_blocks",
    "rung_changes",
    "howls",
)
QUANTILES = {"median": 0.5, "p99": 0.99, "p99_9": 0.999}


class LoadHistogram:
    """The load of every block of a session, in steps of a thousandth of the block's period."""

    def __init__(self, telemetry: TelemetryReader) -> None:
        self._telemetry = telemetry
        self._rows_seen = int(telemetry.scalar("timing_rows"))
        self._counts = np.zeros(BINS, np.int64)

    def take(self) -> None:
        """Count the blocks since the last call; often enough and none is missed."""
        rows = int(self._telemetry.scalar("timing_rows"))
        new = min(max(rows - self._rows_seen, 0), TIMING_ROWS)
        self._rows_seen = rows
        if new:
            places = (loads(self._telemetry, new) / BIN).astype(np.int64)
            self._counts += np.bincount(np.clip(places, 0, BINS - 1), minlength=BINS)

    def summary(self) -> dict[str, float]:
        """The median, 99th and 99.9th percentile, as shares of the block's period."""
        total = int(self._counts.sum())
        reached = np.cumsum(self._counts)
        return {
            name: float(np.searchsorted(reached, share * total) * BIN) if total else 0.0
            for name, share in QUANTILES.items()
        }


def summarise(telemetry: TelemetryReader, histogram: LoadHistogram) -> dict[str, Any]:
    """Return what the telemetry knows of the whole session."""
    rate_hz = telemetry.scalar("sample_rate_hz")
    frames = {part: int(telemetry.scalar(f"{part}_latency_frames")) for part in LATENCIES}
    frames["total"] = sum(frames.values())
    counters = {name: int(telemetry.scalar(name)) for name in COUNTERS}
    return {
        "sample_rate_hz": int(rate_hz),
        "block_size": int(telemetry.scalar("block_size")),
        "latency": {
            part: {"frames": n, "ms": round(1000.0 * n / rate_hz, 3) if rate_hz else 0.0}
            for part, n in frames.items()
        },
        "load": histogram.summary(),
        "xruns": dropouts(counters["input_overflows"], counters["output_underflows"]),
        **counters,
    }


def write_stats(path: Path, stats: dict[str, Any]) -> None:
    """Write the file whole or not at all. Raises UsageError."""
    try:
        write_whole(path, json.dumps(stats, indent=2) + "\n")
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"The stats cannot be written to {path} ({reason}).") from error
