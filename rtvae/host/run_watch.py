"""A run in training, heard while it learns: its newest export is copied aside and then loaded.

    RUN/model  --(replaced by training)-->  noticed --> checked, copied, checked --> engine.load

The engine reads only copies, so that training may replace its folder, or somebody remove it, at
any moment: a copy that does not agree with its card is thrown away and made again. Copies lie
among the temporary files and go with the session, at the latest when the next one starts.
"""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from rtvae.errors import ModelError
from rtvae.host.notes import Note
from rtvae.host.session import places
from rtvae.model.archive import MAX_TOTAL_BYTES
from rtvae.model.card import CARD_FILE, parse_card, read_card_text
from rtvae.model.files import check_files
from rtvae.model.library import is_export

LOOK_S = 0.5
COPIES = "rtvae-run-"

Identity = tuple[int, int, int]


class RunWatch:
    """Watches the model folder `source` of a run for the session in the folder `session`."""

    def __init__(
        self, source: Path, session: Path, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._source = source
        self._clock = clock
        self._looked_s = clock()
        self._folder = Path(tempfile.gettempdir()).resolve() / f"{COPIES}{session.name}"
        self._copies: list[Path] = []
        self._made = 0
        self._seen: Identity | None = None
        self._text = ""
        self._copier: threading.Thread | None = None
        self._found: SimpleQueue[Path | Note] = SimpleQueue()

    def first(self) -> Path:
        """Return a copy of what is there now, to start with. Raises ModelError."""
        for _ in range(3):
            self._seen = _identity(self._source)
            try:
                copy = self._copy()
            except ModelError:
                # Replaced while it was read: the new one is whole.
                if _identity(self._source) == self._seen:
                    raise
            else:
                return copy
        return self._copy()

    def look(self, playing: Path) -> Path | Note | None:
        """Return a copy of a new export, or what is wrong with it, once. Does not wait.

        `playing` is the copy that plays; those made before it are removed.
        """
        with suppress(Empty):
            return self._found.get_nowait()
        now_s = self._clock()
        if now_s - self._looked_s < LOOK_S or self._copying:
            return None
        self._forget_before(playing)
        self._looked_s = now_s
        there = _identity(self._source)
        if there is not None and there != self._seen:
            self._seen = there
            # A slow disk must not hold up the session.
            self._copier = threading.Thread(target=self._fetch, name="run-watch", daemon=True)
            self._copier.start()
        return None

    def close(self) -> None:
        """Remove the copies."""
        if self._copier is not None:
            self._copier.join(LOOK_S)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _copying(self) -> bool:
        return self._copier is not None and self._copier.is_alive()

    def _fetch(self) -> None:
        seen = self._seen
        try:
            if read_card_text(self._source) != self._text:
                self._found.put(self._copy())
        except ModelError as error:
            if _identity(self._source) == seen:
                self._found.put(Note(f"{error} What plays goes on.", "warning"))
            else:
                self._seen = None  # it was replaced meanwhile: look again

    def _copy(self) -> Path:
        """Copy the model that is there now, whole and as its card says. Raises ModelError."""
        # The run's own name, for sentences about the model.
        name = self._source.resolve().parent.name
        text = read_card_text(self._source)
        card = parse_card(text, name)
        target = self._folder / str(self._made) / name
        self._made += 1
        try:
            target.mkdir(parents=True, mode=0o700)
            (target / CARD_FILE).write_text(text, encoding="utf-8")
            _copy_files(self._source, target, list(card.files))
            check_files(target, card)
        except OSError as error:
            shutil.rmtree(target.parent, ignore_errors=True)
            raise ModelError(
                f"The new export of {name} cannot be copied to {target} ({error.strerror}); "
                "free some space there."
            ) from error
        except ModelError:
            shutil.rmtree(target.parent, ignore_errors=True)
            raise
        self._text = text
        self._copies.append(target)
        return target

    def _forget_before(self, playing: Path) -> None:
        if playing in self._copies:
            at = self._copies.index(playing)
            for old in self._copies[:at]:
                shutil.rmtree(old.parent, ignore_errors=True)
            del self._copies[:at]


@contextmanager
def heard_aside(model: Path, session: Path) -> Iterator[tuple[Path, RunWatch | None]]:
    """Yield what to play: the model itself, or a copy of a run's export and who watches the run.

    Raises ModelError.
    """
    if not is_export(model):
        yield model, None
        return
    remove_copies_of_dead_sessions()
    watch = RunWatch(model, session)
    try:
        yield watch.first(), watch
    finally:
        watch.close()


def remove_copies_of_dead_sessions() -> None:
    """Remove the copies of sessions that were killed: their session folder is gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{COPIES}*"):
        name = folder.name.removeprefix(COPIES)
        if not any((place / name).exists() for place in places()):
            shutil.rmtree(folder, ignore_errors=True)


def _copy_files(source: Path, target: Path, names: list[str]) -> None:
    """Copy what is there; what is missing or a link is found when the copy is checked."""
    left = MAX_TOTAL_BYTES
    for name in names:
        with suppress(FileNotFoundError):
            left -= (source / name).lstat().st_size
            if left >= 0:
                shutil.copyfile(source / name, target / name, follow_symlinks=False)


def _identity(source: Path) -> Identity | None:
    """Return what changes when the export is replaced; None while there is none."""
    try:
        card = (source / CARD_FILE).stat()
    except OSError:
        return None
    return card.st_ino, card.st_mtime_ns, card.st_size
