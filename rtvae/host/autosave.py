"""Autosave: what plays is written down within a second, so that a crash costs nothing.

Each session has a file of its own, AUTOSAVE/ID.json, and a lock on it that the system lets go of
however the session dies. A file whose lock is free was left by a session without a proper end: the
next one takes it up and goes on with it. A thread writes, never more than once a second; a full
disk is told once.
"""

import contextlib
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from rtvae.control.presets import Preset, format_preset, parse_preset
from rtvae.errors import PresetError
from rtvae.host.notes import Note
from rtvae.host.session import lock
from rtvae.host.whole_file import DISK, Files, write_whole

FORMAT = 1
EVERY_S = 1.0
LARGEST_BYTES = 1 << 21
MOST_LEFT = 50
LOCK_TRIES = 20
LOCK_S = 0.01
LAST_WRITE_S = 5.0  # a disk that hangs is not waited for


@dataclass(frozen=True)
class Saved:
    """All there is to go on with: the state as a preset, where its models lay, place in the show.

    `muted` is no preset's, and is kept too; `dirty` says that the state is not as it was saved.
    """

    preset: Preset
    model: str
    beside: str = ""
    set_list: str = ""
    place: int | None = None
    muted: bool = False
    dirty: bool = False


def to_text(saved: Saved) -> str:
    """Return a state as the text of a file."""
    rest = {key: value for key, value in asdict(saved).items() if key != "preset"}
    content = {"format": FORMAT, "name": saved.preset.name, **rest}
    return json.dumps({**content, "preset": format_preset(saved.preset)}, indent=1)


def from_text(text: str) -> Saved:
    """Return the state that a text holds. Raises PresetError, whatever it holds."""
    try:
        content = json.loads(text)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ValueError("it is of another rtvae")
        texts = [content.get(key) for key in ("name", "preset", "model", "beside", "set_list")]
        if not all(isinstance(value, str) for value in texts):
            raise ValueError("a text is missing")
        name, preset, model, beside, set_list = map(str, texts)
        place = content.get("place")
        muted, dirty = (content.get(key) is True for key in ("muted", "dirty"))
        if not (place is None or (type(place) is int and place >= 0)):
            raise ValueError("a place is none")
    except (ValueError, RecursionError) as error:
        raise PresetError(
            f"What the last session left cannot be read ({error}); it is put aside."
        ) from error
    return Saved(parse_preset(preset, name), model, beside, set_list, place, muted, dirty)


@dataclass(frozen=True)
class Left:
    """What a session left that died; its lock is ours now."""

    path: Path
    mark: IO[str]

    def remove(self) -> None:
        """Remove it, lock and all, and what a crash left of it half written."""
        for file in (self.path, *self.path.parent.glob(f".{self.path.name}.*")):
            _remove(file)
        _remove(_mark_of(self.path))
        self.mark.close()

    def put_aside(self) -> None:
        """Keep a file that cannot be read for whoever wants to look at it, out of the way."""
        with contextlib.suppress(OSError):
            os.replace(self.path, self.path.with_suffix(".broken"))
        self.remove()


class Autosave:
    """Writes the states of one session; `files` is the disk, `note` tells the player.

    With `goes_on` it writes on where a session that died has left off.
    """

    def __init__(
        self,
        folder: Path,
        note: Callable[[Note], object],
        *,
        goes_on: Left | None = None,
        files: Files = DISK,
        every_s: float = EVERY_S,
    ) -> None:
        self._folder = folder
        self._note = note
        self._files = files
        self._every_s = every_s
        self._path = folder / f"{uuid.uuid4().hex[:16]}.json"
        self._lock: IO[str] | None = None
        if goes_on is not None:
            self._path, self._lock = goes_on.path, goes_on.mark
        self._full = False
        self._saved: Saved | None = None
        self._changed = threading.Condition()
        self._ending = False
        self._open_end = False
        self._thread = threading.Thread(target=self._work, name="autosave", daemon=True)

    def open(self) -> None:
        """Begin."""
        self._thread.start()

    def keep(self, saved: Saved) -> None:
        """Have a state written; of several within a second the last."""
        with self._changed:
            self._saved = saved
            self._changed.notify()

    def leave(self) -> None:
        """The session ends by an error: what plays is written down and left for the next one."""
        self._open_end = True
        self._finish()
        if self._lock is not None:
            self._lock.close()

    def end(self) -> None:
        """The session ends as it should: nothing is left of it, nor of any before it."""
        self._finish()
        for left in left_behind(self._folder):
            left.remove()
        if self._lock is not None:
            Left(self._path, self._lock).remove()

    def _finish(self) -> None:
        with self._changed:
            self._ending = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(LAST_WRITE_S)

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._saved is None and not self._ending:
                    self._changed.wait()
                if self._ending and (self._saved is None or not self._open_end):
                    return
                saved, self._saved = self._saved, None
            if saved is not None:
                self._write(to_text(saved))
            with self._changed:
                if not self._ending:
                    self._changed.wait_for(lambda: self._ending, self._every_s)

    def _write(self, text: str) -> None:
        try:
            if self._lock is None:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._lock = _take_mark(self._path)
            write_whole(self._path, text, files=self._files)
            self._full = False
        except OSError as error:
            if not self._full:
                self._full = True
                reason = error.strerror or error
                self._note(
                    Note(
                        f"What plays cannot be written down ({reason}): a crash would lose the "
                        f"settings until there is room in {self._folder}.",
                        "warning",
                    )
                )


def left_behind(folder: Path) -> Iterator[Left]:
    """Yield what sessions left that died, the newest first; each is the caller's to deal with."""
    found = []
    for path in folder.glob("*.json"):
        with contextlib.suppress(OSError):
            found.append((path.stat().st_mtime, path))
    for _, path in sorted(found, reverse=True)[:MOST_LEFT]:
        with contextlib.suppress(OSError):
            mark = open(_mark_of(path), "a", encoding="ascii")
            if lock(mark) and path.exists():
                yield Left(path, mark)
            else:
                mark.close()


def read(path: Path) -> Saved:
    """Read a state. Raises PresetError."""
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_BYTES)
    except OSError as error:
        raise PresetError(
            f"What the last session left cannot be read ({error.strerror or error})."
        ) from error
    return from_text(content.decode("utf-8", errors="replace"))


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _mark_of(path: Path) -> Path:
    return path.with_suffix(".lock")


def _take_mark(path: Path) -> IO[str]:
    mark = open(_mark_of(path), "a", encoding="ascii")
    tries = 0
    # Another session that looks for what was left holds the lock for a moment.
    while not lock(mark) and tries < LOCK_TRIES:
        time.sleep(LOCK_S)
        tries += 1
    return mark
