"""The second control of a latent: how far it swings, as a thin bar with its number on it."""

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy

from rtvae.window import theme
from rtvae.window.text import TIMES, signed
from rtvae.window.value_control import ValueControl

HEIGHT_PX = 26
BAR_PX = 5


class ScaleBar(ValueControl):
    """Filled from zero to the value; a tick marks the value at rest."""

    def sizeHint(self) -> QSize:
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return QSize(70, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        width, height = self.width(), self.height()
        zero, here = (round(width * self.share_of(v)) for v in (0.0, self.exact))
        rest = round(width * self.share_of(self.range.default))
        shade = theme.DIM if self.exact == self.range.default else theme.OUTPUT
        with QPainter(self) as painter:
            painter.fillRect(0, height - BAR_PX, width, BAR_PX, theme.TRACK)
            painter.fillRect(
                min(zero, here), height - BAR_PX, max(2, abs(here - zero)), BAR_PX, shade
            )
            painter.fillRect(rest - 1, height - BAR_PX - 3, 2, BAR_PX + 3, theme.TEXT)
            if self.hasFocus() or self.underMouse():
                painter.setPen(QPen(theme.FOCUS if self.hasFocus() else theme.DIM, 1))
                painter.drawRect(QRectF(0.5, 0.5, width - 1, height - 1))
            painter.setPen(theme.TEXT)
            painter.setFont(theme.font(theme.SMALL_PX))
            box = self.rect().adjusted(0, 0, 0, -BAR_PX - 2)
            painter.drawText(
                box,
                Qt.AlignmentFlag.AlignCenter,
                f"{TIMES} {signed(self.exact, 2).removeprefix('+')}",
            )
