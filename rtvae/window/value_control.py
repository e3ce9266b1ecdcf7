"""A value under the hand: drag, wheel, keys and double-click, the same for every control.

It is a slider to Qt and to screen readers, in whole steps of `resolution`; the exact value is
kept beside it, because MIDI may set values between the steps.
"""

import math
from dataclasses import dataclass

from PyQt6.QtCore import QEvent, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QAbstractSlider, QWidget

DRAG_PX = 220
FINE = 0.1
NOTCH = 120
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
_STEPS: dict[int, float] = {
    Qt.Key.Key_Up: 1.0,
    Qt.Key.Key_Right: 1.0,
    Qt.Key.Key_Plus: 1.0,
    Qt.Key.Key_Down: -1.0,
    Qt.Key.Key_Left: -1.0,
    Qt.Key.Key_Minus: -1.0,
    Qt.Key.Key_PageUp: 10.0,
    Qt.Key.Key_PageDown: -10.0,
}
_RESETS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_0)


@dataclass(frozen=True)
class Range:
    """What a control can be set to: ends, value at rest, one step, and the slider's resolution.

    `bend` above 1 gives the low values more room under the hand: a value lies at the share to the
    power of `bend` of the range. With a `grid` only its multiples (from zero) can be set.
    """

    low: float
    high: float
    default: float
    step: float
    resolution: float = 0.01
    bend: float = 1.0
    grid: float = 0.0


class ValueControl(QAbstractSlider):
    """Base of the knobs and bars; subclasses paint.

    With shift held, a control that has a `partner` moves the partner instead.
    """

    edited = pyqtSignal(float)
    attention = pyqtSignal(bool)

    def __init__(self, name: str, span: Range, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.partner: ValueControl | None = None
        self.range = span
        self.exact = span.default
        self._grip: QPoint | None = None
        self._held: tuple[ValueControl, float] | None = None
        self._wheel = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setRange(round(span.low / span.resolution), round(span.high / span.resolution))
        self.setSingleStep(max(1, round(span.step / span.resolution)))
        self.setValue(round(span.default / span.resolution))
        self.valueChanged.connect(self._moved_by_others)

    def show_value(self, value: float) -> None:
        """Show a value that came from elsewhere; nothing is emitted."""
        value = value if math.isfinite(value) else self.range.default
        if value == self.exact:
            return
        self.exact = value
        self.blockSignals(True)
        self.setValue(round(min(max(value, -1e6), 1e6) / self.range.resolution))
        self.blockSignals(False)
        self.update()

    def edit(self, value: float) -> None:
        """Set a value by the player's hand, held inside the range, and emit it."""
        grid = self.range.grid
        value = round(value / grid) * grid if grid else round(value, 4)
        value = min(max(value, self.range.low), self.range.high)
        if value != self.exact:
            self.show_value(value)
            self.edited.emit(value)

    @property
    def share(self) -> float:
        """Where the value lies in the range, from 0 to 1."""
        return self.share_of(self.exact)

    def share_of(self, value: float) -> float:
        """Where any value lies in the range, held from 0 to 1."""
        share = (value - self.range.low) / (self.range.high - self.range.low)
        return float(min(max(share, 0.0), 1.0) ** (1.0 / self.range.bend))

    def value_at(self, share: float) -> float:
        """Return the value that lies at a share of the range, held from 0 to 1."""
        width = self.range.high - self.range.low
        return float(self.range.low + width * min(max(share, 0.0), 1.0) ** self.range.bend)

    def _moved_by_others(self, position: int) -> None:
        # Screen readers set the slider itself.
        self.exact = position * self.range.resolution
        self.update()
        self.edited.emit(self.exact)

    def _target(self, event: QMouseEvent | QWheelEvent | QKeyEvent) -> "ValueControl":
        shifted = bool(event.modifiers() & _SHIFT)
        return self.partner if shifted and self.partner is not None else self

    def _nudge(self, steps: float) -> None:
        span = self.range
        if span.grid:
            steps = math.copysign(max(1.0, abs(steps)), steps)
        if span.grid or span.bend == 1.0:
            inside = min(max(self.exact, span.low), span.high)
            self.edit(inside + steps * span.step)
        else:
            self.edit(self.value_at(self.share + steps * span.step / (span.high - span.low)))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.position().toPoint()
            self._held = None

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._grip = self._held = None

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None or self._grip is None:
            return
        now = event.position().toPoint()
        moved_px = (self._grip.y() - now.y()) + (now.x() - self._grip.x())
        self._grip = now
        target = self._target(event)
        fine = FINE if event.modifiers() & _CONTROL else 1.0
        if self._held is None or self._held[0] is not target:
            self._held = target, target.share
        # Kept beside the value, which a grid may hold back.
        share = min(max(self._held[1] + fine * moved_px / DRAG_PX, 0.0), 1.0)
        self._held = target, share
        target.edit(target.value_at(share))

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            target = self._target(event)
            target.edit(target.range.default)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is None:
            return
        # Holding shift turns the wheel sideways on some systems.
        delta = event.angleDelta()
        self._wheel += delta.y() or delta.x()
        fine = FINE if event.modifiers() & _CONTROL else 1.0
        notches = int(self._wheel * 8 / NOTCH) / 8
        self._wheel -= notches * NOTCH
        if notches:
            self._target(event)._nudge(notches * fine)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        key, target = event.key(), self._target(event)
        fine = FINE if event.modifiers() & _CONTROL else 1.0
        if key in _STEPS:
            target._nudge(_STEPS[key] * fine)
        elif key in _RESETS:
            target.edit(target.range.default)
        elif key == Qt.Key.Key_Home:
            target.edit(target.range.low)
        elif key == Qt.Key.Key_End:
            target.edit(target.range.high)
        else:
            event.ignore()

    def enterEvent(self, event: QEnterEvent | None) -> None:
        self.attention.emit(True)

    def leaveEvent(self, event: QEvent | None) -> None:
        self.attention.emit(self.hasFocus())

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        self.attention.emit(True)
        self.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        self.attention.emit(False)
        self.update()
