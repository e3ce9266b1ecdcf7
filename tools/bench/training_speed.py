"""How fast rtvae trains, beside a plain PyTorch loop of the RAVE recipe, measured in turns.

    python tools/bench/training_speed.py [--seconds 60] [--device cpu|cuda] [--threads N] [--json]

All loops hear clips of one length in batches of one size. The plain loop is the first phase of
the RAVE paper, in float32; it runs around RAVE's own network with as many parameters as rtvae's,
around one with as many multiply-adds, and around rtvae's network. Needs the train extra.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import torch

from interleaved import Lane, Rates, examples_per_second, ratio
from plain_loop import PlainLoop
from rave_network import count_parameters, multiply_adds_per_second, rave_network_with
from rtvae.cli.columns import columns
from rtvae.errors import RtvaeError, UsageError
from rtvae.io.audio_file import read_mono
from rtvae.paths import bundled_recording
from rtvae.training.distributed import make_fabric
from rtvae.training.presets import PRESETS
from rtvae.training.schedule import usual_batch
from rtvae.training.vae import Vae
from rtvae_loop import Whole, rtvae_step

OURS = "rtvae"
BARE = "rtvae without augmentation"
SAME_PARAMETERS = "plain loop, RAVE network, as many parameters"
SAME_COST = "plain loop, RAVE network, as many multiply-adds"
SAME_NETWORK = "plain loop, rtvae's network"
LONGEST_TURN_S = 3.0
FEWEST_ROUNDS = 3


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
            time.process_time if options.cpu_time else time.perf_counter,
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
        help="count this process's time on the CPU, not the wall's: steadier on a busy machine",
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args(arguments)


def measure(
    preset: str,
    device: str,
    threads: int | None,
    seconds: float,
    workers: int,
    clock: Callable[[], float],
) -> tuple[list[Row], dict[str, object]]:
    """Return a row for each loop, and what they have in common. Raises UsageError."""
    if preset not in PRESETS:
        raise UsageError(f"The preset {preset} is unknown; use one of {', '.join(PRESETS)}.")
    if threads is not None:
        torch.set_num_threads(threads)
    fabric, config = make_fabric(device), PRESETS[preset]
    rate, place = config.sample_rate_hz, fabric.device
    samples = np.round(read_mono(bundled_recording(), rate) * 32767.0).astype(np.int16)
    groups, clips, frames = shape = usual_batch(place, 1)
    batch = groups * clips
    network = Whole(Vae(config))
    parameters, cost = count_parameters(network), multiply_adds_per_second(network, rate)
    networks = {
        SAME_PARAMETERS: rave_network_with(parameters, count_parameters),
        SAME_COST: rave_network_with(cost, lambda each: multiply_adds_per_second(each, rate)),
        SAME_NETWORK: network,
    }
    sizes = {OURS: (parameters, cost), BARE: (parameters, cost)} | {
        name: (count_parameters(each), multiply_adds_per_second(each, rate))
        for name, each in networks.items()
    }
    steps = {
        OURS: rtvae_step(fabric, config, samples, shape, augmented=True),
        BARE: rtvae_step(fabric, config, samples, shape, augmented=False),
    } | {
        name: PlainLoop(each, samples, batch, frames, workers, place).step
        for name, each in networks.items()
    }
    turn_s = min(LONGEST_TURN_S, seconds / len(steps) / FEWEST_ROUNDS)
    rates = examples_per_second(
        [Lane(name, step, batch) for name, step in steps.items()],
        max(FEWEST_ROUNDS, round(seconds / len(steps) / turn_s)),
        turn_s,
        clock,
        torch.cuda.synchronize if place.type == "cuda" else lambda: None,
    )
    facts: dict[str, object] = {
        "preset": preset,
        "device": torch.cuda.get_device_name(place) if place.type == "cuda" else "cpu",
        "precision": str(fabric._precision.precision),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "clips_per_step": batch,
        "frames_per_clip": frames,
        "sample_rate_hz": rate,
        "clock": "cpu" if clock is time.process_time else "wall",
        "turn_s": turn_s,
    }
    return _rows(rates, sizes, frames / rate), facts


def _rows(rates: Rates, sizes: dict[str, tuple[int, float]], clip_s: float) -> list[Row]:
    return [
        Row(
            name,
            *sizes[name],
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
