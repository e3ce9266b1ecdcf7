"""The map of what the model learned from: points, their labels, and the way that was steered."""

from collections import deque

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent

from rtvae.window import theme
from rtvae.window.parts import Map
from rtvae.window.place_pad import PlacePad
from rtvae.window.text import tip

TRAIL = 48
LABELS = 40
# Points are as large as leaves the ground to be seen between them.
POINT_PX = (4.0, 8.0)
FILLED = 0.03


class MapView(PlacePad):
    """The points are drawn once; place and trail are laid over them."""

    def __init__(self) -> None:
        super().__init__("Map of the training set")
        self.map: Map | None = None
        self._face: QPixmap | None = None
        self._face_of: tuple[object, ...] = ()
        self._trail: deque[tuple[float, float]] = deque(maxlen=TRAIL)
        self.setMinimumSize(240, 150)
        self.setToolTip(
            tip(
                "Every point is a moment of the sounds that the model learned from; points that "
                "are close sound alike. Drag to steer there; arrow keys move in steps."
            )
        )
        self.moved.connect(lambda x, y: self._trail.append((x, y)))

    def sizeHint(self) -> QSize:
        return QSize(900, 240)

    def show_map(self, drawn: Map | None) -> None:
        """Show the map of another model."""
        if drawn is not self.map and drawn != self.map:
            self.map, self._face, self.place = drawn, None, None
            self._trail.clear()
            self.update()

    def show_place(self, place: tuple[float, float] | None) -> None:
        before = self.place
        super().show_place(place)
        if self.place is not None and self.place != before:
            self._trail.append(self.place)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._current_face())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            points = [self.point(place) for place in self._trail]
            painter.setPen(QPen(theme.OUTPUT, 2))
            painter.drawPolyline(QPolygonF(points))
            self.paint_place(painter)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._face = None

    def _current_face(self) -> QPixmap:
        looks = (self.size(), self.devicePixelRatioF(), theme.serial)
        if self._face is None or looks != self._face_of:
            self._face, self._face_of = self._paint_face(), looks
        return self._face

    def _paint_face(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        face = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        face.setDevicePixelRatio(ratio)
        face.fill(theme.SUNKEN)
        if self.map is None:
            return face
        groups: dict[str, list[QPointF]] = {}
        for place, label in zip(self.map.points, self.map.labels, strict=True):
            groups.setdefault(label, []).append(self.point(place))
        with QPainter(face) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            area = self.width() * self.height() / len(self.map.points)
            size_px = min(max((FILLED * area) ** 0.5 * 2.0, POINT_PX[0]), POINT_PX[1])
            named = sorted(label for label in groups if label)
            for label, points in groups.items():
                colour = theme.DIM
                if label:
                    colour = theme.MODULATORS[named.index(label) % len(theme.MODULATORS)]
                painter.setPen(
                    QPen(theme.see_through(colour, 0.8), size_px, cap=Qt.PenCapStyle.RoundCap)
                )
                painter.drawPoints(QPolygonF(points))
            painter.setFont(theme.font(theme.BODY_PX, bold=True))
            taken: list[QRectF] = []
            largest = sorted(groups, key=lambda label: -len(groups[label]))
            for label in [label for label in largest if label][:LABELS]:
                _write(painter, label, _middle(groups[label]), taken, QRectF(self.rect()))
        return face


def _middle(points: list[QPointF]) -> QPointF:
    """The point of a group in the middle of it, by each direction's median."""
    xs, ys = sorted(p.x() for p in points), sorted(p.y() for p in points)
    return QPointF(xs[len(xs) // 2], ys[len(ys) // 2])


def _write(painter: QPainter, label: str, at: QPointF, taken: list[QRectF], inside: QRectF) -> None:
    """Write a label on a plate of its own, unless another one is in the way."""
    metrics = painter.fontMetrics()
    width, height = metrics.horizontalAdvance(label) + 10, metrics.height() + 2
    box = QRectF(at.x() - width / 2, at.y() - height / 2, width, height)
    box.moveLeft(min(max(box.left(), 2.0), max(inside.width() - width - 2, 2.0)))
    box.moveTop(min(max(box.top(), 2.0), max(inside.height() - height - 2, 2.0)))
    if any(box.intersects(other) for other in taken):
        return
    taken.append(box)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.see_through(theme.SUNKEN, 0.75))
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(theme.TEXT)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label)
