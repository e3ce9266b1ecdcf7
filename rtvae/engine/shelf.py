"""The shelf: models that have played and may be wanted again, ready to play.

A model that goes out of the sound is put here, and what is asked for next is taken from here if
its files are still the same: going back and forth between two models costs nothing. There is room
for a few, which is those of the preset before and of the next, two each, and of what has just been
left; the one that has lain longest goes first.
"""

from pathlib import Path
from weakref import WeakKeyDictionary

from rtvae.engine.lineup import Loader
from rtvae.model.live import LiveModel

ROOM = 6


class Shelf:
    """A Loader that remembers what `load` gave."""

    def __init__(self, load: Loader) -> None:
        self._load = load
        self._lying: list[tuple[str, LiveModel]] = []
        self._out: WeakKeyDictionary[LiveModel, str] = WeakKeyDictionary()

    def __call__(self, path: Path) -> LiveModel:
        """Return a model that nobody plays. Raises what the loader raises."""
        identity = identify(path)
        places = [k for k, (lying, _) in enumerate(self._lying) if lying == identity]
        model = self._lying.pop(places[0])[1] if places else self._load(path)
        if identity:
            self._out[model] = identity
        return model

    def put(self, model: LiveModel) -> None:
        """Take back a model that nobody plays any more."""
        identity = self._out.pop(model, None)
        if identity is not None:
            self._lying.append((identity, model))
            del self._lying[:-ROOM]


def identify(path: Path) -> str:
    """Return what tells one state of a model's files from another; "" where nothing can."""
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        states = [(file.name, file.stat()) for file in files]
        whole = path.resolve()
    except OSError:
        return ""
    return repr((whole, [(name, s.st_size, s.st_mtime_ns, s.st_ino) for name, s in states]))
