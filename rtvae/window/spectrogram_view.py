"""A scrolling spectrogram of the input or the output, with the same clock as the latents."""

from typing import Literal

import numpy as np
from PyQt6.QtCore import QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy

from rtvae.window import theme
from rtvae.window.picture import Picture
from rtvae.window.scroll_image import ScrollImage
from rtvae.window.shades import LEVELS, shades
from rtvae.window.trajectories import SPECTROGRAM_BANDS, Columns
from rtvae.window.trajectory_view import GUTTER_PX
from rtvae.window.view import View

_MARKS_HZ = ((100.0, "100"), (1000.0, "1 k"), (10_000.0, "10 k"))


class SpectrogramView(View):
    """Paints new columns into a ring image."""

    def __init__(self, channel: Literal["input", "output"] = "output") -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(44)
        self.setAccessibleName(f"Spectrogram of the {channel}")
        self.setToolTip(f"Spectrogram of the {channel}: low sounds at the bottom, loud stands out.")
        self._channel = channel
        self._shades = shades()
        self._picture: Picture | None = None
        self._ring: ScrollImage | None = None
        self._drawn_of = (-1, -1)
        self._drawn = 0
        self._columns: Columns | None = None

    def sizeHint(self) -> QSize:
        return QSize(880, 130)

    def follow(self, picture: Picture) -> None:
        """Draw what is new."""
        self._picture = picture
        drawn_of = (picture.stream_serial, theme.serial)
        if drawn_of != self._drawn_of:
            self._drawn_of, self._ring, self._shades = drawn_of, None, shades(theme.look)
        step = max(1, round(picture.scale.column_px * self.devicePixelRatioF()))
        columns = picture.spectrograms[self._channel].columns
        if columns is not self._columns:
            self._columns, self._ring = columns, None
        if self._ring is None or (columns.count - self._drawn) * step > self._ring.width:
            size = (self._stage().size() * self.devicePixelRatioF()).toSize()
            self._ring = ScrollImage(size, theme.SUNKEN)
            self._drawn = columns.count - min(columns.count, size.width() // step + 1)
            self.update()
        fresh = columns.newest(columns.count - self._drawn)
        self._drawn = columns.count
        if not len(fresh):
            return
        band = np.linspace(SPECTROGRAM_BANDS - 1, 0, self._ring.height).astype(np.int64)
        pixels = self._shades[(fresh[:, band].T * (LEVELS - 1)).astype(np.uint8)]
        pixels = np.repeat(pixels, step, axis=1)
        strip = QImage(
            pixels.tobytes(), pixels.shape[1], pixels.shape[0], QImage.Format.Format_RGB32
        )
        offsets = self._ring.advance(strip.width())
        with QPainter(self._ring.image) as painter:
            for offset in offsets:
                painter.drawImage(offset, 0, strip)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            gutter = self.rect() if self._ring is None else QRect(0, 0, GUTTER_PX, self.height())
            painter.fillRect(gutter, theme.SUNKEN)
            if self._ring is not None:
                self._ring.paint(painter, self._stage())
            self._paint_marks(painter)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._ring = None

    def _stage(self) -> QRectF:
        return QRectF(GUTTER_PX, 0, max(self.width() - GUTTER_PX, 1), self.height())

    def _paint_marks(self, painter: QPainter) -> None:
        if self._picture is None:
            return
        painter.setFont(theme.font(theme.SMALL_PX))
        painter.setPen(theme.DIM)
        painter.drawText(QRectF(8, 0, 70, 20), Qt.AlignmentFlag.AlignVCenter, self._channel)
        octaves = np.log2(self._picture.centres_hz[[0, -1]])
        for hertz, name in _MARKS_HZ:
            share = (np.log2(hertz) - octaves[0]) / (octaves[1] - octaves[0])
            if 0.0 < share < 1.0:
                y = self.height() * (1.0 - share)
                box = QRectF(0, y - 8, GUTTER_PX - 8, 16)
                flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(box, flags, name)
                painter.drawLine(GUTTER_PX - 5, round(y), GUTTER_PX, round(y))
