"""From one snapshot to another: two choices, a fader between them, and the way it goes."""

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from rtvae.control.actions import SNAPSHOTS
from rtvae.window import theme
from rtvae.window.choice import Choice
from rtvae.window.parts import WAYS, Snapshots
from rtvae.window.plate import Plate
from rtvae.window.text import tip
from rtvae.window.value_control import Range, ValueControl

_EDGE_PX = 10
_WAY_HINTS = {
    "linear": "Straight from one to the other",
    "spherical": "Around the middle, so that nothing grows weaker on the way",
}


class Fader(ValueControl):
    """A long horizontal slider from 0 to 1; a press anywhere on it goes there."""

    def __init__(self, name: str) -> None:
        super().__init__(name, Range(0.0, 1.0, 0.0, 0.02))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def sizeHint(self) -> QSize:
        return QSize(160, 34)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 34)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._go(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position().x())

    def _go(self, x: float) -> None:
        self.edit((x - _EDGE_PX) / max(self.width() - 2 * _EDGE_PX, 1))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        middle, at = self.height() / 2, _EDGE_PX + self.share * (self.width() - 2 * _EDGE_PX)
        able = self.isEnabled()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.TRACK)
            painter.drawRoundedRect(QRectF(4, middle - 4, self.width() - 8, 8), 4, 4)
            if able:
                painter.setBrush(theme.OUTPUT)
                painter.drawRoundedRect(QRectF(4, middle - 4, at - 4, 8), 4, 4)
            edge = theme.FOCUS if self.hasFocus() else theme.DIM
            painter.setPen(QPen(edge, 2))
            painter.setBrush(theme.PANEL)
            painter.drawRoundedRect(QRectF(at - 8, 3, 16, self.height() - 6), 4, 4)


class MorphRow(QWidget):
    """`morphed` gives both ends, the share and the way, each time one of them is chosen."""

    morphed = pyqtSignal(int, int, float, str)

    def __init__(self) -> None:
        super().__init__()
        numbers = [str(k + 1) for k in range(SNAPSHOTS)]
        self.begin = Choice("Morph from snapshot", "The snapshot at the left end.", 2)
        self.end = Choice("Morph to snapshot", "The snapshot at the right end.", 2)
        self.fader = Fader("Morph")
        self.ways = {
            way: Plate(way, f"Morph: {way}", f"{hint}.", checkable=True, size_px=theme.SMALL_PX)
            for way, hint in _WAY_HINTS.items()
        }
        self._way = WAYS[0]
        self._told: tuple[int, int, str] | None = None
        self._stored: tuple[int, ...] = ()
        for choice in (self.begin, self.end):
            choice.offer(numbers)
            choice.activated.connect(lambda: self._choose())
        self.fader.edited.connect(lambda value: self._say())
        for way, plate in self.ways.items():
            plate.clicked.connect(lambda on, way=way: self._go(way))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in (self.begin, self.fader, self.end, *self.ways.values()):
            layout.addWidget(widget, 1 if widget is self.fader else 0)
        self.show_morph(Snapshots())

    def show_morph(self, snapshots: Snapshots) -> None:
        """Show what the host says of the morph, and what is missing for one.

        What the player chose stays until the host says something else than before.
        """
        told = snapshots.begin, snapshots.end, snapshots.way
        if told != self._told:
            self._told = told
            self.begin.show_name(str(snapshots.begin))
            self.end.show_name(str(snapshots.end))
            self._light(snapshots.way)
        if QWidget.mouseGrabber() is not self.fader:
            self.fader.show_value(snapshots.share)
        self._stored = snapshots.stored
        self._judge()

    def _judge(self) -> None:
        wanted = (self.begin.currentIndex() + 1, self.end.currentIndex() + 1)
        missing = [str(k) for k in dict.fromkeys(wanted) if k not in self._stored]
        self.fader.setEnabled(not missing)
        said = "Morphs from the left snapshot to the right one; double-click goes back to the left."
        if missing:
            said = f"Store snapshot {' and '.join(missing)} first, then this morphs between them."
        self.fader.setToolTip(tip(said))
        self.fader.update()

    def _choose(self) -> None:
        self._judge()
        if self.fader.isEnabled():
            self._say()

    def _go(self, way: str) -> None:
        self._light(way)
        if self.fader.isEnabled():
            self._say()

    def _light(self, way: str) -> None:
        self._way = way
        for name, plate in self.ways.items():
            plate.setChecked(name == way)

    def _say(self) -> None:
        begin, end = self.begin.currentIndex() + 1, self.end.currentIndex() + 1
        self.morphed.emit(begin, end, self.fader.exact, self._way)
