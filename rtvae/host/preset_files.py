"""Preset files: found by name, read whole, saved so that no crash ever leaves half of one.

    presets/NAME.toml                  those that come with rtvae; nothing is ever written there
    presets/user/NAME.toml             the player's own, where that folder can be written
    CONFIG/presets/NAME.toml           and where not: see rtvae.paths.config_dir

The player's own ones come first: one of the same name stands before ours, and that is told. Set
lists lie the same way in a folder `set-lists` of each.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rtvae import paths
from rtvae.control.presets import Preset, format_preset, parse_preset
from rtvae.control.set_list import SetList, parse_set_list
from rtvae.control.toml_judge import LARGEST_TEXT
from rtvae.errors import PresetError
from rtvae.host.whole_file import DISK, Files, write_whole

SUFFIX = ".toml"
DEFAULT_PRESET = "default"
USER_FOLDER = "user"
SET_LISTS = "set-lists"
NAME = re.compile(r"\w(?:[\w .'+&-]{0,62}[\w'+&-])?")
RESERVED = re.compile(r"(?i)con|prn|aux|nul|com\d|lpt\d|set-lists|user")

T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """One preset or set list; `own` is the player's, `hides` one that came with rtvae."""

    name: str
    path: Path
    own: bool = False
    hides: bool = False


def own_folders() -> list[Path]:
    """Where the player's own presets lie, the first that can be written being for new ones."""
    return [paths.home() / "presets" / USER_FOLDER, paths.config_dir() / "presets"]


def list_presets(bundled: Path, own: Sequence[Path]) -> list[Entry]:
    """Return the presets there are, by name."""
    return _list(bundled, own)


def list_set_lists(bundled: Path, own: Sequence[Path]) -> list[Entry]:
    """Return the set lists there are, by name."""
    return _list(bundled / SET_LISTS, [folder / SET_LISTS for folder in own])


def find_preset(wanted: str, bundled: Path, own: Sequence[Path] = ()) -> Path:
    """Return the file of a preset by its name, or by its path. Raises PresetError.

    What contains a separator or ends in .toml is a path, everything else a name.
    """
    return _find(wanted, "preset", list_presets(bundled, own), bundled)


def find_set_list(wanted: str, bundled: Path, own: Sequence[Path] = ()) -> Path:
    """As `find_preset`, for a set list."""
    return _find(wanted, "set list", list_set_lists(bundled, own), bundled / SET_LISTS)


def load_preset(path: Path) -> Preset:
    """Read a preset file. Raises PresetError naming the line that is wrong."""
    return _load(path, "Preset", parse_preset)


def load_set_list(path: Path) -> SetList:
    """Read a set list's file. Raises PresetError naming the line that is wrong."""
    return _load(path, "Set list", parse_set_list)


def check_name(name: str) -> str:
    """Return a name that a preset may be saved under. Raises PresetError."""
    if not NAME.fullmatch(name) or RESERVED.fullmatch(name) or name.lower().endswith(SUFFIX):
        raise PresetError(
            f"{name[:70]!r} cannot be a preset's name: use up to 64 letters, digits, spaces and "
            "the marks . ' + & - _, with a letter or digit first and no dot or space last."
        )
    return name


def save_own(preset: Preset, own: Sequence[Path], files: Files = DISK) -> Path:
    """Save a preset among the player's own, under its name; return where. Raises PresetError."""
    name = f"{check_name(preset.name)}{SUFFIX}"
    # One that is there is written over where it lies: another one would stand before it.
    there = [folder for folder in own if (folder / name).is_file()]
    for folder in there or own:
        if _writable(folder):
            save_preset(preset, folder / name, files)
            return folder / name
    places = " nor ".join(map(str, there or own))
    raise PresetError(f"Preset {preset.name} cannot be saved: {places} cannot be written.")


def save_preset(preset: Preset, path: Path, files: Files = DISK) -> None:
    """Write a preset file: afterwards `path` holds the old text or the new one, never a part.

    The text before is kept as NAME.toml.bak; `files` is the disk.

    Raises PresetError.
    """
    try:
        write_whole(path, format_preset(preset), keep_last=True, files=files)
    except OSError as error:
        reason = error.strerror or error
        raise PresetError(
            f"Preset {path} cannot be saved ({reason}); what it held is kept."
        ) from error


def _list(bundled: Path, own: Sequence[Path]) -> list[Entry]:
    ours = {path.stem for path in bundled.glob(f"*{SUFFIX}")}
    found = {name: Entry(name, bundled / f"{name}{SUFFIX}") for name in ours}
    for folder in reversed(own):
        for path in folder.glob(f"*{SUFFIX}"):
            found[path.stem] = Entry(path.stem, path, own=True, hides=path.stem in ours)
    return sorted(found.values(), key=lambda entry: (entry.name.casefold(), entry.name))


def _find(wanted: str, what: str, entries: list[Entry], folder: Path) -> Path:
    separators = [sep for sep in (os.sep, os.altsep) if sep]
    if wanted.endswith(SUFFIX) or any(sep in wanted for sep in separators):
        # Unlike a Path, os.path has no opinion on names that are too long and users unheard of.
        path = Path(os.path.expanduser(wanted))
        if os.path.isfile(path):
            return path
        raise PresetError(f"There is no {what} file {path}; check the name.")
    for entry in entries:
        if entry.name == wanted:
            return entry.path
    names = ", ".join(entry.name for entry in entries) or "none"
    raise PresetError(f"There is no {what} {wanted!r} in {folder}; there are: {names}.")


def _load(path: Path, what: str, parse: Callable[[str, str], T]) -> T:
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_TEXT + 1)
        text = content.decode("utf-8")
    except OSError as error:
        reason = error.strerror or error
        raise PresetError(f"{what} {path} cannot be read ({reason}); check the file.") from error
    except UnicodeDecodeError as error:
        raise PresetError(f"{what} {path} is no text; it has to be TOML in UTF-8.") from error
    return parse(text, path.stem)


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
