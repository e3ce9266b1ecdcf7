"""Input and output spectra as two curves over a logarithmic frequency axis."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPixmap, QPolygonF
from PyQt6.QtWidgets import QSizePolicy

from rtvae.window import theme
from rtvae.window.picture import Picture
from rtvae.window.polyline import draw, polygon
from rtvae.window.text import MINUS
from rtvae.window.view import View

TOP_DB = 0.0
BOTTOM_DB = -84.0
_FILL_SHARE = 0.16
_LEFT_PX, _FOOT_PX, _TEXT_PX = 36, 20, 16
_MARKS_HZ = (
    (50, "50"), (100, ""), (200, "200"), (500, ""), (1000, "1 k"),
    (2000, ""), (5000, "5 k"), (10_000, ""),
)  # fmt: skip
_MARKS_DB = (-72, -48, -24)


class SpectrumView(View):
    """Paints axes and grid once per change, and the curves over them each frame."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Spectra of input and output")
        self.setToolTip("Level over frequency: the input in blue, the output in orange.")
        self.setMinimumHeight(64)
        self.curves: tuple[NDArray[np.float32], ...] = ()
        self._octaves: NDArray[np.float64] = np.zeros(0)
        self._ground: QPixmap | None = None
        self._ground_of: tuple[object, ...] = ()

    def sizeHint(self) -> QSize:
        return QSize(330, 180)

    def follow(self, picture: Picture) -> None:
        """Draw both spectra."""
        curves = (picture.input_curve.levels_db, picture.output_curve.levels_db)
        octaves = np.log2(picture.centres_hz)
        same = self._octaves.size == octaves.size and self._octaves[0] == octaves[0]
        if same and all(map(np.array_equal, curves, self.curves)):
            return
        self._octaves = octaves
        # Copies: the picture goes on with its own.
        self.curves = tuple(curve.copy() for curve in curves)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._current_ground())
            if not self.curves:
                return
            stage = self._stage()
            painter.setClipRect(stage)
            x = stage.left() + self._share(self._octaves) * stage.width()
            heard, played = (polygon(x, self._y(stage, curve)) for curve in self.curves)
            below = QPolygonF(played)
            below.append(QPointF(float(x[-1]), stage.bottom()))
            below.append(QPointF(float(x[0]), stage.bottom()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.mixed(theme.OUTPUT, theme.PANEL, _FILL_SHARE))
            painter.drawPolygon(below)
            draw(painter, heard, theme.INPUT)
            draw(painter, played, theme.OUTPUT)

    def _stage(self) -> QRectF:
        width, height = max(self.width() - _LEFT_PX, 1), max(self.height() - _FOOT_PX, 1)
        return QRectF(_LEFT_PX, 0, width, height)

    def _share(self, octaves: NDArray[np.float64]) -> NDArray[np.float64]:
        low, high = self._octaves[0], self._octaves[-1]
        return np.asarray((octaves - low) / (high - low), np.float64)

    def _y(self, stage: QRectF, levels_db: NDArray[np.float32]) -> NDArray[np.float64]:
        share = np.clip((levels_db - BOTTOM_DB) / (TOP_DB - BOTTOM_DB), 0.0, 1.0)
        return np.asarray(stage.bottom() - 1.0 - share * stage.height(), np.float64)

    def _current_ground(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        ends = tuple(self._octaves[[0, -1]].tolist()) if self._octaves.size else ()
        looks = (self.size(), ratio, theme.serial, ends)
        if self._ground is None or looks != self._ground_of:
            self._ground = QPixmap(self.size() * ratio)
            self._ground.setDevicePixelRatio(ratio)
            self._ground.fill(theme.PANEL)
            self._ground_of = looks
            with QPainter(self._ground) as painter:
                self._paint_ground(painter, self._stage())
        return self._ground

    def _paint_ground(self, painter: QPainter, stage: QRectF) -> None:
        faint = theme.mixed(theme.TEXT, theme.PANEL, 0.07)
        painter.setFont(theme.font(theme.SMALL_PX))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for level_db in _MARKS_DB:
            y = float(self._y(stage, np.array([level_db], np.float32))[0])
            painter.setPen(faint)
            painter.drawLine(QPointF(stage.left(), y), QPointF(stage.right(), y))
            painter.setPen(theme.DIM)
            box = QRectF(0, y - _TEXT_PX / 2, _LEFT_PX - 4, _TEXT_PX)
            painter.drawText(box, right, str(level_db).replace("-", MINUS))
        for hertz, name in _MARKS_HZ if self._octaves.size else ():
            share = float(self._share(np.array([np.log2(hertz)]))[0])
            if not 0.0 < share < 1.0:
                continue
            x = stage.left() + share * stage.width()
            painter.setPen(faint)
            painter.drawLine(QPointF(x, stage.top()), QPointF(x, stage.bottom()))
            painter.setPen(theme.DIM)
            box = QRectF(x - 30, stage.bottom() + 3, 60, _TEXT_PX)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
        painter.setPen(theme.LINE)
        painter.drawLine(stage.topLeft(), stage.bottomLeft())
        painter.drawLine(stage.bottomLeft(), stage.bottomRight())
        painter.setFont(theme.font(theme.LARGE_PX - 1, bold=True))
        for name, colour, x in (("in", theme.INPUT, 84), ("out", theme.OUTPUT, 48)):
            painter.setPen(colour)
            painter.drawText(QPointF(stage.right() - x, stage.top() + 20), name)
