"""The last seconds of one value from -1 to 1, as a curve that moves from right to left."""

from collections import deque

from PyQt6.QtCore import QLineF, QPointF, QSize
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from rtvae.window import theme

KEPT = 150


class CurveView(QWidget):
    """Holds what it was shown, one value a frame."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.colour: QColor = theme.OUTPUT
        self._values: deque[float] = deque(maxlen=KEPT)
        self.setAccessibleName(name)
        self.setToolTip(f"{name} over the last five seconds.")
        self.setMinimumSize(90, 40)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(150, 50)

    def clear(self) -> None:
        """Begin anew."""
        self._values.clear()
        self.update()

    def push(self, value: float) -> None:
        """Append the value of this frame."""
        still = len(self._values) == KEPT and all(value == kept for kept in self._values)
        self._values.append(value)
        if not still:
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        width, height = self.width(), self.height()
        middle, step = height / 2, width / (KEPT - 1)
        first = KEPT - len(self._values)
        points = [
            QPointF((first + k) * step, middle - value * (middle - 2))
            for k, value in enumerate(self._values)
        ]
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.SUNKEN)
            painter.setPen(theme.LINE)
            painter.drawLine(QLineF(0, middle, width, middle))
            painter.setPen(QPen(self.colour, 1))
            painter.drawPolyline(QPolygonF(points))
