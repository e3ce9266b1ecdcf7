"""The latents as they scroll by: one lane for each, blue as encoded, orange as played."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy

from rtvae.spec import LatentSpec
from rtvae.window import theme
from rtvae.window.picture import Picture
from rtvae.window.scroll_image import ScrollImage
from rtvae.window.view import View

GUTTER_PX = 104
# Latents spend their time in the middle third of their range: a lane gives it most of its room.
EMPHASIS = 1.8


class TrajectoryView(View):
    """Draws only the columns that are new; everything again after a resize or another page."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(44)
        self.setAccessibleName("Latent trajectories")
        self.setToolTip("Each lane is one latent: blue as encoded, orange as played.")
        self.notice = ""
        self._lanes: tuple[LatentSpec, ...] = ()
        self._first = 0
        self._reason = ""
        self._lit = -1
        self._picture: Picture | None = None
        self._ring: ScrollImage | None = None
        self._drawn_of: tuple[int, ...] = ()
        self._drawn = 0
        self._gutter: QPixmap | None = None
        self._gutter_of: tuple[object, ...] = ()

    def sizeHint(self) -> QSize:
        return QSize(880, 330)

    def set_lanes(self, lanes: tuple[LatentSpec, ...], first: int, reason: str) -> None:
        """Show these latents, the first being number `first` (from 0), or why there are none."""
        if (lanes, first, reason) == (self._lanes, self._first, self._reason):
            return
        self._lanes, self._first, self._reason, self._ring = lanes, first, reason, None
        self.update()

    def light(self, latent: int) -> None:
        """Light the lane of a latent (from 0); -1 lights none."""
        if latent != self._lit:
            self._lit = latent
            self.update()

    def follow(self, picture: Picture) -> None:
        """Draw what is new; what is wrong with the engine is laid over everything."""
        self._picture = picture
        now = picture.condition
        notice = now.sentence if now.tone == "bad" else ""
        drawn_of = (picture.stream_serial, picture.facts.latents, theme.serial)
        if drawn_of != self._drawn_of:
            self._drawn_of, self._ring = drawn_of, None
        fresh = picture.latents.played.count - self._drawn
        if self._ring is None or fresh * self._step() > self._ring.width:
            self._start_over(picture)
            fresh = picture.latents.played.count - self._drawn
        if fresh > 0:
            self._draw(picture, fresh)
        if fresh > 0 or notice != self.notice:
            self.notice = notice
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            if self._ring is not None:
                self._ring.paint(painter, self._stage())
            else:
                painter.fillRect(self.rect(), theme.SUNKEN)
            self._paint_seconds(painter)
            painter.drawPixmap(0, 0, self._names())
            self._paint_lit(painter)
            if not self._lanes:
                painter.setPen(theme.TEXT)
                painter.setFont(theme.font(theme.LARGE_PX))
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._reason)
            if self.notice:
                painter.fillRect(self.rect(), theme.VEIL)
                painter.setPen(theme.TONES["bad"])
                painter.setFont(theme.font(theme.NUMBER_PX, bold=True))
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(self.rect().adjusted(20, 0, -20, 0), flags, self.notice)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._ring = None

    def _stage(self) -> QRectF:
        return QRectF(GUTTER_PX, 0, max(self.width() - GUTTER_PX, 1), self.height())

    def _start_over(self, picture: Picture) -> None:
        ratio = self.devicePixelRatioF()
        size = (self._stage().size() * ratio).toSize()
        self._ring = ScrollImage(size, theme.SUNKEN)
        kept = min(picture.latents.played.count, max(size.width() // self._step() - 1, 0))
        self._drawn = picture.latents.played.count - kept
        self.update()

    def _step(self) -> int:
        column_px = self._picture.scale.column_px if self._picture is not None else 1
        return max(1, round(column_px * self.devicePixelRatioF()))

    def _draw(self, picture: Picture, fresh: int) -> None:
        ring, step = self._ring, self._step()
        if ring is None:
            return
        self._drawn = picture.latents.played.count
        offsets = ring.advance(fresh * step)
        shown = slice(self._first, self._first + len(self._lanes))
        ratio = self.devicePixelRatioF()
        with QPainter(ring.image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for columns, colour, width in (
                (picture.latents.encoded, theme.ENCODED, 1.0),
                (picture.latents.played, theme.OUTPUT, 1.6),
            ):
                # One column more, so that the new strip begins where the old one ended.
                values = columns.newest(fresh + 1)[:, shown]
                lines = self._lines(values, ring.height, step, fresh)
                painter.setPen(QPen(colour, width * ratio))
                for offset in offsets:
                    painter.resetTransform()
                    painter.translate(offset, 0)
                    # The round ends of the lines must not wrap around the seam.
                    painter.setClipRect(-step, 0, (fresh + 1) * step, ring.height)
                    painter.drawLines(lines)

    def _lines(
        self, values: NDArray[np.float32], height: int, step: int, fresh: int
    ) -> list[QLineF]:
        """Line pieces between neighbouring columns, `(columns, lanes)`; none touches a NaN."""
        lanes = values.shape[1]
        if len(values) < 2 or lanes == 0:
            return []
        low = np.array([lane.low for lane in self._lanes[:lanes]])
        high = np.array([lane.high for lane in self._lanes[:lanes]])
        swing = (values - low) / (high - low) * 2.0 - 1.0
        swing = 0.5 * np.tanh(EMPHASIS * swing) / np.tanh(EMPHASIS)
        lane_px = height / lanes
        y = (np.arange(lanes) + 0.5 - swing) * lane_px
        x = (np.arange(len(values)) - (len(values) - 1) + fresh) * step
        whole = np.isfinite(y[:-1]) & np.isfinite(y[1:])
        return [
            QLineF(x[c], y[c, lane], x[c + 1], y[c + 1, lane])
            for c, lane in zip(*np.nonzero(whole), strict=True)
        ]

    def _paint_seconds(self, painter: QPainter) -> None:
        if self._picture is None:
            return
        stage = self._stage()
        x = stage.right() - self._picture.scale.pixels_per_s
        faint = theme.mixed(theme.TEXT, theme.SUNKEN, 0.09)
        while x > stage.left():
            # Whole pixels and an opaque colour: a line that is seen through costs 50 times as much.
            painter.fillRect(round(x), 0, 1, self.height(), faint)
            x -= self._picture.scale.pixels_per_s

    def _paint_lit(self, painter: QPainter) -> None:
        lane_px = self.height() / max(len(self._lanes), 1)
        if 0 <= self._lit - self._first < len(self._lanes):
            top = (self._lit - self._first) * lane_px
            painter.fillRect(QRectF(0, top, self.width(), lane_px), theme.SHADE)

    def _names(self) -> QPixmap:
        """The gutter with the lanes' names, painted once per change."""
        ratio = self.devicePixelRatioF()
        looks = (self._lanes, self._first, self._lit, self.height(), ratio, theme.serial)
        if self._gutter is None or looks != self._gutter_of:
            self._gutter = QPixmap(round(GUTTER_PX * ratio), round(self.height() * ratio))
            self._gutter.setDevicePixelRatio(ratio)
            self._gutter.fill(theme.SUNKEN)
            self._gutter_of = looks
            with QPainter(self._gutter) as painter:
                self._paint_names(painter)
        return self._gutter

    def _paint_names(self, painter: QPainter) -> None:
        lane_px = self.height() / max(len(self._lanes), 1)
        size_px = min(theme.BODY_PX, max(9, int(lane_px * 0.7)))
        for k, lane in enumerate(self._lanes):
            box = QRectF(8, k * lane_px, GUTTER_PX - 12, lane_px)
            lit = self._first + k == self._lit
            painter.setPen(theme.TEXT if lit else theme.DIM)
            painter.setFont(theme.font(size_px, bold=lit))
            number = str(self._first + k + 1)
            title = number if lane.name == number else f"{number} {lane.name}"
            shown = painter.fontMetrics().elidedText(
                title, Qt.TextElideMode.ElideRight, int(box.width())
            )
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)
