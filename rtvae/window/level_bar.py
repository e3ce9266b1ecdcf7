"""A level meter that lies on its side, for a row of a dialog."""

from PyQt6.QtCore import QRectF, QSize
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from rtvae.window import theme
from rtvae.window.levels import FLOOR_DB, Level
from rtvae.window.meter_view import BOTTOM_DB

_HEIGHT_PX = 22


class LevelBar(QWidget):
    """The bar is the peak, its bright core the mean power, the line the held peak."""

    def __init__(self, name: str, colour: QColor) -> None:
        super().__init__()
        self._colour = colour
        self.shown_db = (FLOOR_DB, FLOOR_DB, FLOOR_DB)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.setToolTip(f"{name}: {-BOTTOM_DB:.0f} dB below full scale at the left end")

    def sizeHint(self) -> QSize:
        return QSize(200, _HEIGHT_PX)

    def follow(self, level: Level) -> None:
        """Show the level of this frame."""
        peak_db, rms_db, hold_db = (
            round(value, 1) for value in (level.peak_db, level.rms_db, level.hold_db)
        )
        if (peak_db, rms_db, hold_db) != self.shown_db:
            self.shown_db = (peak_db, rms_db, hold_db)
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        peak_db, rms_db, hold_db = self.shown_db
        width, height = self.width(), self.height()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.SUNKEN)
            for level_db, colour in (
                (peak_db, theme.see_through(self._colour, 0.45)),
                (rms_db, self._colour),
            ):
                painter.fillRect(QRectF(0, 0, width * _share(level_db), height), colour)
            if hold_db > BOTTOM_DB:
                painter.fillRect(QRectF(width * _share(hold_db) - 2, 0, 3, height), theme.TEXT)
            painter.setPen(theme.TRACK)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


def _share(level_db: float) -> float:
    return min(max((level_db - BOTTOM_DB) / -BOTTOM_DB, 0.0), 1.0)
