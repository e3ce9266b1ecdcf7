"""The latents that matter most, as thick bars: a model's first ones, for they are in that order."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from rtvae.spec import LatentSpec
from rtvae.window import theme

MOST = 8
_NAME_SHARE = 0.34
_LETTERS = 0.52


class BigLatents(QWidget):
    """A bar for each from where it rests: orange as played, with a blue tick as encoded."""

    def __init__(self) -> None:
        super().__init__()
        self.latents: tuple[LatentSpec, ...] = ()
        self._encoded: NDArray[np.int64] = np.zeros(0, np.int64)
        self._played = self._encoded
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setAccessibleName("The most important latents")
        self.setToolTip(
            f"The model's first {MOST} latents: the bar as played, the tick as it came in."
        )

    def sizeHint(self) -> QSize:
        return QSize(600, 300)

    def set_latents(self, latents: tuple[LatentSpec, ...]) -> None:
        """Show the latents of another model."""
        self.latents = latents[:MOST]
        self.update()

    def follow(self, encoded: NDArray[np.float32], played: NDArray[np.float32]) -> None:
        """Show the latents of this frame, `(latents,)` each; NaN shows none."""
        seen = self._places(encoded), self._places(played)
        if not (np.array_equal(seen[0], self._encoded) and np.array_equal(seen[1], self._played)):
            self._encoded, self._played = seen
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.GROUND)
            lane_px = self.height() / max(len(self.latents), 1)
            painter.setFont(theme.font(max(1, int(min(lane_px, 96) * _LETTERS))))
            for k, latent in enumerate(self.latents):
                self._paint_lane(painter, k, latent, QRectF(0, k * lane_px, self.width(), lane_px))

    def _paint_lane(self, painter: QPainter, k: int, latent: LatentSpec, lane: QRectF) -> None:
        painter.setPen(theme.TEXT)
        box = QRectF(lane.x(), lane.y(), self._left() - 12, lane.height())
        title = painter.fontMetrics().elidedText(
            latent.name, Qt.TextElideMode.ElideRight, int(box.width())
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, title)
        bar = QRectF(self._left(), lane.y() + lane.height() * 0.14, self._wide(), lane.height())
        bar.setHeight(lane.height() * 0.72)
        painter.fillRect(bar, theme.PANEL)
        rest = self._left() + self._wide() * -latent.low / (latent.high - latent.low)
        if k < self._played.size and self._played[k] >= 0:
            here = self._left() + float(self._played[k])
            left, right = min(rest, here), max(rest, here)
            painter.fillRect(
                QRectF(left, bar.y(), max(right - left, 4), bar.height()), theme.OUTPUT
            )
        if k < self._encoded.size and self._encoded[k] >= 0:
            tick = QRectF(self._left() + float(self._encoded[k]) - 3, bar.y(), 6, bar.height())
            painter.fillRect(tick, theme.INPUT)
        painter.fillRect(QRectF(rest - 1, bar.y(), 2, bar.height()), theme.DIM)

    def _left(self) -> float:
        return self.width() * _NAME_SHARE

    def _wide(self) -> float:
        return self.width() * (1 - _NAME_SHARE) - 8

    def _places(self, values: NDArray[np.float32]) -> NDArray[np.int64]:
        """Where values lie, in whole pixels from the bars' left edge; -1 where there is none."""
        shown = len(self.latents[: len(values)])
        low = np.array([latent.low for latent in self.latents[:shown]])
        high = np.array([latent.high for latent in self.latents[:shown]])
        share = np.clip((values[:shown] - low) / (high - low), 0.0, 1.0)
        return np.where(np.isfinite(share), np.nan_to_num(share) * self._wide(), -1.0).astype(int)
