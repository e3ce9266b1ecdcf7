"""Controller maps on the disk: those that come with rtvae, and the player's own, which win."""

from pathlib import Path

from rtvae.control.controller_maps import ControllerMap, parse_controller_map
from rtvae.control.toml_judge import LARGEST_TEXT
from rtvae.errors import PresetError

FOLDER = "controllers"


def load_maps(*folders: Path) -> tuple[list[ControllerMap], list[str]]:
    """Return all maps in FOLDER of some folders, and a sentence for each that cannot be used.

    Of maps that share a file name the last folder's is meant, and of those that share a port the
    first one that is found.
    """
    files = {file.name: file for folder in folders for file in (folder / FOLDER).glob("*.toml")}
    own_first = sorted(files.values(), key=lambda file: (file.parent == folders[0] / FOLDER, file))
    maps, faults = [], []
    for file in own_first:
        try:
            maps.append(load_map(file))
        except PresetError as error:
            faults.append(str(error))
    return maps, faults


def load_map(file: Path) -> ControllerMap:
    """Read one map. Raises PresetError naming the line that is wrong."""
    try:
        with open(file, "rb") as opened:
            text = opened.read(LARGEST_TEXT + 1).decode("utf-8")
    except OSError as error:
        reason = error.strerror or error
        raise PresetError(
            f"Controller map {file} cannot be read ({reason}); check the file."
        ) from error
    except UnicodeDecodeError as error:
        raise PresetError(
            f"Controller map {file} is no text; these maps are TOML files in UTF-8."
        ) from error
    return parse_controller_map(text, file.stem)
