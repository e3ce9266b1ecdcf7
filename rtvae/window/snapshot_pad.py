"""One of the sixteen pads: a press goes to its snapshot, a long touch or shift and a press keeps
one there."""

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent

from rtvae.window import theme
from rtvae.window.plate import Plate

_STORE = "shift and a press, or a long touch, stores here"


class SnapshotPad(Plate):
    """Checked while its snapshot was the last to be recalled."""

    recalled = pyqtSignal(int)
    kept = pyqtSignal(int)
    cleared = pyqtSignal(int)

    def __init__(self, number: int) -> None:
        super().__init__(
            str(number),
            f"Snapshot {number}",
            "",
            checkable=True,
            size_px=theme.LARGE_PX,
            lit=theme.OUTPUT,
        )
        self.number = number
        self.stored: bool | None = None
        self._shifted = False
        self.show_stored(False)
        self.clicked.connect(lambda: self._press())

    def sizeHint(self) -> QSize:
        return QSize(52, 44)

    def show_stored(self, stored: bool) -> None:
        """Show whether there is a snapshot."""
        if stored == self.stored:
            return
        self.stored = stored
        self.edge = theme.OUTPUT if stored else None
        what = "stored: a press goes there" if stored else "empty"
        clear = ", Delete clears it" if stored else ""
        self.explain(
            f"Snapshot {self.number}: {'stored' if stored else 'empty'}",
            f"Snapshot {self.number}, {what}; {_STORE}{clear}.",
        )
        self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self._shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None:
            self._shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
                self.cleared.emit(self.number)
                return
        super().keyPressEvent(event)

    def _press(self) -> None:
        shifted, self._shifted = self._shifted, False
        (self.kept if shifted else self.recalled).emit(self.number)
