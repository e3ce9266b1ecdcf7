"""A picture that scrolls for the price of its newest strip.

The image is a ring: new columns overwrite the oldest, and painting lays its two parts side by
side. Redrawing 16 curves of 512 points costs 3-7 ms a frame; this costs the blit.
"""

from PyQt6.QtCore import QRectF, QSize
from PyQt6.QtGui import QColor, QImage, QPainter


class ScrollImage:
    """An opaque ring image of a size in device pixels."""

    def __init__(self, size: QSize, ground: QColor) -> None:
        self.image = QImage(size.expandedTo(QSize(1, 1)), QImage.Format.Format_RGB32)
        self.image.fill(ground)
        self.width = self.image.width()
        self.height = self.image.height()
        self._ground = ground
        self._head = 0

    def advance(self, width_px: int) -> list[int]:
        """Make room for a strip of new columns at the right edge, cleared.

        Returns the offsets at which to draw it so that x = 0 is the strip's left edge: two where
        it wraps around the image's seam (whatever lies outside is cut off by the image).
        """
        left = self._head
        self._head = (left + width_px) % self.width
        offsets = [left, left - self.width] if left + width_px > self.width else [left]
        with QPainter(self.image) as painter:
            for offset in offsets:
                painter.fillRect(offset, 0, width_px, self.height, self._ground)
        return offsets

    def paint(self, painter: QPainter, target: QRectF) -> None:
        """Draw the whole, oldest column at the left, newest at the right edge of `target`."""
        ratio = target.width() / self.width
        split = self._head
        older = QRectF(target.x(), target.y(), (self.width - split) * ratio, target.height())
        newer = QRectF(older.right(), target.y(), split * ratio, target.height())
        painter.drawImage(older, self.image, QRectF(split, 0, self.width - split, self.height))
        if split:
            painter.drawImage(newer, self.image, QRectF(0, 0, split, self.height))
