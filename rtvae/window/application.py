"""The Qt application around the window: frame clock, pipes to the host, and a net for faults."""

import sys
import time
import traceback
from collections import Counter
from types import TracebackType
from typing import Any

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from rtvae import paths
from rtvae.link.control_block import ControlReader
from rtvae.link.telemetry import TelemetryReader
from rtvae.window import place, theme, wire
from rtvae.window.main_window import MainWindow
from rtvae.window.memory import Keeper
from rtvae.window.picture import Picture
from rtvae.window.pipes import LineReader, LineWriter

FRAMES_PER_S = 30
LAST_WORDS_S = 0.5
PLACE_MS = 3000
FAULT_REPORTS = 3


def run(telemetry: TelemetryReader, control: ControlReader) -> int:
    """Show the window until it is closed or the host says quit; return the exit status."""
    app = QApplication([sys.argv[0]])
    app.setApplicationName("rtvae")
    keeper = Keeper(paths.config_dir())
    theme.dress(app, keeper.memory.look)
    writer = LineWriter(sys.stdout.fileno())
    picture = Picture(telemetry, control, time.monotonic())
    window = MainWindow(picture, writer.send, time.monotonic)
    sys.excepthook = FaultNet(window)
    window.closed.connect(lambda: writer.send(wire.CLOSED))
    window.away.connect(lambda: writer.send(wire.AWAY))

    def keep(changes: dict[str, Any]) -> None:
        fault = keeper.keep(**changes)
        if fault:
            window.say(fault, "warning")

    def keep_place() -> None:
        if not window.isFullScreen():
            keep({"place": place.place_of(window), "maximised": window.isMaximized()})

    def hear(line: bytes) -> None:
        said = wire.parse(line)
        if isinstance(said, wire.Quit):
            # Not `quit`: that asks the window, and the window asks the player.
            app.exit()
        elif isinstance(said, wire.Front):
            window.come_forward()
        elif said is not None:
            window.hear(said)

    reader = LineReader(sys.stdin.fileno())
    reader.line.connect(hear)
    reader.ended.connect(window.lose_host)

    frames = QTimer()
    frames.setInterval(round(1000 / FRAMES_PER_S))
    frames.timeout.connect(lambda: window.tick() if not window.isMinimized() else None)
    # A window that is killed has no last moment to remember in.
    places = QTimer()
    places.setInterval(PLACE_MS)
    places.timeout.connect(keep_place)
    place.put(window, keeper.memory.place, keeper.memory.maximised)
    window.show()
    window.presence.remembered.connect(keep)
    window.presence.restore(keeper.memory)
    if keeper.fault:
        window.say(keeper.fault, "warning")
    frames.start()
    places.start()
    QTimer.singleShot(0, lambda: writer.send(wire.READY))
    reader.start()
    status = app.exec()
    frames.stop()
    keep_place()
    writer.close(LAST_WORDS_S)
    return status


class FaultNet:
    """Catches exceptions in slots: PyQt would abort the process.

    Each fault is printed, the same place at most FAULT_REPORTS times, and named in the window.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._seen: Counter[tuple[str, int]] = Counter()

    def __call__(
        self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None
    ) -> None:
        """Be `sys.excepthook`."""
        last = traceback.extract_tb(trace)[-1:]
        where = (last[0].filename, last[0].lineno or 0) if last else ("", 0)
        self._seen[where] += 1
        if self._seen[where] <= FAULT_REPORTS:
            traceback.print_exception(kind, fault, trace)
        self._window.say(f"The window met a fault and goes on: {kind.__name__}.", "error")
