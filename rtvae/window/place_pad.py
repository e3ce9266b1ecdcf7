"""A field under the hand: a place from 0 to 1 in each direction, dragged, or moved by keys."""

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from rtvae.window import theme

COARSE, FINE = 0.02, 0.002
OWN_FRAMES = 12
EDGE_PX = 6
_MOVES = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class PlacePad(QWidget):
    """Base of the pad and the map; subclasses paint. y grows upwards.

    `place` is None until somebody put it somewhere; `moved` gives where the player puts it.
    """

    moved = pyqtSignal(float, float)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.place: tuple[float, float] | None = None
        self._name = name
        self._own = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._speak()

    def show_place(self, place: tuple[float, float] | None) -> None:
        """Show a place that came from elsewhere, each frame.

        What the player has just done stays, until the host has had time to hear of it.
        """
        if self.dragging():
            return
        if self._own > 0:
            self._own -= 1
        elif place != self.place:
            self.place = place
            self._speak()
            self.update()

    def stage(self) -> QRectF:
        """Where the field lies on the widget, in pixels."""
        return QRectF(self.rect()).adjusted(EDGE_PX, EDGE_PX, -EDGE_PX, -EDGE_PX)

    def point(self, place: tuple[float, float]) -> QPointF:
        """Where a place lies on the widget."""
        stage = self.stage()
        return QPointF(
            stage.x() + place[0] * stage.width(), stage.y() + (1.0 - place[1]) * stage.height()
        )

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._steer(event.position())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._steer(event.position())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        move = _MOVES.get(Qt.Key(event.key()))
        if move is None:
            event.ignore()
            return
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        step = FINE if fine else COARSE
        x, y = self.place or (0.5, 0.5)
        self._go(x + move[0] * step, y + move[1] * step)

    def event(self, event: QEvent | None) -> bool:
        if event is not None and event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().event(event)

    def paint_place(self, painter: QPainter) -> None:
        """Paint where it is, and a frame while it has the focus."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.place is not None:
            at = self.point(self.place)
            painter.setPen(QPen(theme.GROUND, 2))
            painter.setBrush(theme.OUTPUT)
            painter.drawEllipse(at, 9, 9)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.FOCUS, 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def dragging(self) -> bool:
        """Whether the player's hand is on it."""
        return self.mouseGrabber() is self

    def _steer(self, at: QPointF) -> None:
        stage = self.stage()
        self._go(
            (at.x() - stage.x()) / max(stage.width(), 1.0),
            1.0 - (at.y() - stage.y()) / max(stage.height(), 1.0),
        )

    def _go(self, x: float, y: float) -> None:
        place = round(min(max(x, 0.0), 1.0), 4), round(min(max(y, 0.0), 1.0), 4)
        if place != self.place:
            self.place = place
            self._own = OWN_FRAMES
            self._speak()
            self.update()
            self.moved.emit(*place)

    def _speak(self) -> None:
        where = "nowhere yet"
        if self.place is not None:
            where = f"{self.place[0] * 100:.0f} across, {self.place[1] * 100:.0f} up"
        self.setAccessibleName(f"{self._name}: {where}")
