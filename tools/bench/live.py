"""What the callback costs in a real stream: `rtvae play` on a JACK server without a sound card.

    python tools/bench/live.py [--model transform] [--frames 64,128] [--seconds 20]

Reads the engine's own account of every block (the telemetry's timing ring) and prints 10th
percentiles (the moments when nobody else was at work), medians and 99.9th percentiles in
microseconds. "All but the model" is everything in the callback that is
neither encoder nor decoder; at most 60 us of it is the bar.
"""

import argparse
import sys
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jack_stage import JackServer, Playing, Trouble
from rtvae.bench.statistics import QUIET_PERCENT, TAIL_PERCENT
from rtvae.link.layout import TIMING_COLUMNS, TIMING_ROWS
from rtvae.link.telemetry import TelemetryReader
from rtvae.model.library import DEFAULT_MODEL

SETTLING_S = 3.0
LOOK_S = 0.2
MOST_AROUND_US = 60.0
SERVER = "rtvae-live"


def collect(telemetry: TelemetryReader, seconds: float) -> NDArray[np.float32]:
    """Return the cost of each block that is played meanwhile, `(blocks, 5)` in us."""
    seen, rows = int(telemetry.scalar("timing_rows")), []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(LOOK_S)
        now = int(telemetry.scalar("timing_rows"))
        fresh = min(now - seen, TIMING_ROWS)
        if fresh > 0:
            rows.append(telemetry.timing(fresh)[0])
        seen = now
    if not rows:
        raise Trouble("No block was played while it was measured.")
    return np.concatenate(rows)


def summarise(timing: NDArray[np.float32]) -> dict[str, tuple[float, float, float]]:
    """Return 10th percentile, median and 99.9th of each part, and of all but the model."""
    columns = {name: timing[:, k] for k, name in enumerate(TIMING_COLUMNS)}
    columns["all but the model"] = columns["control"] + columns["rest"]
    return {
        name: (
            float(np.percentile(cost, QUIET_PERCENT)),
            float(np.median(cost)),
            float(np.percentile(cost, TAIL_PERCENT, method="higher")),
        )
        for name, cost in columns.items()
    }


def report(frames: int, rate_hz: int, timing: NDArray[np.float32], late: int) -> str:
    """Return the table of one block size."""
    lines = [
        f"{frames} frames, period {1e6 * frames / rate_hz:.0f} us, {timing.shape[0]:,} blocks, "
        f"{late} late",
        f"  {'':20}{'quiet us':>10}{'median us':>11}{'99.9 % us':>11}",
    ]
    costs = summarise(timing)
    lines += [
        f"  {name:<20}{quiet:>10.1f}{median:>11.1f}{tail:>11.1f}"
        for name, (quiet, median, tail) in costs.items()
    ]
    around = costs["all but the model"][1]
    verdict = "pass" if around <= MOST_AROUND_US else "FAIL"
    lines.append(f"  {verdict}: all but the model {around:.1f} us (at most {MOST_AROUND_US:g})")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--frames", default="64,128", help="periods of the server, with commas")
    parser.add_argument("--seconds", type=float, default=20.0)
    args = parser.parse_args(arguments)
    try:
        for frames in map(int, args.frames.split(",")):
            with JackServer(SERVER, frames) as server:
                play = [args.model, "--driver", "portaudio", "--no-window"]
                with Playing(play, server.environment) as playing:
                    time.sleep(SETTLING_S)
                    telemetry = playing.telemetry
                    late = int(telemetry.scalar("late_blocks"))
                    timing = collect(telemetry, args.seconds)
                    late = int(telemetry.scalar("late_blocks")) - late
            print(report(frames, server.rate_hz, timing, late), flush=True)
    except Trouble as trouble:
        print(f"live.py: {trouble}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
