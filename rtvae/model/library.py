"""Library: the models that lie in one folder, by name.

A name is never joined to a path unless it is plain; anything with a separator, or an existing
file or folder, is taken as a path by itself. The folder of a run in training stands for the
newest model that was exported from it, RUN/model.
"""

import os
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from rtvae.errors import ModelError
from rtvae.model.card import CARD_FILE, read_card
from rtvae.spec import ModelCard

DEFAULT_MODEL = "transform"
"""What `rtvae play` plays unless told otherwise."""

RUN_MODEL = "model"
"""Where a run folder keeps its newest export."""

_RUN_MARKS = ("checkpoint.safetensors", "log.jsonl", "prepared")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Entry:
    """One model of the library: its name, where it lies, and its card or what is wrong with it."""

    name: str
    path: Path
    card: ModelCard | None
    fault: str = ""


def find_model(name_or_path: str, models_dir: Path) -> Path:
    """Return the path of a model: by its name in `models_dir`, or as a path.

    Raises ModelError with one sentence: the names there are, or when a run will have a model.
    """
    if _NAME.fullmatch(name_or_path):
        for candidate in (models_dir / name_or_path, models_dir / f"{name_or_path}.zip"):
            if _is_model(candidate):
                return candidate
    path = Path(os.path.expanduser(name_or_path))
    if is_run(path):
        return _export_of(path)
    names = ", ".join(entry.name for entry in list_models(models_dir))
    there = f"there are {names}" if names else f"there is none in {models_dir}"
    if name_or_path and os.path.exists(path):
        if _is_something_else(path):
            raise ModelError(
                f"{path} is no model; {there}, and a model's folder, zip file or ONNX file will do."
            )
        return path
    raise ModelError(f"There is no model {name_or_path!r}; {there}.")


def is_run(path: Path) -> bool:
    """Whether a path is the folder of a run in training, and no model by itself."""
    if not os.path.isdir(path) or os.path.exists(path / CARD_FILE):
        return False
    return _is_model(path / RUN_MODEL) or any(os.path.exists(path / mark) for mark in _RUN_MARKS)


def is_export(path: Path) -> bool:
    """Whether a path is the newest export of a run: RUN/model."""
    return path.name == RUN_MODEL and is_run(path.parent)


def _export_of(run: Path) -> Path:
    model = run / RUN_MODEL
    if _is_model(model):
        return model
    raise ModelError(
        f"The run {run} has no model to play yet: training puts the first one there after some "
        f"minutes, and rtvae export {run} models/NAME makes one at once."
    )


def list_models(models_dir: Path) -> list[Entry]:
    """Return the models of a folder, sorted by name; those with a bad card say so."""
    try:
        paths = sorted(path for path in models_dir.iterdir() if _is_model(path))
    except OSError:
        return []
    return [_entry(path) for path in paths]


def _is_model(path: Path) -> bool:
    # Unlike a Path, os.path has no opinion on names that are too long and folders that are closed.
    zipped = path.suffix == ".zip" and os.path.isfile(path)
    return zipped or os.path.isfile(path / CARD_FILE)


def _is_something_else(path: Path) -> bool:
    """Whether a path is a file that nobody would take for a model: a sound, a text."""
    if not os.path.isfile(path) or path.suffix.lower() in (".zip", ".onnx"):
        return False
    return not zipfile.is_zipfile(path)


def _entry(path: Path) -> Entry:
    name = path.name.removesuffix(".zip")
    try:
        return Entry(name, path, read_card(path))
    except ModelError as error:
        return Entry(name, path, None, str(error))
