"""The two pipes to the host: a thread that reads lines, a thread that writes them.

The window never waits for the host: what a stopped host does not read piles up as one value per
parameter and a bounded number of other lines.
"""

import os
import threading
from collections import deque
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from rtvae.window.wire import LINE_LIMIT_BYTES, format_line, setting

LINES_LIMIT = 100


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
        self._settings: dict[str, float] = {}
        self._lines: deque[dict[str, Any]] = deque(maxlen=LINES_LIMIT)
        self._news = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="to host", daemon=True)
        self._thread.start()

    def send(self, said: dict[str, Any]) -> None:
        """Queue one line; never waits. Settings not yet written give way to newer ones."""
        with self._news:
            if "set" in said:
                self._settings.update(said["set"])
            else:
                self._lines.append(said)
            self._news.notify()

    def close(self, wait_s: float) -> None:
        """Write out what is queued, waiting at most `wait_s`."""
        with self._news:
            self._closing = True
            self._news.notify()
        self._thread.join(wait_s)

    def _run(self) -> None:
        while True:
            with self._news:
                while not (self._lines or self._settings or self._closing):
                    self._news.wait()
                said = list(self._lines)
                if self._settings:
                    said.append(setting(dict(self._settings)))
                self._lines.clear()
                self._settings.clear()
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
