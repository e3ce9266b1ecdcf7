"""Preset files: found by name, read whole, saved so that no crash ever leaves half of one."""

import os
from pathlib import Path

from rtvae.control.presets import LARGEST_TEXT, Preset, format_preset, parse_preset
from rtvae.errors import PresetError
from rtvae.host.whole_file import DISK, Files, write_whole

SUFFIX = ".toml"
DEFAULT_PRESET = "default"


def find_preset(wanted: str, folder: Path) -> Path:
    """Return the file of a preset named like one in `folder`, or by its path. Raises PresetError.

    What contains a separator or ends in .toml is a path, everything else a name.
    """
    separators = [sep for sep in (os.sep, os.altsep) if sep]
    by_path = wanted.endswith(SUFFIX) or any(sep in wanted for sep in separators)
    path = Path(os.path.expanduser(wanted)) if by_path else folder / f"{wanted}{SUFFIX}"
    if os.path.isfile(path):
        return path
    if by_path:
        raise PresetError(f"There is no preset file {path}; check the name.")
    names = ", ".join(sorted(file.stem for file in folder.glob(f"*{SUFFIX}"))) or "none"
    raise PresetError(f"There is no preset {wanted!r} in {folder}; there are: {names}.")


def load_preset(path: Path) -> Preset:
    """Read a preset file. Raises PresetError naming the line that is wrong."""
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_TEXT + 1)
        text = content.decode("utf-8")
    except OSError as error:
        reason = error.strerror or error
        raise PresetError(f"Preset {path} cannot be read ({reason}); check the file.") from error
    except UnicodeDecodeError as error:
        raise PresetError(f"Preset {path} is no text; presets are TOML files in UTF-8.") from error
    return parse_preset(text, path.stem)


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
