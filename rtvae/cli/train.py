"""`rtvae train FOLDER`: train a model on any folder of recordings."""

import argparse
from pathlib import Path

from rtvae.errors import SetupError, UsageError

DEFAULT_MINUTES = 240.0


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("train", help="train a model on a folder of recordings")
    parser.add_argument("folder", type=Path, help="folder with recordings, searched through")
    parser.add_argument("--run", type=Path, help="run folder (default runs/NAME-OF-FOLDER)")
    parser.add_argument("--from", dest="origin", type=Path, help="start from this run or model")
    parser.add_argument(
        "--validation", type=Path, help="recordings to judge by (default: the last 5 percent)"
    )
    parser.add_argument(
        "--max-minutes", type=float, default=DEFAULT_MINUTES, help="stop this session after"
    )
    parser.add_argument(
        "--horizon-minutes",
        type=float,
        help="the learning rate reaches its end after so many minutes in all (default: the same)",
    )
    parser.add_argument("--beta", type=float, default=1e-3, help="weight of the divergence")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Train, or go on with the run that is already in the run folder."""
    try:
        from rtvae.training.session import train
    except ModuleNotFoundError as error:
        raise SetupError(
            f"Training needs the package {error.name}; install it with: "
            "python -m pip install -c tools/constraints.txt -e '.[train]'."
        ) from error
    if args.max_minutes <= 0:
        raise UsageError("--max-minutes must be more than 0; leave it out to train for hours.")
    run_folder = args.run or Path("runs") / args.folder.resolve().name
    train(
        args.folder,
        run_folder,
        validation=args.validation,
        origin=args.origin,
        max_minutes=args.max_minutes,
        horizon_minutes=args.horizon_minutes or args.max_minutes,
        beta=args.beta,
        seed=args.seed,
        device=args.device,
        say=lambda line: print(line, flush=True),
    )
    return 0
