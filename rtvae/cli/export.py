"""`rtvae export RUN MODEL`: turn a training run into a model folder, if it passes the gate."""

import argparse
import os
import re
from pathlib import Path

from rtvae.cli.targets import named, require_room_for_folder
from rtvae.errors import SetupError, UsageError

CHECKPOINT = ".safetensors"


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("export", help="turn a training run into a model folder")
    parser.add_argument("source", type=named, help="run folder, model folder or checkpoint file")
    parser.add_argument("destination", type=named, help="the model folder to make: models/NAME")
    parser.add_argument("--title", help="a longer name to show")
    parser.add_argument("--licence", default="unstated", help="under which the model may be used")
    parser.add_argument("--description", default="", help="a sentence on what it was trained on")
    parser.add_argument(
        "--recordings", type=Path, help="folder to measure the latents on (default: the run's)"
    )
    parser.add_argument(
        "--test", type=Path, help="folder of recordings to state the distance for in the card"
    )
    parser.add_argument("--replace", action="store_true", help="replace an existing model")
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Export and say what the card says."""
    try:
        from rtvae.training.export import Label, export_model
        from rtvae.training.session import run_recordings
    except ModuleNotFoundError as error:
        raise SetupError(
            f"Exporting needs the package {error.name}; "
            "install it with: python -m pip install -c tools/constraints.txt -e '.[train]'."
        ) from error
    name = args.destination.name
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise UsageError(
            f"A model cannot be called {name!r}; use letters, digits, dots and dashes."
        )
    label = Label(name, args.title or name, args.licence, args.description)
    source: Path = args.source
    if os.path.isdir(source):
        found = any(source.glob(f"*{CHECKPOINT}"))
    else:
        found = os.path.isfile(source) and source.suffix == CHECKPOINT
    if not found:
        raise UsageError(
            f"{source} holds no checkpoint; name a run folder, a model folder or a checkpoint file."
        )
    require_room_for_folder(args.destination, "The model folder")
    card = export_model(
        args.source,
        args.destination,
        label,
        run_recordings(args.source, args.recordings, print),
        print,
        test=args.test,
        replace_existing=args.replace,
    )
    ms = 1000.0 * card.latency.algorithmic_frames / card.sample_rate_hz
    print(
        f"{args.destination}: {card.parameters} parameters, {card.latent_count} latents, "
        f"latency {card.latency.algorithmic_frames} frames ({ms:.2f} ms) before device buffers"
    )
    return 0
