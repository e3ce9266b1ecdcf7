"""The Qt application around the window: frame clock, pipes to the host, and a net for faults."""

import sys
import time
import traceback
from collections import Counter
from types import TracebackType

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from rtvae.link.control_block import ControlReader
from rtvae.link.telemetry import TelemetryReader
from rtvae.window import theme, wire
from rtvae.window.main_window import MainWindow
from rtvae.window.picture import Picture
from rtvae.window.pipes import LineReader, LineWriter

FRAMES_PER_S = 30
LAST_WORDS_S = 0.5
FAULT_REPORTS = 3


def run(telemetry: TelemetryReader, control: ControlReader) -> int:
    """Show the window until it is closed or the host says quit; return the exit status."""
    app = QApplication([sys.argv[0]])
    app.setApplicationName("rtvae")
    theme.dress(app)
    writer = LineWriter(sys.stdout.fileno())
    picture = Picture(telemetry, control, time.monotonic())
    window = MainWindow(picture, writer.send, time.monotonic)
    sys.excepthook = FaultNet(window)
    window.closed.connect(lambda: writer.send(wire.CLOSED))

    def hear(line: bytes) -> None:
        said = wire.parse(line)
        if isinstance(said, wire.Quit):
            app.quit()
        elif said is not None:
            window.hear(said)

    reader = LineReader(sys.stdin.fileno())
    reader.line.connect(hear)
    reader.ended.connect(window.lose_host)

    frames = QTimer()
    frames.setInterval(round(1000 / FRAMES_PER_S))
    frames.timeout.connect(lambda: window.tick() if not window.isMinimized() else None)
    screen = app.primaryScreen()
    if screen is not None:
        window.resize(window.size().boundedTo(screen.availableSize()))
    window.show()
    frames.start()
    QTimer.singleShot(0, lambda: writer.send(wire.READY))
    reader.start()
    status = app.exec()
    frames.stop()
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
        place = (last[0].filename, last[0].lineno or 0) if last else ("", 0)
        self._seen[place] += 1
        if self._seen[place] <= FAULT_REPORTS:
            traceback.print_exception(kind, fault, trace)
        self._window.say(f"The window met a fault and goes on: {kind.__name__}.", "error")
