"""The knob: an arc from the resting value to the set one, the number inside it, and, for latents,
two dots on the rim that show where the sound itself is just now."""

import math
from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from rtvae.window import theme
from rtvae.window.value_control import Range, ValueControl

START_DEGREES = 225.0
SWEEP_DEGREES = 270.0
LARGEST_PX = 120
USUAL_PX = 72
SMALLEST_PX = 48
ENDS_PX = 10
_SIDES = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)


_Dot = tuple[int, int] | None


class Knob(ValueControl):
    """Paints its face once per change; the dots are laid over it each frame."""

    def __init__(
        self, name: str, span: Range, words: Callable[[float], str], parent: QWidget | None = None
    ) -> None:
        """`words` turns the value into the text inside the knob.

        `ends`, where it is set, is written in small letters where the arc begins and ends.
        """
        super().__init__(name, span, parent)
        self.ends: tuple[str, str] | None = None
        self.usual_px = USUAL_PX
        self._words = words
        self._face: QPixmap | None = None
        self._face_of: tuple[object, ...] = ()
        self._rim = (QPointF(), 0.0)
        # In half pixels: a dot that has not moved visibly is not painted again.
        self._dots: tuple[_Dot, _Dot] = (None, None)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumSize(SMALLEST_PX, SMALLEST_PX)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.SizeVerCursor)

    def sizeHint(self) -> QSize:
        return QSize(self.usual_px, self.usual_px)

    def show_dots(self, encoded: float, played: float) -> None:
        """Show the latent as encoded and as played; NaN hides a dot."""
        dots = (self._dot(encoded), self._dot(played))
        if dots != self._dots:
            self._dots = dots
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._current_face())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            for dot, colour, radius in zip(
                self._dots, (theme.INPUT, theme.OUTPUT), (2.5, 3.5), strict=True
            ):
                if dot is not None:
                    painter.setBrush(colour)
                    painter.drawEllipse(QPointF(dot[0] / 2, dot[1] / 2), radius, radius)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._dots = (None, None)
        self._rim = self._circle()

    def _current_face(self) -> QPixmap:
        looks = (
            self.exact,
            self.hasFocus(),
            self.underMouse(),
            self.size(),
            self.devicePixelRatioF(),
            theme.serial,
        )
        if self._face is None or looks != self._face_of:
            self._face, self._face_of = self._paint_face(), looks
        return self._face

    def _circle(self) -> tuple[QPointF, float]:
        size = min(self.width(), self.height(), LARGEST_PX)
        return QPointF(self.width() / 2, self.height() / 2 + size * 0.03), size / 2 - 4

    def _dot(self, value: float) -> _Dot:
        if not math.isfinite(value):
            return None
        centre, radius = self._rim
        at = _polar(centre, radius, START_DEGREES - SWEEP_DEGREES * self.share_of(value))
        return round(at.x() * 2), round(at.y() * 2)

    def _paint_face(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        face = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        face.setDevicePixelRatio(ratio)
        face.fill(theme.PANEL)
        centre, rim = self._circle()
        radius = rim - 5
        box = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        rest = START_DEGREES - SWEEP_DEGREES * self.share_of(self.range.default)
        here = START_DEGREES - SWEEP_DEGREES * self.share
        lit = self.hasFocus() or self.underMouse()
        with QPainter(face) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(_pen(theme.DIM if lit else theme.TRACK, 5))
            painter.drawArc(box, *_arc(START_DEGREES - SWEEP_DEGREES, START_DEGREES))
            painter.setPen(_pen(theme.OUTPUT, 5))
            painter.drawArc(box, *_arc(min(rest, here), max(rest, here)))
            painter.setPen(_pen(theme.TEXT, 3))
            painter.drawLine(_polar(centre, radius - 4, here), _polar(centre, radius + 3, here))
            if self.hasFocus():
                painter.setPen(_pen(theme.FOCUS, 1))
                painter.drawRoundedRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1), 5, 5)
            text = self._words(self.exact)
            size_px = max(16, round(radius * 0.5))
            painter.setFont(theme.font(size_px, bold=True))
            while painter.fontMetrics().horizontalAdvance(text) > 1.6 * radius and size_px > 9:
                size_px -= 1
                painter.setFont(theme.font(size_px, bold=True))
            painter.setPen(theme.TEXT)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
            if self.ends is not None:
                painter.setFont(theme.font(ENDS_PX))
                painter.setPen(theme.DIM)
                for end, side in zip(self.ends, _SIDES, strict=True):
                    painter.drawText(self.rect(), side | Qt.AlignmentFlag.AlignBottom, end)
        return face


def _pen(colour: QColor, width: float) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)


def _arc(low_degrees: float, high_degrees: float) -> tuple[int, int]:
    """Start and span in Qt's sixteenths of a degree."""
    return round(low_degrees * 16), round((high_degrees - low_degrees) * 16)


def _polar(centre: QPointF, radius: float, degrees: float) -> QPointF:
    """The point at an angle, counted anticlockwise from three o'clock as Qt's arcs are."""
    angle = math.radians(degrees)
    return QPointF(centre.x() + radius * math.cos(angle), centre.y() - radius * math.sin(angle))
