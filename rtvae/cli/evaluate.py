"""`rtvae evaluate MODEL FOLDER`: how far a model's output is from its input, file by file."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from rtvae.errors import AudioFileError, CorpusError
from rtvae.io.audio_file import read_mono
from rtvae.io.recordings import find_recordings
from rtvae.model.evaluation import Row, group_means, measure
from rtvae.model.library import find_model
from rtvae.model.load import load_model
from rtvae.paths import models_dir


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("evaluate", help="measure a model on a folder of recordings")
    parser.add_argument("model", help="name or path of the model")
    parser.add_argument("folder", type=Path, help="folder of recordings, searched through")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Measure and print; files that cannot be read are named on the way."""
    model = load_model(find_model(args.model, models_dir()))
    console = Console(stderr=True)
    rows: list[Row] = []
    for path in find_recordings(args.folder):
        try:
            sound = read_mono(path, model.card.sample_rate_hz)
        except AudioFileError as error:
            console.print(f"left out: {error}", markup=False, soft_wrap=True)
            continue
        rows.append(measure(model, sound, str(path.relative_to(args.folder))))
    if not rows:
        raise CorpusError(f"No recording in {args.folder} could be read; name another folder.")
    means = group_means(rows)
    if args.json:
        print(json.dumps({"model": model.card.name, "files": [asdict(r) for r in rows]} | means))
    else:
        Console().print(_table(rows, means))
    return 0


def _table(rows: list[Row], means: dict[str, Any]) -> Table:
    table = Table("recording", "seconds", "log-mel dB", "level dB")
    for row in rows:
        table.add_row(
            row.file, f"{row.seconds:.1f}", f"{row.log_mel_db:.2f}", f"{row.level_db:+.1f}"
        )
    table.add_section()
    folders = means["log_mel_db_by_folder"]
    if isinstance(folders, dict) and len(folders) > 1:
        for name, value in folders.items():
            table.add_row(f"mean of {name}", "", f"{value:.2f}", "")
    table.add_row("mean", "", f"{means['log_mel_db']:.2f}", "")
    return table
