"""The real window, which counts the frames that it draws and shows what it is told to show.

`python -m counted_window SESSION_FOLDER`: once a second it writes its counts to the file that
COUNTED_TO names, and looks into the file that COUNTED_STATE names for another state.
"""

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QApplication

from rtvae.window import application, theme
from rtvae.window.main import main
from rtvae.window.main_window import MainWindow

EVERY_S = 0.5


class Flushes(QObject):
    """Counts how often the window is brought to the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """See QObject."""
        if event is not None and event.type() == QEvent.Type.UpdateRequest:
            self.count += 1
        return False


class CountedWindow(MainWindow):
    """Ticks as usual, counts, and obeys the state file."""

    ticks = 0
    told_s = 0.0
    state = ""
    flushes: Flushes | None = None

    def tick(self) -> None:
        """See MainWindow."""
        super().tick()
        self.ticks += 1
        if self.flushes is None:
            self.flushes = Flushes()
            self.installEventFilter(self.flushes)
        now_s = time.monotonic()
        if now_s - self.told_s >= EVERY_S:
            self.told_s = now_s
            self._tell(now_s)

    def _tell(self, now_s: float) -> None:
        drawn = self.flushes.count if self.flushes is not None else 0
        counts: dict[str, Any] = {"s": now_s, "ticks": self.ticks, "drawn": drawn}
        counts |= {"pid": os.getpid(), "state": self.state}
        path = Path(os.environ["COUNTED_TO"])
        path.with_suffix(".part").write_text(json.dumps(counts), encoding="utf-8")
        os.replace(path.with_suffix(".part"), path)
        with contextlib.suppress(OSError, ValueError):
            wanted = json.loads(Path(os.environ["COUNTED_STATE"]).read_text(encoding="utf-8"))
            if wanted["name"] != self.state:
                self.state = wanted["name"]
                self._show(wanted)

    def _show(self, wanted: dict[str, Any]) -> None:
        if wanted.get("away"):
            self.away.emit()
            QApplication.exit()
            return
        app = QApplication.instance()
        look = wanted.get("look", theme.LOOKS[0])
        if look != theme.look and isinstance(app, QApplication):
            theme.dress(app, look)
        self.desk.show_views(tuple(wanted.get("views", ())))
        self.panels.show_page(wanted.get("tab", ""))
        self.presence.perform(wanted.get("performing", False))


if __name__ == "__main__":
    vars(application)["MainWindow"] = CountedWindow
    sys.exit(main(sys.argv[1:]))
