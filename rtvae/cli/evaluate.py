"""`rtvae evaluate MODEL FOLDER`: how far a model's output is from its input, file by file."""

import argparse
import json
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from rtvae.cli.targets import named, require_writable
from rtvae.errors import SetupError, UsageError
from rtvae.evaluation.figures import TERMINAL_COLUMNS, TRANSFER_COLUMNS, as_json
from rtvae.evaluation.folder import LONGEST_S, evaluate_folder, excerpts
from rtvae.evaluation.knobs import named_knob_effects
from rtvae.evaluation.pitch import WITHOUT_TRACKER, find_tracker
from rtvae.evaluation.tables import Table, all_tables
from rtvae.model.library import find_model
from rtvae.model.load import load_model
from rtvae.paths import models_dir

WIDTH_OF_FILES = 200


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("evaluate", help="measure a model on a folder of recordings")
    parser.add_argument("model", help="name or path of the model")
    parser.add_argument("folder", type=named, help="folder of recordings, searched through")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--html", type=Path, metavar="REPORT.html", help="write a report to look at and listen to"
    )
    parser.add_argument(
        "--knobs", action="store_true", help="measure what the knobs named after attributes do"
    )
    parser.add_argument(
        "--transfer",
        action="store_true",
        help="the model is of another sound: is the player followed, and did the timbre move?",
    )
    parser.add_argument(
        "--target", type=Path, metavar="FOLDER", help="recordings of that sound, for --transfer"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=LONGEST_S,
        help="measure no more than the beginning of each recording (%(default)g)",
    )
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Measure and print; files that cannot be read are named on the way."""
    if args.target and not args.transfer:
        raise UsageError("--target belongs to --transfer; give both or neither.")
    if not 0.0 < args.seconds < float("inf"):
        raise UsageError(f"--seconds must be above 0, not {args.seconds:g}.")
    if args.html:
        _check_report(args.html)
    model = load_model(find_model(args.model, models_dir()))
    console = Console(stderr=True)
    tracker = find_tracker()

    def say(sentence: str) -> None:
        console.print(sentence, markup=False, soft_wrap=True)

    if tracker is None:
        say(f"{WITHOUT_TRACKER}.")
    with console.status("") as status:

        def begin(what: str) -> None:
            status.update(f"measuring {what}")

        evaluation = evaluate_folder(
            model,
            args.folder,
            tracker,
            longest_s=args.seconds,
            transfer=args.transfer,
            target=args.target,
            say=say,
            begin=begin,
        )
        knobs = None
        if args.knobs:
            begin("the knobs")
            sounds = excerpts(args.folder, evaluation.rows, model.card.sample_rate_hz)
            knobs = named_knob_effects(model, sounds, tracker)
        if args.html:
            begin("for the report")
            from rtvae.evaluation.report import write_report

            write_report(args.html, model, args.folder, evaluation, knobs)
    if args.json:
        print(json.dumps(as_json(model.card, evaluation, knobs), allow_nan=False))
    else:
        columns = TRANSFER_COLUMNS if args.transfer else TERMINAL_COLUMNS
        for table in all_tables(model.card, evaluation, knobs, columns):
            _print(table)
    return 0


def _check_report(path: Path) -> None:
    """Find out before the work, not after it."""
    if find_spec("PIL") is None:
        raise SetupError(
            "--html needs Pillow, which is not installed; "
            "install the evaluate extra: pip install -e '.[evaluate]'."
        )
    require_writable(path, "--html")


def _print(table: Table) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH_OF_FILES)  # no names broken in two where there is no edge
    shown = RichTable(title=table.title, title_justify="left", box=None, pad_edge=False)
    for k, head in enumerate(table.heads):
        shown.add_column(head, justify="left" if k < table.words else "right", overflow="fold")
    for row in table.rows:
        shown.add_row(*map(escape, row))
    for row in table.sums:
        shown.add_row(*map(escape, row), style="bold")
    if table.rows:
        console.print(shown)
    for remark in table.remarks:
        console.print(remark, markup=False, highlight=False, soft_wrap=True)
    console.print()
