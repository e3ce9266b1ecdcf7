"""The scribe: a thread that writes a performance, so that a slow disk holds nobody up.

It is given pieces of work and keeps at most QUEUE of them; while it is full, whoever asks waits
with asking. The first fault ends the writing and keeps the files as they are.
"""

import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rtvae.errors import PerformanceError, RtvaeError
from rtvae.io.performance_facts import Head
from rtvae.io.performance_writer import PerformanceWriter
from rtvae.io.to_disk import ToDisk

QUEUE = 200
RESERVE = 16
LOOK_S = 1.0

Work = Callable[[PerformanceWriter], None]


class Scribe:
    """Writes to `stem`.w64 and `stem`.rtvp until `finish`.

    `opened` says that the files are there; `fault` what ended the writing, "" while nothing has.
    """

    def __init__(self, stem: Path, head: Head, begin: Callable[[], None] = lambda: None) -> None:
        self.opened = False
        self.fault = ""
        self._stem, self._head, self._begin = stem, head, begin
        self._work: queue.Queue[Work | None] = queue.Queue(QUEUE)
        self._thread = threading.Thread(target=self._run, name="scribe", daemon=True)
        self._thread.start()

    @property
    def full(self) -> bool:
        """Whether the disk is so far behind that nothing more is taken."""
        return self._work.qsize() >= QUEUE - RESERVE

    @property
    def busy(self) -> bool:
        """Whether there is still something to write."""
        return self._thread.is_alive()

    def write(self, work: Work) -> None:
        """Have something written; ask `full` first."""
        if not self.fault:
            self._work.put_nowait(work)

    def finish(self, why: str) -> None:
        """Complete the files after all that was asked for."""
        if self.busy and not self.fault:
            self._work.put_nowait(lambda writer: writer.finish(why))
            self._work.put_nowait(None)

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the writing; return whether it came."""
        self._thread.join(seconds)
        return not self.busy

    def _run(self) -> None:
        try:
            self._begin()
            writer = PerformanceWriter(self._stem, self._head)
        except Exception as error:
            self.fault = _sentence(error)
            return
        self.opened = True
        to_disk = ToDisk(writer.sound, writer.rows, writer.sound.parent)
        try:
            self._write_on(writer)
        except Exception as error:  # a thread that died in silence would lose the performance
            self.fault = _sentence(error)
        finally:
            writer.close()
            to_disk.close()

    def _write_on(self, writer: PerformanceWriter) -> None:
        looked_s = time.monotonic()
        while (work := self._work.get()) is not None:
            work(writer)
            if time.monotonic() - looked_s >= LOOK_S:
                looked_s = time.monotonic()
                # An open file outlives its name: nobody would find the recording.
                if not (os.path.exists(writer.sound) and os.path.exists(writer.rows)):
                    raise PerformanceError(
                        f"{writer.sound} was removed while it was recorded; choose another folder."
                    )


def _sentence(error: Exception) -> str:
    known = isinstance(error, RtvaeError)
    return str(error) if known else f"The recorder failed ({error!r}); please report this."
