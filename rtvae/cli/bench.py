"""`rtvae bench`: what a model costs per block on this machine, beside its peers."""

import argparse
import json
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rtvae.cli.targets import require_writable
from rtvae.errors import UsageError

if TYPE_CHECKING:
    from rtvae.model.admit import Admitted

DEFAULT_BLOCKS = "64,128,256,512"
DEFAULT_SECONDS = 10.0
LEAST_BLOCK, MOST_BLOCK = 16, 8192


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "bench",
        help="measure what a model costs per block",
        description="Plays blocks as an audio device would, one per period with sleep in "
        "between, and says what encoder, latent control, decoder and the rest of the callback "
        "take. Only ratios within one run travel from machine to machine.",
    )
    parser.add_argument("--model", help="a model's name, its folder or its zip file")
    parser.add_argument(
        "--blocks",
        default=DEFAULT_BLOCKS,
        metavar="FRAMES,...",
        help=f"block sizes in frames (default {DEFAULT_BLOCKS})",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=DEFAULT_SECONDS,
        help="how long to measure each lane at each block size (default 10)",
    )
    parser.add_argument(
        "--peers",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="measure the same weights as a plain Conv1d export, TorchScript and PyTorch too",
    )
    parser.add_argument(
        "--size",
        choices=("brave",),
        help="measure a model with random weights instead: brave has 4.2 million weights and a "
        "hop of 128 frames (needs the train extra)",
    )
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        type=Path,
        metavar="FOLDER",
        help="measure a peer too that tools/bench/peers.py has put into this folder",
    )
    parser.add_argument("--json", metavar="FILE", help="write JSON here; - prints it instead")
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    block_sizes = parse_blocks(args.blocks)
    if not (math.isfinite(args.seconds) and args.seconds > 0.0):
        raise UsageError(f"--seconds {args.seconds} is not possible; choose a number above 0.")
    to_file = args.json not in (None, "-")
    if to_file:
        require_writable(Path(args.json), "--json")
    if args.size and args.model:
        raise UsageError("--size and --model name two models; give one of them.")

    # One core is what is measured. NumPy heeds this only before it is loaded, which is now.
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")

    from rtvae.bench.session import bench
    from rtvae.bench.table import table
    from rtvae.host.whole_file import write_whole
    from rtvae.model.ort import prepare_process

    prepare_process()
    with _model(args.model, args.size) as admitted:
        figures = bench(
            admitted,
            block_sizes,
            args.seconds,
            with_peers=args.peers,
            distant_peers=args.peer,
            say=lambda line: print(line, file=sys.stderr, flush=True),
        )
    text = json.dumps(figures.as_dict(), indent=2)
    if args.json == "-":
        print(text)
        return 0
    print(table(figures))
    if to_file:
        try:
            write_whole(Path(args.json), text + "\n")
        except OSError as error:
            raise UsageError(
                f"--json {args.json} cannot be written ({error.strerror}); name another file."
            ) from error
    return 0


@contextmanager
def _model(name: str | None, size: str | None) -> Iterator["Admitted"]:
    """Provide the model that was asked for; one of a size lies in a folder that goes again."""
    from rtvae.model.admit import admit
    from rtvae.model.library import DEFAULT_MODEL, find_model
    from rtvae.paths import models_dir

    if size is None:
        yield admit(find_model(name or DEFAULT_MODEL, models_dir()))
        return
    from rtvae.training.random_model import BRAVE_SIZE, write_random_model

    with TemporaryDirectory(prefix="rtvae-bench-") as folder:
        place = Path(folder) / size
        write_random_model(place, BRAVE_SIZE)
        yield admit(place)


def parse_blocks(text: str) -> tuple[int, ...]:
    """Return the block sizes of a list such as 64,128. Raises UsageError."""
    sizes = []
    for word in text.split(","):
        if not (word.strip().isdecimal() and LEAST_BLOCK <= int(word) <= MOST_BLOCK):
            raise UsageError(
                f"--blocks {text} is not possible; give frames from {LEAST_BLOCK} to "
                f"{MOST_BLOCK}, with commas between."
            )
        sizes.append(int(word))
    return tuple(dict.fromkeys(sizes))
