"""How fast rtvae trains, beside a plain PyTorch loop of the RAVE recipe, measured in turns.

    python tools/bench/training_speed.py [--seconds 60] [--device cpu|cuda] [--threads N] [--json]

All loops hear clips of one length in batches of one size, each in a process of its own. The plain
loop is the first phase of the RAVE paper, in float32; it runs around RAVE's own network with as
many parameters as rtvae's, around one with as many multiply-adds, and around rtvae's network.
Needs the train extra.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from interleaved import Rates, Turn, rates_in_turns, ratio
from rtvae.bench.distant import Distant
from rtvae.cli.columns import columns
from rtvae.errors import RtvaeError, UsageError
from rtvae.training.distributed import make_fabric
from rtvae.training.presets import PRESETS
from rtvae.training.schedule import usual_batch
from training_lane import LOOPS, OURS, Course

LONGEST_TURN_S = 3.0
FEWEST_ROUNDS = 3
PROJECT = Path(__file__).resolve().parents[2]
LANE_FILE = Path(__file__).with_name("training_lane.py")


@dataclass(frozen=True)
class Row:
    """One loop's figures; `ours_over_it` is lowest, median and highest over the rounds."""

    loop: str
    parameters: int
    multiply_adds_per_second: float
    examples_per_second: float
    audio_seconds_per_second: float
    ours_over_it: tuple[float, float, float]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print a table or JSON."""
    options = _options(arguments)
    try:
        rows, facts = measure(
            options.preset,
            options.device,
            options.threads,
            options.seconds,
            options.workers,
            options.cpu_time,
            start,
        )
    except RtvaeError as error:
        print(f"training_speed: {error}", file=sys.stderr)
        return error.exit_status
    if options.json:
        print(json.dumps({**facts, "loops": [asdict(row) for row in rows]}, indent=2))
    else:
        print(table(rows, facts))
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How fast rtvae trains.")
    parser.add_argument("--seconds", type=float, default=60.0, help="of measuring (default 60)")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--threads", type=int, help="of the CPU (default: what torch takes)")
    parser.add_argument("--workers", type=int, default=2, help="processes of the plain loader")
    parser.add_argument("--preset", default=next(iter(PRESETS)), help=", ".join(PRESETS))
    parser.add_argument(
        "--cpu-time",
        action="store_true",
        help="count each process's time on the CPU, not the wall's: steadier on a busy machine",
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args(arguments)


def start(course: Course) -> Distant:
    """Start a lane's process and wait until it is warm. Raises ModelError if it ends instead."""
    return Distant([sys.executable, str(LANE_FILE), course.as_text()], modules=PROJECT)


def measure(
    preset: str,
    device: str,
    threads: int | None,
    seconds: float,
    workers: int,
    cpu_time: bool,
    start: Callable[[Course], Distant],
) -> tuple[list[Row], dict[str, object]]:
    """Return a row for each loop, and what they have in common. Raises UsageError."""
    if preset not in PRESETS:
        raise UsageError(f"The preset {preset} is unknown; use one of {', '.join(PRESETS)}.")
    fabric, config = make_fabric(device), PRESETS[preset]
    place = fabric.device
    shape = usual_batch(place, 1)
    groups, clips, frames = shape
    courses = [
        Course(
            loop,
            config.as_dict(),
            shape,
            place.type,
            threads or torch.get_num_threads(),
            workers,
            cpu_time,
        )
        for loop in LOOPS
    ]
    turn_s = min(LONGEST_TURN_S, seconds / len(courses) / FEWEST_ROUNDS)
    rounds = max(FEWEST_ROUNDS, round(seconds / len(courses) / turn_s))
    with ExitStack() as open_lanes:
        lanes: dict[str, Distant] = {}
        for course in courses:
            lanes[course.loop] = start(course)
            open_lanes.callback(lanes[course.loop].close)
        turns = {name: _turn_of(lane) for name, lane in lanes.items()}
        rates = rates_in_turns(turns, rounds, turn_s)
    facts: dict[str, object] = {
        "preset": preset,
        "device": torch.cuda.get_device_name(place) if place.type == "cuda" else "cpu",
        "precision": str(fabric._precision.precision),
        "threads": courses[0].threads,
        "torch": torch.__version__,
        "clips_per_step": groups * clips,
        "frames_per_clip": frames,
        "sample_rate_hz": config.sample_rate_hz,
        "clock": "cpu" if cpu_time else "wall",
        "rounds": rounds,
        "turn_s": turn_s,
    }
    return _rows(rates, lanes, frames / config.sample_rate_hz), facts


def _turn_of(lane: Distant) -> Turn:
    def turn(seconds: float) -> float:
        return float(lane.ask({"do": "turn", "seconds": seconds})["examples_per_second"])

    return turn


def _rows(rates: Rates, lanes: dict[str, Distant], clip_s: float) -> list[Row]:
    return [
        Row(
            name,
            int(lanes[name].hello["parameters"]),
            float(lanes[name].hello["multiply_adds_per_second"]),
            statistics.median(found),
            statistics.median(found) * clip_s,
            ratio(rates[OURS], found),
        )
        for name, found in rates.items()
    ]


def table(rows: list[Row], facts: dict[str, object]) -> str:
    """Return the figures as text."""
    cells: list[tuple[str, ...]] = [
        ("loop", "parameters", "G mult-adds/s", "examples/s", "audio s/s", "rtvae over it")
    ]
    for row in rows:
        low, middle, high = row.ours_over_it
        cells.append(
            (
                row.loop,
                f"{row.parameters:,}",
                f"{row.multiply_adds_per_second / 1e9:.2f}",
                f"{row.examples_per_second:.1f}",
                f"{row.audio_seconds_per_second:.1f}",
                f"{middle:.2f} ({low:.2f} to {high:.2f})",
            )
        )
    words = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in facts.items())
    return f"{columns(cells)}\n{words}"


if __name__ == "__main__":
    sys.exit(main())
