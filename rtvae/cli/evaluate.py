"""`rtvae evaluate MODEL FOLDER`: how far a model's output is from its input, file by file."""

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from rtvae.dsp.distance import log_mel_distance_db
from rtvae.errors import AudioFileError, UsageError
from rtvae.io.audio_file import read_mono
from rtvae.model.library import find_model
from rtvae.model.live import LiveModel
from rtvae.model.load import load_model
from rtvae.model.offline import play
from rtvae.paths import models_dir

SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".opus", ".aif", ".aiff", ".w64", ".mp3"})


@dataclass(frozen=True)
class Row:
    """One recording: log-mel distance and the difference of level, output against input."""

    file: str
    seconds: float
    log_mel_db: float
    level_db: float


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("evaluate", help="measure a model on a folder of recordings")
    parser.add_argument("model", help="name or path of the model")
    parser.add_argument("folder", type=Path, help="folder of recordings, or one file")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.set_defaults(run_command=run)


def run(args: argparse.Namespace) -> int:
    """Measure and print; files that cannot be read are named on the way."""
    model = load_model(find_model(args.model, models_dir()))
    console = Console(stderr=True)
    rows: list[Row] = []
    for path in _recordings(args.folder):
        try:
            sound = read_mono(path, model.card.sample_rate_hz)
        except AudioFileError as error:
            console.print(f"left out: {error}", markup=False)
            continue
        base = args.folder if args.folder.is_dir() else path.parent
        rows.append(measure(model, sound, str(path.relative_to(base))))
    if not rows:
        raise UsageError(f"No recording in {args.folder} could be read; name another folder.")
    means = group_means(rows)
    if args.json:
        print(json.dumps({"model": model.card.name, "files": [asdict(r) for r in rows]} | means))
    else:
        Console().print(_table(rows, means))
    return 0


def measure(model: LiveModel, sound: NDArray[np.float32], name: str) -> Row:
    """Play one recording through the model and compare, aligned by the model's delay."""
    played = play(model, sound)[model.delay_frames :]
    wanted = sound[: played.shape[0]]
    rate = model.card.sample_rate_hz
    return Row(
        name,
        sound.shape[0] / rate,
        log_mel_distance_db(wanted, played, rate),
        20.0 * float(np.log10((_rms(played) + 1e-9) / (_rms(wanted) + 1e-9))),
    )


def group_means(rows: list[Row]) -> dict[str, object]:
    """Return the mean distance of each subfolder, and over all files."""
    groups: dict[str, list[float]] = {}
    for row in rows:
        groups.setdefault(str(Path(row.file).parent), []).append(row.log_mel_db)
    return {
        "log_mel_db_by_folder": {k: float(np.mean(v)) for k, v in groups.items()},
        "log_mel_db": float(np.mean([row.log_mel_db for row in rows])),
    }


def _rms(sound: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(sound.astype(np.float64) ** 2)))


def _recordings(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}; name a folder of recordings.")
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)


def _table(rows: list[Row], means: dict[str, object]) -> Table:
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
