"""Two level meters side by side, input and output, with held peaks and clip marks."""

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QSizePolicy

from rtvae.window import theme
from rtvae.window.levels import FLOOR_DB, Level
from rtvae.window.picture import Picture
from rtvae.window.text import MINUS, signed
from rtvae.window.view import View

BOTTOM_DB = -60.0
_MARKS_DB = (0, -6, -12, -24, -36, -48, -60)
_HEAD_PX = 62
_SCALE_PX = 24
_SPACE_PX = 14
_CHANNELS = (("IN", "CLIP", theme.INPUT), ("OUT", "LIMIT", theme.OUTPUT))
_CLEARS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)

_Shown = tuple[float, float, float, bool, bool]


class MeterView(View):
    """The bar is the peak, its bright core the mean power, the line the held peak.

    A clip mark is lit for a while, and stays as an outline until it is clicked: then `cleared`.
    """

    cleared = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Levels of input and output")
        self.setToolTip(
            "Peak level in dB below full scale, with the highest peak held. CLIP: the input "
            "was too loud. LIMIT: the limiter had to hold the output back. The marks stay until "
            "they are clicked (or Space)."
        )
        self._scale: QPixmap | None = None
        self._scale_of: tuple[object, ...] = ()
        self._shown: tuple[_Shown, ...] = ((FLOOR_DB,) * 3 + (False,) * 2,) * 2

    def sizeHint(self) -> QSize:
        return QSize(142, 260)

    def follow(self, picture: Picture) -> None:
        """Show the levels of this frame."""
        shown = tuple(_rounded(level) for level in (picture.input_level, picture.output_level))
        if shown != self._shown:
            self._shown = shown
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._current_scale())
            bar_px = self._bar_px()
            for k, (channel, values) in enumerate(zip(_CHANNELS, self._shown, strict=True)):
                self._paint_channel(
                    painter, 2 + k * (bar_px + _SCALE_PX + 4), bar_px, channel, values
                )
            if self.hasFocus():
                painter.setPen(QPen(theme.FOCUS, 1))
                painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.cleared.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.key() in _CLEARS:
            self.cleared.emit()
        else:
            super().keyPressEvent(event)

    def _paint_channel(
        self,
        painter: QPainter,
        x: float,
        width: float,
        channel: tuple[str, str, QColor],
        values: _Shown,
    ) -> None:
        name, mark, colour = channel
        peak_db, rms_db, hold_db, clips, has_clipped = values
        centre = Qt.AlignmentFlag.AlignCenter
        painter.setFont(theme.font(theme.BODY_PX, bold=True))
        head = QRectF(x + 1, 4, width - 2, 20)
        painter.setPen(QPen(theme.TONES["bad"], 2))
        if clips:
            painter.fillRect(head, theme.TONES["bad"])
        elif has_clipped:
            painter.drawRect(head)
        painter.setPen(theme.ON_LIT if clips else theme.TONES["bad"] if has_clipped else colour)
        painter.drawText(head, centre, mark if has_clipped else name)
        painter.setPen(theme.TEXT)
        painter.setFont(theme.font(theme.LARGE_PX, bold=True))
        number = signed(hold_db, 1) if hold_db > FLOOR_DB else f"{MINUS}∞"
        painter.drawText(QRectF(x - 6, 28, width + 12, 24), centre, number)
        bar = QRectF(x + 8, _HEAD_PX, width - 16, self.height() - _HEAD_PX - 10)
        painter.fillRect(bar, theme.SUNKEN)
        below = bar.bottom()
        thin = theme.mixed(colour, theme.SUNKEN, 0.45)
        for level_db, shade in ((rms_db, colour), (max(peak_db, rms_db), thin)):
            top = self._y(level_db)
            painter.fillRect(QRectF(bar.x(), top, bar.width(), below - top), shade)
            below = top
        if hold_db > BOTTOM_DB:
            painter.fillRect(QRectF(bar.x(), self._y(hold_db) - 1, bar.width(), 3), theme.TEXT)

    def _bar_px(self) -> float:
        return (self.width() - _SCALE_PX - 8) / 2

    def _current_scale(self) -> QPixmap:
        """The ground with the scale on it, painted once per change."""
        ratio = self.devicePixelRatioF()
        looks = (self.size(), ratio, theme.serial)
        if self._scale is None or looks != self._scale_of:
            self._scale = QPixmap(self.size() * ratio)
            self._scale.setDevicePixelRatio(ratio)
            self._scale.fill(theme.PANEL)
            self._scale_of = looks
            with QPainter(self._scale) as painter:
                self._paint_scale(painter, self._bar_px() + 2)
        return self._scale

    def _paint_scale(self, painter: QPainter, x: float) -> None:
        painter.setFont(theme.font(theme.SMALL_PX))
        above = -float(_SPACE_PX)
        for mark_db in _MARKS_DB:
            y = self._y(mark_db)
            if y - above < _SPACE_PX:
                continue
            above = y
            painter.setPen(theme.DIM)
            box = QRectF(x, y - 8, _SCALE_PX, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(abs(mark_db)))
            painter.setPen(theme.TRACK)
            for edge in (box.left() - 5, box.right()):
                painter.drawLine(QPointF(edge, y), QPointF(edge + 5, y))

    def _y(self, level_db: float) -> float:
        share = min(max((level_db - BOTTOM_DB) / -BOTTOM_DB, 0.0), 1.0)
        height = self.height() - _HEAD_PX - 10
        return _HEAD_PX + height * (1.0 - share)


def _rounded(level: Level) -> _Shown:
    peak_db, rms_db, hold_db = (round(v, 1) for v in (level.peak_db, level.rms_db, level.hold_db))
    return peak_db, rms_db, hold_db, level.clipped, level.has_clipped
