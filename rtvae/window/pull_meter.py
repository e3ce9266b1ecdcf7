"""How firmly the leash pulls just now: a bar, and the number of standard deviations."""

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from rtvae.window import theme
from rtvae.window.text import tip

MOST_SD = 2.0
FALL = 0.85


class PullMeter(QWidget):
    """Rises at once and falls slowly, so that a short pull can be seen."""

    def __init__(self) -> None:
        super().__init__()
        self._pull = 0.0
        self._shown = (-1, -1)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Pull of the leash")
        self.setToolTip(
            tip(
                "How far the leash pulls the latents back, in sd: nothing while they are where the "
                "model is at home."
            )
        )

    def sizeHint(self) -> QSize:
        return QSize(110, 26)

    def show_pull(self, pull_sd: float) -> None:
        """Show the pull of this frame."""
        self._pull = max(pull_sd, self._pull * FALL if self._pull > 0.01 else 0.0)
        bar = round(min(self._pull / MOST_SD, 1.0) * self.width())
        shown = (bar, round(self._pull * 20))
        if shown != self._shown:
            self._shown = shown
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        tone = theme.TONES["warn" if self._pull >= MOST_SD / 2 else "good"]
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.PANEL)
            painter.fillRect(QRectF(0, self.height() - 8, self.width(), 8), theme.TRACK)
            painter.fillRect(QRectF(0, self.height() - 8, max(self._shown[0], 0), 8), tone)
            painter.setPen(theme.TEXT)
            painter.setFont(theme.font(theme.SMALL_PX))
            painter.drawText(
                self.rect().adjusted(0, 0, 0, -9),
                Qt.AlignmentFlag.AlignCenter,
                f"pulls {self._pull:.1f} sd",
            )
