"""Library: the models that lie in one folder, by name.

A name is never joined to a path unless it is plain; anything with a separator, or an existing
file or folder, is taken as a path by itself.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from rtvae.errors import ModelError
from rtvae.model.card import CARD_FILE, read_card
from rtvae.spec import ModelCard

DEFAULT_MODEL = "first"
"""What `rtvae play` plays unless told otherwise."""

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

    Raises ModelError with one sentence that lists the names there are.
    """
    if _NAME.fullmatch(name_or_path):
        for candidate in (models_dir / name_or_path, models_dir / f"{name_or_path}.zip"):
            if _is_model(candidate):
                return candidate
    path = Path(name_or_path).expanduser()
    if path.exists():
        return path
    names = ", ".join(entry.name for entry in list_models(models_dir))
    there = f"there are {names}" if names else f"there is none in {models_dir}"
    raise ModelError(f"There is no model {name_or_path!r}; {there}.")


def list_models(models_dir: Path) -> list[Entry]:
    """Return the models of a folder, sorted by name; those with a bad card say so."""
    try:
        paths = sorted(path for path in models_dir.iterdir() if _is_model(path))
    except OSError:
        return []
    return [_entry(path) for path in paths]


def _is_model(path: Path) -> bool:
    zipped = path.suffix == ".zip" and path.is_file()
    return zipped or (path.is_dir() and (path / CARD_FILE).is_file())


def _entry(path: Path) -> Entry:
    name = path.name.removesuffix(".zip")
    try:
        return Entry(name, path, read_card(path))
    except ModelError as error:
        return Entry(name, path, None, str(error))
