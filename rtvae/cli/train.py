"""`rtvae train FOLDER`: train a model on any folder of recordings.

Several processes train together when started by torchrun:

    torchrun --nproc-per-node 2 -m rtvae train FOLDER --run-folder RUN

(torchrun takes `--run` for one of its own options; `--run-folder` is the same.)
"""

import argparse
import math
from pathlib import Path

from rtvae.cli.targets import named, require_room_for_folder
from rtvae.errors import SetupError, UsageError

DEFAULT_MINUTES = 240.0


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("train", help="train a model on a folder of recordings")
    parser.add_argument("folder", type=named, help="folder with recordings, searched through")
    parser.add_argument(
        "--run", "--run-folder", type=named, help="run folder (default runs/NAME-OF-FOLDER)"
    )
    parser.add_argument(
        "--from",
        dest="origin",
        metavar="MODEL",
        help="start from this one: the name of a model, or the path of a model or a run",
    )
    parser.add_argument(
        "--preset", help="shape of the model: transform (default), voice, instrument or percussion"
    )
    parser.add_argument(
        "--validation", type=named, help="recordings to judge by (default: some of FOLDER)"
    )
    parser.add_argument(
        "--max-minutes",
        type=float,
        default=DEFAULT_MINUTES,
        help=f"stop after so many (default {DEFAULT_MINUTES:.0f}); a killed run goes on to there",
    )
    parser.add_argument(
        "--horizon-minutes",
        type=float,
        help="learn less and less until so many minutes of training in all, where several "
        "sessions are to lead there (default: --max-minutes)",
    )
    parser.add_argument(
        "--max-steps",
        type=int,
        help="stop after so many steps instead: the same losses whatever the machine's speed",
    )
    parser.add_argument(
        "--learning-rate",
        type=float,
        help="the highest rate (default: 1.5e-3, with --from 4e-4)",
    )
    parser.add_argument("--beta", type=float, default=1e-3, help="weight of the divergence")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument(
        "--adversarial",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="let a second network listen once the spectra are near (default: on a GPU)",
    )
    parser.add_argument(
        "--tensorboard",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="write curves, sounds and pictures for TensorBoard, where it is installed",
    )
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Train, or go on with the run that is already in the run folder."""
    try:
        from rtvae.training.session import Wishes, train
    except ModuleNotFoundError as error:
        raise SetupError(
            f"Training needs the package {error.name}; install it with: "
            "python -m pip install -c tools/constraints.txt -e '.[train]'."
        ) from error
    for name in ("max_minutes", "horizon_minutes", "max_steps", "learning_rate"):
        value = getattr(args, name)
        if value is not None and not 0 < value < math.inf:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} must be a number above 0; leave it out for the default.")
    if not 0.0 <= args.beta < math.inf:
        raise UsageError(f"--beta {args.beta:g} is not possible; choose 0 or more (1e-3 is usual).")
    if not 0 <= args.seed < 1 << 32:
        raise UsageError(f"--seed {args.seed} is not possible; choose from 0 to {(1 << 32) - 1}.")
    wishes = Wishes(
        validation=args.validation,
        origin=args.origin,
        preset=args.preset,
        max_minutes=args.max_minutes,
        horizon_minutes=args.horizon_minutes,
        max_steps=args.max_steps,
        learning_rate=args.learning_rate,
        beta=args.beta,
        seed=args.seed,
        device=args.device,
        adversarial=args.adversarial,
        tensorboard=args.tensorboard,
    )
    run_folder = args.run or Path("runs") / args.folder.resolve().name
    require_room_for_folder(run_folder, "--run")
    train(args.folder, run_folder, wishes, lambda line: print(line, flush=True))
    return 0
