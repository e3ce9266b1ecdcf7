"""`rtvae render`: play a file through a model into a file, or a recorded performance once more."""

import argparse
import math
import time
from collections.abc import Sequence
from pathlib import Path

from rtvae.control.parameters import index_of, latent_of, parameter_at, resolve
from rtvae.errors import UsageError


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "render",
        help="play a file through a model into a file",
        usage="rtvae render [options] MODEL IN OUT\n"
        "       rtvae render --performance FILE [--model MODEL] [--verify] [OUT]",
        description="Runs the very block path that plays live: at the same block size the samples "
        "are identical. The output is as long as the input, mono, and lines up with it. A "
        "performance that was recorded is played again with all that was turned, through the same "
        "model (then it is the recording, sample for sample) or another one.",
    )
    parser.add_argument(
        "ends",
        nargs="*",
        metavar="MODEL IN OUT",
        help="a model's name, folder or zip file; a sound file; the WAV, W64 or FLAC to write",
    )
    parser.add_argument("--performance", type=Path, metavar="FILE", help="NAME.rtvp to play again")
    parser.add_argument("--model", help="play the performance through this one")
    parser.add_argument(
        "--verify",
        action="store_true",
        help="write nothing, only say whether the performance comes out as it was recorded",
    )
    parser.add_argument("--preset", help="a preset's name or file")
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter, for example latent.1.offset=0.5 or mix=0.8; may be given several times",
    )
    parser.add_argument("--block-size", type=int, help="frames per block (default 128)")
    parser.add_argument(
        "--compensate-latency",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="take the latency off, so that the output lines up with the input (the default)",
    )
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Render and say what came out."""
    if args.performance is not None:
        return _play_again(args)
    if len(args.ends) != 3 or args.model is not None or args.verify:
        raise UsageError(
            "rtvae render takes MODEL IN OUT, or --performance FILE and perhaps OUT; see "
            "rtvae render --help."
        )
    return _render(args.ends[0], Path(args.ends[1]), Path(args.ends[2]), args)


def _play_again(args: argparse.Namespace) -> int:
    from rtvae.cli.performance import play_again

    if args.settings or args.preset is not None or args.block_size is not None:
        raise UsageError(
            "A performance brings its own settings and blocks; leave --set, --preset and "
            "--block-size away."
        )
    ends = list(args.ends)
    model = args.model if args.model is not None or len(ends) < 2 else ends.pop(0)
    if len(ends) > 1 or (args.verify and (ends or model is not None)):
        raise UsageError(
            "With --performance FILE there may be a model and one file to write, and neither with "
            "--verify; leave the rest away."
        )
    said, identical = play_again(
        args.performance, Path(ends[0]) if ends else None, model, args.verify
    )
    print("\n".join(said))
    return 1 if args.verify and not identical else 0


def _render(name: str, source: Path, destination: Path, args: argparse.Namespace) -> int:
    from rtvae.engine.render import render_file
    from rtvae.host.plan import SOUND_SUFFIXES
    from rtvae.host.preset_files import find_preset, load_preset, own_folders
    from rtvae.io.drivers import DEFAULT_BLOCK_SIZE
    from rtvae.model.library import find_model
    from rtvae.model.load import load_model
    from rtvae.model.ort import prepare_process
    from rtvae.paths import models_dir, presets_dir

    block_size = DEFAULT_BLOCK_SIZE if args.block_size is None else args.block_size
    if not 1 <= block_size <= 1 << 16:
        raise UsageError(f"--block-size {block_size} is not possible; choose from 1 to {1 << 16}.")
    if Path(name).suffix.lower() in SOUND_SUFFIXES:
        raise UsageError(f"{name} is a sound file; the model comes first: render MODEL IN OUT.")
    values: dict[int, float] = {}
    preset = None
    if args.preset is not None:
        preset = load_preset(find_preset(args.preset, presets_dir(), own_folders()))
    prepare_process()
    model = load_model(find_model(name, models_dir()))
    attributes = [latent.attribute for latent in model.card.latents]
    if preset is not None:
        found, _ = preset.values(attributes)
        values.update((index_of(name), value) for name, value in found.items())
    values.update(parse_setting(text, attributes) for text in args.settings)
    start = time.perf_counter()
    done = render_file(
        model,
        source,
        destination,
        values=values,
        block_size=block_size,
        compensate_latency=args.compensate_latency,
    )
    took_s = time.perf_counter() - start
    length_s = done.frames / done.sample_rate_hz
    latency_ms = 1e3 * done.latency_frames / done.sample_rate_hz
    taken_off = "taken off" if args.compensate_latency else "left in"
    print(
        f"{destination}: {length_s:.2f} s by {model.card.name} in {took_s:.2f} s; "
        f"latency of {done.latency_frames} frames ({latency_ms:.2f} ms) {taken_off}"
    )
    if done.repairs:
        print(f"The model failed in {done.repairs} blocks; the dry sound is heard there.")
    return 0


def parse_setting(text: str, attributes: Sequence[str]) -> tuple[int, float]:
    """Return a parameter's place and value from NAME=VALUE. Raises UsageError.

    `attributes` are the model's, one for each latent, "" where it has none.
    """
    name, equals, number = (part.strip() for part in text.partition("="))
    place = resolve(name, attributes)
    try:
        index = -1 if place is None else index_of(place)
    except KeyError:
        raise UsageError(
            f"There is no parameter {name!r}; write for example latent.1.offset=0.5 or mix=0.8."
        ) from None
    latent = None if place is None else latent_of(index)
    if place is None or (latent is not None and latent >= len(attributes)):
        raise UsageError(
            f"{name} is of a latent that this model has not; rtvae inspect MODEL lists the "
            f"{len(attributes)} it has."
        )
    parameter = parameter_at(index)
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not equals or not parameter.low <= value <= parameter.high:
        raise UsageError(
            f"{name}={number} is not possible; "
            f"choose a number from {parameter.low:g} to {parameter.high:g}."
        )
    return index, value
