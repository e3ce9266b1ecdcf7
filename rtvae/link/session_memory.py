"""One running session's shared memory: two mapped files in a private folder.

The folder has a random name and mode 0700; the host makes it and removes it. Every process maps
the same files by path, so that an engine or a window that comes back finds everything as it was.
"""

import mmap
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import defaults
from rtvae.errors import EngineError
from rtvae.link.layout import CONTROL, LAYOUT_VERSION, TELEMETRY

CONTROL_FILE = "control"
TELEMETRY_FILE = "telemetry"


def create_session_folder() -> Path:
    """Make a private session folder with zeroed telemetry and parameters at rest.

    It lies in memory where the system offers such a place with room, else among the temporary
    files. Raises EngineError where there is room for it nowhere.
    """
    faults = []
    for parent in _parents():
        try:
            return _fill(Path(tempfile.mkdtemp(prefix="rtvae-", dir=parent)))
        except OSError as error:
            faults.append(f"{parent}: {error.strerror}")
    raise EngineError(
        f"There is no room for the session's shared memory ({'; '.join(faults)}); "
        "free a few megabytes there."
    )


def _parents() -> list[Path]:
    memory = Path("/dev/shm")
    usable = [memory] if memory.is_dir() and os.access(memory, os.W_OK) else []
    return [*usable, Path(tempfile.gettempdir())]


def _fill(folder: Path) -> Path:
    try:
        for name, layout in ((CONTROL_FILE, CONTROL), (TELEMETRY_FILE, TELEMETRY)):
            # Real zeros, not a hole: a write into a hole on a full disk would kill the writer.
            (folder / name).write_bytes(bytes(layout.itemsize))
            (folder / name).chmod(0o600)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    control = open_control(folder)
    control["values"] = defaults()
    control["version"] = LAYOUT_VERSION
    open_telemetry(folder)["version"] = LAYOUT_VERSION
    return folder


def remove_session_folder(folder: Path) -> None:
    """Remove a session folder; processes that still map its files keep their pages."""
    shutil.rmtree(folder, ignore_errors=True)


def open_control(folder: Path) -> NDArray[Any]:
    """Map the control block: a 0-d structured array of dtype CONTROL, readable and writable."""
    return _open(folder / CONTROL_FILE, CONTROL)


def open_telemetry(folder: Path) -> NDArray[Any]:
    """Map the telemetry: a 0-d structured array of dtype TELEMETRY, readable and writable."""
    return _open(folder / TELEMETRY_FILE, TELEMETRY)


def _open(path: Path, layout: np.dtype[Any]) -> NDArray[Any]:
    try:
        with open(path, "r+b") as file:
            mapped = mmap.mmap(file.fileno(), layout.itemsize)
    except (OSError, ValueError) as error:
        raise EngineError(
            f"The session's shared memory {path} cannot be opened ({error}); "
            "start rtvae play again."
        ) from error
    return np.ndarray((), layout, buffer=mapped)
