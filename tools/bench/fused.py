"""Two ONNX sessions beside one fused graph, and our executor beside both, paced and in turns.

    python tools/bench/fused.py [--model transform | --size brave] [--frames 64,128] [--seconds 20]

Each lane plays encoder, knobs and decoder of the same weights; all are timed only after they have
made the same sound. The bar: what plays by default costs no more than the fused graph in ONNX
Runtime. What two sessions cost over the fused graph is printed as a fact.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from fused_graph import FusedModel, write_fused_graph
from rtvae.bench.agreement import relative_difference, tolerance_of
from rtvae.bench.pacing import Record, blocks_for, pace
from rtvae.bench.sound import sound
from rtvae.bench.stage import stage
from rtvae.bench.statistics import ratio_of_medians, ratio_of_tails
from rtvae.errors import ModelError, RtvaeError
from rtvae.io.clocks import MonotonicClock
from rtvae.model.admit import Admitted, admit
from rtvae.model.library import DEFAULT_MODEL, find_model
from rtvae.model.live import Floats, LiveModel
from rtvae.model.load import load_admitted
from rtvae.model.ort import OrtModel, prepare_process
from rtvae.paths import models_dir

OURS, TWO, FUSED = "ours", "two sessions, onnxruntime", "one fused graph, onnxruntime"
MOST_OF_FUSED = 1.0
SCALE, OFFSET = np.float32(1.1), np.float32(0.05)
SOUND_S = 4.0
WARM_UP_BLOCKS = 100

Play = Callable[[Floats, Floats], None]


class KnobLane:
    """Plays whole hops through `play`, and only waits in blocks before a hop is full."""

    def __init__(self, play: Play, frames: int, hop_frames: int, heard: Floats) -> None:
        step = max(frames, hop_frames)
        self._play, self._every = play, max(1, hop_frames // frames)
        self._steps = heard[: heard.size // step * step].reshape(-1, step)
        self._played = np.zeros(step, np.float32)
        self._at = 0
        self._took_s = 0.0
        for _ in range(WARM_UP_BLOCKS):
            play(self._steps[0], self._played)

    def prepare(self) -> None:
        """See Lane."""

    def play(self) -> None:
        """See Lane."""
        self._at += 1
        self._took_s = 0.0
        if self._at % self._every == 0:
            start = perf_counter()
            self._play(self._steps[self._at // self._every % len(self._steps)], self._played)
            self._took_s = perf_counter() - start

    def parts_s(self) -> tuple[float, float, float]:
        """See Lane: the whole stands in for the encoder."""
        return self._took_s, 0.0, 0.0


def through_two(model: LiveModel, hops: int) -> Play:
    """Return what plays a model in two steps, with the knobs between them."""
    mean, std = (np.zeros((hops, model.latents), np.float32) for _ in range(2))

    def play(heard: Floats, played: Floats) -> None:
        model.encode(heard, mean, std)
        np.multiply(mean, SCALE, out=mean)
        np.add(mean, OFFSET, out=mean)
        model.decode(mean, played)

    return play


def compare(
    admitted: Admitted, ours: LiveModel, frames: int, seconds: float, folder: Path
) -> dict[str, Record]:
    """Measure all lanes at one block size. Raises ModelError if one sounds otherwise."""
    card = admitted.card
    hops = max(1, frames // card.hop_frames)
    path = folder / f"fused-{hops}.onnx"
    write_fused_graph(admitted.folder, hops, path)
    fused, two = FusedModel(path, card, hops), OrtModel(admitted.folder, card)
    fused.scale[:], fused.offset[:] = SCALE, OFFSET
    plays: dict[str, Play] = {
        OURS: through_two(ours, hops),
        TWO: through_two(two, hops),
        FUSED: fused.play,
    }
    heard = sound(SOUND_S, card.sample_rate_hz)
    ours.reset()
    made = {name: _sound_of(play, heard, hops * card.hop_frames) for name, play in plays.items()}
    for name, played in made.items():
        apart = relative_difference(played, made[TWO])
        if not apart <= tolerance_of(two):
            raise ModelError(f"{card.name} sounds otherwise through {name} (by {apart:.1e}).")
    period_s = frames / card.sample_rate_hz
    lanes = [KnobLane(play, frames, card.hop_frames, heard) for play in plays.values()]
    records = pace(lanes, blocks_for(seconds, period_s), period_s, MonotonicClock())
    return dict(zip(plays, records, strict=True))


def _sound_of(play: Play, heard: Floats, step: int) -> Floats:
    played = np.zeros(heard.size // step * step, np.float32)
    for at in range(0, played.size, step):
        play(heard[at : at + step], played[at : at + step])
    return played


def report(frames: int, executor: str, records: dict[str, Record]) -> str:
    """Return the table of one block size."""
    took = {name: record.played_s for name, record in records.items()}
    lines = [
        f"{frames} frames: encoder, knobs and decoder, one thread",
        f"  {'':32}{'median us':>10}{'99.9 % us':>11}   times the fused graph: median, 99.9 %",
    ]
    for name, cost_s in took.items():
        title = f"{name}, {executor}" if name == OURS else name
        ratios = (ratio_of_medians(cost_s, took[FUSED]), ratio_of_tails(cost_s, took[FUSED]))
        tail_s = np.percentile(cost_s, 99.9, method="higher")
        lines.append(
            f"  {title:<32}{1e6 * np.median(cost_s):>10.1f}{1e6 * tail_s:>11.1f}"
            f"{'':26}{ratios[0]:>7.2f}{ratios[1]:>8.2f}"
        )
    ours = ratio_of_medians(took[OURS], took[FUSED])
    verdict = "pass" if ours <= MOST_OF_FUSED else "FAIL"
    lines.append(
        f"  {verdict}: ours over the fused graph in onnxruntime {ours:.2f} "
        f"(at most {MOST_OF_FUSED:g})"
    )
    return "\n".join(lines)


@contextmanager
def model_of(name: str, size: str | None) -> Iterator[Admitted]:
    """Provide an installed model, or random weights of a size in a folder that goes again."""
    if size is None:
        yield admit(find_model(name, models_dir()))
        return
    from rtvae.training.random_model import BRAVE_SIZE, write_random_model

    with TemporaryDirectory() as folder:
        write_random_model(Path(folder) / size, BRAVE_SIZE)
        yield admit(Path(folder) / size)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--size", choices=("brave",))
    parser.add_argument("--frames", default="64,128", help="block sizes, with commas")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each lane at each size")
    args = parser.parse_args(arguments)
    prepare_process()
    failed = False
    try:
        with model_of(args.model, args.size) as admitted, TemporaryDirectory() as folder:
            if admitted.card.kind != "vae":
                raise ModelError(f"{admitted.card.name} has no encoder and decoder to fuse.")
            ours = load_admitted(admitted)
            print(f"{admitted.card.name}, {admitted.card.parameters:,} parameters", flush=True)
            with stage():
                for frames in map(int, args.frames.split(",")):
                    records = compare(admitted, ours, frames, args.seconds, Path(folder))
                    text = report(frames, ours.executor, records)
                    failed |= "FAIL" in text
                    print(text, flush=True)
    except RtvaeError as error:
        print(f"fused.py: {error}", file=sys.stderr)
        return error.exit_status
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
