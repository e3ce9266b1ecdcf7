"""The two pipes to the host: a thread that reads lines, a thread that writes them.

The window never waits for the host: what a stopped host does not read piles up as one value per
parameter, one place for each hand on pad, map or morph, and a bounded number of other lines.
"""

import os
import threading
from collections import deque
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from rtvae.window.wire import LINE_LIMIT_BYTES, format_line, setting

LINES_LIMIT = 100
MOVEMENTS = ("pad", "map", "morph")


class LineReader(QObject):
    """Emits each line from a file descriptor, then `ended`, from a thread of its own."""

    line = pyqtSignal(bytes)
    ended = pyqtSignal()

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        # A thread blocked in read cannot be joined; it holds no lock and no buffer.
        self._thread = threading.Thread(target=self._run, name="from host", daemon=True)

    def start(self) -> None:
        """Begin reading; connect the signals first."""
        self._thread.start()

    def _run(self) -> None:
        kept = b""
        try:
            while chunk := os.read(self._descriptor, 1 << 16):
                *lines, kept = (kept + chunk).split(b"\n")
                for line in lines:
                    self.line.emit(line)
                if len(kept) > LINE_LIMIT_BYTES:
                    kept = b""
        except OSError:
            pass
        self.ended.emit()


class LineWriter:
    """Writes lines to a file descriptor from a thread of its own."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: deque[dict[str, Any]] = deque()
        self._news = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="to host", daemon=True)
        self._thread.start()

    def send(self, said: dict[str, Any]) -> None:
        """Queue one line; never waits. Lines keep their order.

        Where the newest line not yet written is of the same kind of movement, it gives way.
        """
        with self._news:
            last = self._lines[-1] if self._lines else {}
            if "set" in said and "set" in last:
                self._lines[-1] = setting({**last["set"], **said["set"]})
            elif said.get("do") in MOVEMENTS and last.get("do") == said["do"]:
                self._lines[-1] = said
            else:
                self._lines.append(said)
                self._make_room()
            self._news.notify()

    @property
    def waiting(self) -> int:
        """How many lines are not on their way yet."""
        return len(self._lines)

    def close(self, wait_s: float) -> None:
        """Write out what is queued, waiting at most `wait_s`."""
        with self._news:
            self._closing = True
            self._news.notify()
        self._thread.join(wait_s)

    def _make_room(self) -> None:
        """Let the oldest line go where there are too many; no value set is ever lost."""
        if len(self._lines) <= LINES_LIMIT:
            return
        lost = self._lines.popleft()
        if "set" not in lost:
            return
        for k, line in enumerate(self._lines):
            if "set" in line:
                self._lines[k] = setting({**lost["set"], **line["set"]})
                return
        self._lines.append(lost)

    def _run(self) -> None:
        while True:
            with self._news:
                while not (self._lines or self._closing):
                    self._news.wait()
                said = list(self._lines)
                self._lines.clear()
                closing = self._closing
            try:
                _write_all(self._descriptor, b"".join(map(format_line, said)))
            except OSError:
                return
            if closing:
                return


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
