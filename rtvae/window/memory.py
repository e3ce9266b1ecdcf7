"""What the window remembers from one time to the next: its look, its views, its place.

One small file in the player's own config folder, written whole or not at all. Whatever is in it,
reading gives bounded data; a file that says nothing sensible is as good as none.
"""

import contextlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rtvae.window.text import NAME_LIMIT, clean
from rtvae.window.total import names, rows, whole

FILE = "window.json"
LARGEST_BYTES = 1 << 16
VIEWS_LIMIT = 32
_SIDE_PX = (-100_000, 100_000)

Place = tuple[int, int, int, int]


@dataclass(frozen=True)
class Memory:
    """`views` is None where the player never chose; `place` is x, y, width, height in pixels.

    `performing` is performance mode; `welcomed` says that the first start's questions have been
    answered.
    """

    look: str = ""
    views: tuple[str, ...] | None = None
    tab: str = ""
    place: Place | None = None
    maximised: bool = False
    performing: bool = False
    welcomed: bool = False


def parse(text: str) -> Memory | None:
    """Return what a file says, or None where it is no table of ours."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    views = said.get("views")
    return Memory(
        look=clean(said.get("look"), NAME_LIMIT),
        views=names(views, VIEWS_LIMIT, NAME_LIMIT) if isinstance(views, list) else None,
        tab=clean(said.get("tab"), NAME_LIMIT),
        place=_place(said.get("place")),
        maximised=said.get("maximised") is True,
        performing=said.get("performing") is True,
        welcomed=said.get("welcomed") is True,
    )


def load(folder: Path) -> tuple[Memory, str]:
    """Return what is remembered in a folder, and a sentence where the file there is no use."""
    path = folder / FILE
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        return Memory(), ""
    except OSError as error:
        return Memory(), f"The window's layout in {path} cannot be read ({error.strerror})."
    found = None
    if len(content) <= LARGEST_BYTES:
        with contextlib.suppress(UnicodeDecodeError):
            found = parse(content.decode("utf-8"))
    if found is None:
        return Memory(), f"The window's layout in {path} is damaged and has been left aside."
    return found, ""


def save(folder: Path, memory: Memory) -> str:
    """Write it, for its user's eyes only; return a sentence where that cannot be done."""
    said: dict[str, Any] = asdict(memory)
    part = ""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, part = tempfile.mkstemp(prefix=f".{FILE}.", dir=folder)
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(said, file, indent=1)
        os.replace(part, folder / FILE)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(part)
        return f"The window's layout cannot be kept in {folder} ({error.strerror})."
    return ""


class Keeper:
    """Keeps the file up to date: written when something has changed, told once where it cannot."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.memory, self.fault = load(folder)

    def keep(self, **changes: Any) -> str:
        """Remember changes of the fields of Memory; return a sentence if that fails, once."""
        memory = replace(self.memory, **changes)
        if memory == self.memory:
            return ""
        self.memory = memory
        fault, before = save(self._folder, memory), self.fault
        self.fault = fault
        return fault if fault != before else ""


def _place(said: Any) -> Place | None:
    numbers = [whole(side, *_SIDE_PX) for side in rows(said, 4)]
    if len(numbers) < 4:
        return None
    x, y, width, height = numbers
    if x is None or y is None or width is None or height is None or min(width, height) <= 0:
        return None
    return x, y, width, height
