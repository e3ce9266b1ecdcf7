"""A long touch: a finger, or where it is wanted a pressed mouse button, that stays where it is."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PyQt6.QtGui import QMouseEvent, QPointingDevice
from PyQt6.QtWidgets import QApplication, QWidget

HOLD_MS = 650
STILL_PX = 6.0


class Hold(QObject):
    """Calls `act` with the widget that was held; the press then counts as let go elsewhere.

    Without `mouse` only fingers count: a hand that rests on a knob must not open anything.
    """

    def __init__(self, act: Callable[[QWidget], None], *, mouse: bool) -> None:
        super().__init__()
        self._act = act
        self._mouse = mouse
        self._widget: QWidget | None = None
        self._at = QPointF()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(HOLD_MS)
        self._timer.timeout.connect(self._held)

    def watch(self, widget: QWidget) -> None:
        """Wait for long touches of a widget."""
        widget.installEventFilter(self)

    def eventFilter(self, widget: QObject | None, event: QEvent | None) -> bool:
        if not isinstance(event, QMouseEvent) or not isinstance(widget, QWidget):
            return False
        if event.type() == QEvent.Type.MouseButtonPress:
            finger = event.pointerType() == QPointingDevice.PointerType.Finger
            plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
            if plain and (finger or self._mouse):
                self._widget, self._at = widget, event.position()
                self._timer.start()
        elif event.type() == QEvent.Type.MouseMove:
            moved = event.position() - self._at
            if abs(moved.x()) + abs(moved.y()) > STILL_PX:
                self._timer.stop()
        else:
            self._timer.stop()
        return False

    def _held(self) -> None:
        widget, self._widget = self._widget, None
        if widget is None or not widget.isVisible():
            return
        away, button = QPointF(-10_000.0, -10_000.0), Qt.MouseButton.LeftButton
        none = Qt.MouseButton.NoButton
        QApplication.sendEvent(
            widget,
            QMouseEvent(
                QEvent.Type.MouseButtonRelease, away, away, button, none,
                Qt.KeyboardModifier.NoModifier,
            ),
        )  # fmt: skip
        self._act(widget)
