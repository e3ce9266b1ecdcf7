"""A name on a small pill: what a latent is by measure, loudness, brightness or pitch."""

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen

from rtvae.window import theme
from rtvae.window.elided import ElidedLabel


class Badge(ElidedLabel):
    """An ElidedLabel in the middle of a pill; a plain label while `framed` is not set."""

    def __init__(self, size_px: int) -> None:
        super().__init__(size_px, align=Qt.AlignmentFlag.AlignHCenter)
        self.framed = False

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self.framed:
            width = min(self.fontMetrics().horizontalAdvance(self.text) + 12, self.width() - 1)
            with QPainter(self) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(theme.TONES["good"], 1.2))
                box = QRectF((self.width() - width) / 2, 1, width, self.height() - 2)
                painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        super().paintEvent(event)
