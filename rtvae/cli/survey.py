"""`rtvae survey MODEL FOLDER`: give a model the map and the prior of what it was trained on."""

import argparse
import tempfile
from pathlib import Path

from rtvae.cli.targets import named
from rtvae.errors import CorpusError, UsageError


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "survey",
        description="Let a model listen to the recordings it was trained on, and keep in its "
        "folder a map of them to steer by, a prior to generate from, and where it is at home.",
    )
    parser.add_argument("model", help="name or path of a model folder")
    parser.add_argument("recordings", type=named, help="the folder it was trained on")
    parser.add_argument("--minutes", type=float, default=20.0, help="how much of it to hear (20)")
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Survey, write space.npz and the card."""
    from rtvae.model.library import find_model
    from rtvae.model.load import load_model
    from rtvae.model.ort import prepare_process
    from rtvae.paths import models_dir
    from rtvae.training.data import prepare
    from rtvae.training.survey import add_space, survey

    folder = find_model(args.model, models_dir())
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder; unzip the model and survey that.")
    if not 0.5 <= args.minutes <= 600.0:
        raise UsageError(f"--minutes {args.minutes:g} is not from 0.5 to 600; 20 is usual.")
    prepare_process()
    live = load_model(folder)
    if not live.latents:
        raise UsageError(f"The model {live.card.name} has no latents to survey; choose another.")
    with tempfile.TemporaryDirectory() as cache:
        recordings = prepare(args.recordings, Path(cache), live.card.sample_rate_hz, print)
        space = survey(live, recordings, print, args.minutes)
    if space is None:
        raise CorpusError(
            f"There is too little sound in {args.recordings} to survey the latents; give some "
            "20 seconds at least, none of it silence."
        )
    add_space(folder, live.card, space)
    print(f"{folder}: {(folder / 'space.npz').stat().st_size // 1000} KB, named in its card")
    return 0
