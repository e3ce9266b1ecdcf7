"""The space of the model that plays (map and statistics), read from its folder beside the music."""

import threading
from collections.abc import Callable
from pathlib import Path

from rtvae.errors import ModelError
from rtvae.model.admit import admit
from rtvae.model.card import CARD_FILE
from rtvae.model.space import Space, space_of


class MapShelf:
    """Has one model's space ready; `woken` is called when another one has been read."""

    def __init__(self, woken: Callable[[], object]) -> None:
        self._woken = woken
        self._of = ("", 0)
        self._space: Space | None = None
        self._lock = threading.Lock()
        self._reader: threading.Thread | None = None

    def space_of(self, path: str) -> Space | None:
        """Return the space of the model at a path; None if it has none, or until it is read.

        Never waits: a thread reads.
        """
        state = _state(path)
        with self._lock:
            if (path, state) == self._of:
                return self._space
            self._of, self._space = (path, state), None
        if path:
            self._reader = threading.Thread(
                target=self._read, args=(path, state), name="map", daemon=True
            )
            self._reader.start()
        return None

    @property
    def reading(self) -> bool:
        """Whether what was asked for last is still being read."""
        return self._reader is not None and self._reader.is_alive()

    def wait(self) -> None:
        """Wait until what was asked for last is read."""
        if self._reader is not None:
            self._reader.join()

    def _read(self, path: str, state: int) -> None:
        try:
            admitted = admit(Path(path))
            space = space_of(admitted.folder, admitted.card)
        except (ModelError, OSError):
            return  # the engine says what is wrong with the model
        with self._lock:
            if (path, state) != self._of:
                return
            self._space = space
        self._woken()


def _state(path: str) -> int:
    """When a model was written: a run in training exports to the same place again and again."""
    try:
        found = Path(path)
        card = found / CARD_FILE
        return (card if found.is_dir() else found).stat().st_mtime_ns if path else 0
    except OSError:
        return 0
