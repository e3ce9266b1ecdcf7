"""Growing files are forced onto the disk every few seconds, beside whoever writes them.

What was written is with the operating system at once and outlives the program; what has been
forced outlives a power cut. A disk may take seconds over it, so a thread of its own asks for it.
"""

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

EVERY_S = 5.0
CLOSE_S = 2.0


def force(path: Path) -> None:
    """Have a file or a folder's names on the disk, where it is there and the system can."""
    with contextlib.suppress(OSError):  # a fault of the disk is for the next write to tell
        handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class ToDisk:
    """Forces `paths` (see `force`) every `every_s` until it is closed, and once more then."""

    def __init__(
        self,
        *paths: Path,
        every_s: float = EVERY_S,
        force: Callable[[Path], None] = force,
    ) -> None:
        self._paths, self._every_s, self._force = paths, every_s, force
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="to disk", daemon=True)
        self._thread.start()

    def close(self, wait_s: float = CLOSE_S) -> None:
        """Force them a last time; wait for it no longer than `wait_s`."""
        self._ending.set()
        self._thread.join(wait_s)

    def _run(self) -> None:
        ending = False
        while not ending:
            ending = self._ending.wait(self._every_s)
            for path in self._paths:
                self._force(path)
