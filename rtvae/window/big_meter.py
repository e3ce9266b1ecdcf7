"""One level meter to be read from two metres: a thick bar, the held peak in dB, a clip mark."""

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from rtvae.window import theme
from rtvae.window.levels import FLOOR_DB, Level
from rtvae.window.meter_view import BOTTOM_DB
from rtvae.window.text import MINUS, signed

_HEAD, _FOOT = 0.13, 0.11
_MARKS_DB = (-6.0, -12.0, -24.0, -48.0)


class BigMeter(QWidget):
    """The bar is the peak, its bright core the mean power, the line the held peak."""

    cleared = pyqtSignal()

    def __init__(self, name: str, mark: str, colour: QColor) -> None:
        """`name` stands above the bar, and `mark` in its place once it has clipped."""
        super().__init__()
        self._name = name
        self._mark = mark
        self._colour = colour
        self._shown: tuple[object, ...] = ()
        self._peak_db = self._rms_db = self._hold_db = FLOOR_DB
        self._clips = self._has_clipped = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setAccessibleName(f"Level {name.lower()}")
        self.setToolTip(f"Level {name.lower()}: the bar is the peak; a click takes the mark away.")

    def sizeHint(self) -> QSize:
        return QSize(110, 300)

    def follow(self, level: Level) -> None:
        """Show the level of this frame."""
        values = (level.peak_db, level.rms_db, level.hold_db)
        shown = (*(round(value, 1) for value in values), level.clipped, level.has_clipped)
        if shown != self._shown:
            self._shown = shown
            self._peak_db, self._rms_db, self._hold_db = values
            self._clips, self._has_clipped = level.clipped, level.has_clipped
            self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        self.cleared.emit()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        width, height = self.width(), self.height()
        head = QRectF(0, 0, width, height * _HEAD)
        foot = QRectF(0, height * (1 - _FOOT), width, height * _FOOT)
        bar = QRectF(width * 0.1, head.bottom(), width * 0.8, foot.top() - head.bottom())
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.GROUND)
            painter.fillRect(bar, theme.PANEL)
            below = bar.bottom()
            for level_db, colour in (
                (self._rms_db, self._colour),
                (
                    max(self._peak_db, self._rms_db),
                    theme.mixed(self._colour, theme.PANEL, 0.45),
                ),
            ):
                top = self._y(bar, level_db)
                painter.fillRect(QRectF(bar.x(), top, bar.width(), below - top), colour)
                below = top
            painter.setPen(QPen(theme.GROUND, 2))
            for mark_db in _MARKS_DB:
                y = self._y(bar, mark_db)
                painter.drawLine(round(bar.left()), round(y), round(bar.right()), round(y))
            if self._hold_db > BOTTOM_DB:
                y = self._y(bar, self._hold_db)
                painter.fillRect(QRectF(bar.x(), y - 3, bar.width(), 6), theme.TEXT)
            self._paint_head(painter, head)
            number = signed(self._hold_db, 0) if self._hold_db > FLOOR_DB else f"{MINUS}∞"
            painter.setPen(theme.TEXT)
            _write(painter, foot, number)

    def _paint_head(self, painter: QPainter, head: QRectF) -> None:
        bad = theme.TONES["bad"]
        if self._clips:
            painter.fillRect(head.adjusted(2, 2, -2, -4), bad)
        elif self._has_clipped:
            painter.setPen(QPen(bad, 4))
            painter.drawRect(head.adjusted(4, 4, -4, -6))
        word = self._mark if self._has_clipped else self._name
        painter.setPen(theme.ON_LIT if self._clips else bad if self._has_clipped else self._colour)
        _write(painter, head.adjusted(4, 2, -4, -4), word)

    def _y(self, bar: QRectF, level_db: float) -> float:
        share = min(max((level_db - BOTTOM_DB) / -BOTTOM_DB, 0.0), 1.0)
        return bar.bottom() - share * bar.height()


def _write(painter: QPainter, box: QRectF, text: str) -> None:
    """Write a word as large as its box allows."""
    size_px = max(1, int(box.height() * 0.72))
    painter.setFont(theme.font(size_px, bold=True))
    wide = painter.fontMetrics().horizontalAdvance(text)
    if wide > box.width() * 0.96:
        painter.setFont(theme.font(max(1, int(size_px * box.width() * 0.96 / wide)), bold=True))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
