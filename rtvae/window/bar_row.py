"""A row of bars drawn with the mouse: the steps of a sequence, or amounts for many latents."""

import math
from collections.abc import Callable, Sequence

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from rtvae.window import theme
from rtvae.window.text import signed, tip

NAMES_PX = 14
ZERO_SHARE = 0.04
COARSE, FINE = 0.05, 0.005
_MOVES = {
    Qt.Key.Key_Up: 1.0,
    Qt.Key.Key_Plus: 1.0,
    Qt.Key.Key_Down: -1.0,
    Qt.Key.Key_Minus: -1.0,
    Qt.Key.Key_PageUp: 5.0,
    Qt.Key.Key_PageDown: -5.0,
}
_RESETS = (Qt.Key.Key_0, Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class BarRow(QWidget):
    """Bars from `-most` to `most` around a middle line; `edited` gives a bar's place and value.

    The keys left and right choose a bar, up and down move it, 0 sets it to nothing.
    """

    edited = pyqtSignal(int, float)

    def __init__(self, name: str, most: float, hint: str) -> None:
        super().__init__()
        self.values: list[float] = []
        self.names: tuple[str, ...] = ()
        self.first = 1
        self.chosen = 0
        self.active = 0
        self.colour: QColor = theme.OUTPUT
        self.marked: Callable[[int], bool] = lambda place: False
        self._most = most
        self._name, self._hint = name, hint
        self._drawing: tuple[int, float] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(48)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._explain()

    def sizeHint(self) -> QSize:
        return QSize(320, 76)

    def offer(self, name: str, names: Sequence[str], first: int = 1) -> None:
        """Offer bars of these names; without room for all of them numbers stand
        there, counted from `first`."""
        self._name, self.names, self.first = name, tuple(names), first
        self.active = len(self.names)
        self.values = (self.values + [0.0] * len(names))[: len(names)]
        self.chosen = min(self.chosen, max(len(names) - 1, 0))
        self._explain()
        self.update()

    def show_values(self, values: Sequence[float], active: int | None = None) -> None:
        """Show values that came from elsewhere; bars from `active` on are not in use just now."""
        shown = [round(value, 4) if math.isfinite(value) else 0.0 for value in values]
        active = self.active if active is None else active
        if (shown, active) != (self.values, self.active):
            self.values, self.active = shown, active
            self._explain()
            self.update()

    def value(self) -> float:
        """The value of the chosen bar."""
        return self.values[self.chosen] if self.values else 0.0

    def edit(self, value: float) -> None:
        """Set the chosen bar by the player's hand."""
        self._put(self.chosen, value)

    def choose(self, place: int) -> None:
        """Choose the bar that the keys move."""
        place = min(max(place, 0), max(len(self.names) - 1, 0))
        if place != self.chosen:
            self.chosen = place
            self._explain()
            self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton and self.names:
            self._drawing = None
            self._draw(event.position())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None or not self.names:
            return
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._draw(event.position())
        else:
            self.choose(self._place(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._drawing = None

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self.names:
            self._put(self._place(event.position()), 0.0)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is None:
            return
        delta = event.angleDelta().y() or event.angleDelta().x()
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self._nudge(delta / 120, fine)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None or not self.names:
            return
        key = Qt.Key(event.key())
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.choose(self.chosen + (1 if key == Qt.Key.Key_Right else -1))
        elif key in _MOVES:
            self._nudge(_MOVES[key], fine)
        elif key in _RESETS:
            self.edit(0.0)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.edit(self._most if key == Qt.Key.Key_End else -self._most)
        else:
            event.ignore()

    def event(self, event: QEvent | None) -> bool:
        if event is not None and event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.SUNKEN)
            if not self.names:
                return
            slot, stage = self.width() / len(self.names), self._stage_px()
            middle = stage / 2
            painter.setFont(theme.font(10))
            widest = max(map(painter.fontMetrics().horizontalAdvance, self.names))
            fits = widest <= slot - 4
            for k, value in enumerate(self.values):
                left = k * slot + 1
                if k == self.chosen and (self.hasFocus() or self.underMouse()):
                    painter.fillRect(QRectF(left, 0, slot - 2, self.height()), theme.LINE)
                swing = middle * min(max(value / self._most, -1.0), 1.0)
                top = min(middle, middle - swing)
                shade = self.colour if k < self.active else theme.TRACK
                painter.fillRect(QRectF(left + 1, top - 1, slot - 4, abs(swing) + 2), shade)
                painter.setPen(theme.TEXT if k == self.chosen else theme.DIM)
                box = QRectF(left, stage, slot - 2, NAMES_PX)
                shown = self.names[k] if fits else str(self.first + k)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
                if self.marked(k):
                    painter.fillRect(QRectF(left + slot - 10, 2, 7, 7), theme.TONES["good"])
            if self.hasFocus() or self.underMouse():
                painter.setPen(theme.TEXT)
                painter.setFont(theme.font(theme.SMALL_PX, bold=True))
                corner = QRectF(4, 1, self.width() - 8, 16)
                number, name = str(self.first + self.chosen), self.names[self.chosen]
                said = name if name == number else f"{number} {name}"
                said = f"{said}  {signed(self.value(), 2)}"
                painter.drawText(corner, Qt.AlignmentFlag.AlignLeft, said)
            if self.hasFocus():
                painter.setPen(QPen(theme.FOCUS, 1))
                painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1))

    def _stage_px(self) -> float:
        return max(self.height() - NAMES_PX, 1.0)

    def _place(self, at: QPointF) -> int:
        return min(max(int(at.x() / self.width() * len(self.names)), 0), len(self.names) - 1)

    def _draw(self, at: QPointF) -> None:
        """Set every bar that the mouse passed since it was last heard of."""
        share = 1.0 - 2.0 * min(max(at.y() / self._stage_px(), 0.0), 1.0)
        value = 0.0 if abs(share) < ZERO_SHARE else share * self._most
        place = self._place(at)
        begin, began = self._drawing or (place, value)
        steps = abs(place - begin)
        for k in range(steps + 1):
            part = k / steps if steps else 1.0
            self._put(begin + (k if place > begin else -k), began + (value - began) * part)
        self.choose(place)
        self._drawing = place, value

    def _nudge(self, steps: float, fine: bool) -> None:
        if self.names:
            self.edit(self.value() + steps * (FINE if fine else COARSE) * self._most)

    def _put(self, place: int, value: float) -> None:
        value = min(max(round(value, 3), -self._most), self._most)
        if place < len(self.values) and value != self.values[place]:
            self.values[place] = value
            self._explain()
            self.update()
            self.edited.emit(place, value)

    def _explain(self) -> None:
        bar = f"{self.names[self.chosen]} {signed(self.value(), 2)}" if self.names else "none"
        self.setAccessibleName(f"{self._name}: {bar}")
        if self.toolTip() != tip(self._hint):
            self.setToolTip(tip(self._hint))
