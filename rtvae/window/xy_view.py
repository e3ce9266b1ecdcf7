"""Two latents against each other: where the sound is just now, with the trail of where it was."""

import itertools

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from rtvae.spec import LatentSpec
from rtvae.window import theme
from rtvae.window.choice import Choice
from rtvae.window.picture import Picture
from rtvae.window.polyline import draw, polygon
from rtvae.window.target_words import latent_title
from rtvae.window.view import View

TRAIL_S = 1.5
# The two that a hand and an ear know best come first, as long as the model has them.
WANTED = ("brightness", "pitch", "loudness")
_FADES = 6
_MARGIN_PX = 8.0


def first_pair(latents: tuple[LatentSpec, ...]) -> tuple[int, int]:
    """Return which latents (from 0) to begin with: attributes by WANTED, then the first ones."""
    words = [latent.attribute or latent.name for latent in latents]
    known = [words.index(word) for word in WANTED if word in words]
    others = [k for k in range(len(latents)) if k not in known]
    pair = (known[:2] + others)[:2]
    return (pair[0], pair[1]) if len(pair) == 2 else (0, 0)


class XYView(View):
    """The picture and, above it, the choice of the two latents."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(78)
        self.across = Choice("Latent across", "Which latent goes from left to right.", 3)
        self.up = Choice("Latent upward", "Which latent goes from bottom to top.", 3)
        self.trail = Trail()
        row = QHBoxLayout()
        row.setSpacing(4)
        for sign, choice in (("→", self.across), ("↑", self.up)):
            choice.setObjectName("small")
            choice.activated.connect(self._choose)
            row.addWidget(QLabel(sign))
            row.addWidget(choice, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.trail, 1)
        self._latents: tuple[LatentSpec, ...] = ()

    def set_latents(self, latents: tuple[LatentSpec, ...]) -> None:
        """Offer the latents of another model."""
        if latents == self._latents:
            return
        self._latents = latents
        titles = [latent_title(k + 1, latents) for k in range(len(latents))]
        for choice, place in zip((self.across, self.up), first_pair(latents), strict=True):
            choice.offer(titles)
            choice.setCurrentIndex(place if titles else -1)
        self._choose()

    def follow(self, picture: Picture) -> None:
        """Draw the newest places."""
        self.trail.follow(picture)

    def _choose(self) -> None:
        pair = (self.across.currentIndex(), self.up.currentIndex())
        if min(pair) < 0:
            self.trail.set_pair((0, 0), ())
        else:
            self.trail.set_pair(pair, (self._latents[pair[0]], self._latents[pair[1]]))


class Trail(QWidget):
    """The picture itself: a fading trail as played, a dot as played and one as encoded."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Two latents against each other")
        self.setToolTip(
            f"Where the two latents are: the trail of the last {TRAIL_S:g} s and the orange dot "
            "as played, the blue dot as encoded. The cross is their middle."
        )
        self._pair = (0, 0)
        self._specs: tuple[LatentSpec, ...] = ()
        self._count = -1
        self.places: NDArray[np.float32] = np.zeros((0, 2), np.float32)
        self.encoded: NDArray[np.float32] = np.full(2, np.nan, np.float32)

    def sizeHint(self) -> QSize:
        return QSize(300, 180)

    def set_pair(self, pair: tuple[int, int], specs: tuple[LatentSpec, ...]) -> None:
        """Show these two latents (from 0), or, without specs, none."""
        self._pair, self._specs, self._count = pair, specs, -1
        self.places = self.places[:0]
        self.update()

    def follow(self, picture: Picture) -> None:
        """Take the newest columns, if there are any."""
        played = picture.latents.played
        if not self._specs or max(self._pair) >= picture.facts.latents:
            return
        if played.count == self._count:
            return
        self._count = played.count
        columns = round(TRAIL_S * picture.facts.sample_rate_hz / picture.scale.frames_per_column)
        self.places = played.newest(max(columns, 2))[:, list(self._pair)]
        self.encoded = picture.latents.encoded.newest(1)[-1:, list(self._pair)].reshape(-1)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.SUNKEN)
            stage = QRectF(self.rect()).adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
            painter.setPen(theme.LINE)
            middle = stage.center()
            painter.drawLine(QPointF(stage.left(), middle.y()), QPointF(stage.right(), middle.y()))
            painter.drawLine(QPointF(middle.x(), stage.top()), QPointF(middle.x(), stage.bottom()))
            if not len(self.places) or not self._specs:
                return
            points = self._points(self.places, stage)
            self._paint_trail(painter, points)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_dot(painter, self._points(self.encoded[None], stage)[0], theme.INPUT, 4.0)
            self._paint_dot(painter, points[-1], theme.OUTPUT, 6.0)

    def _points(self, places: NDArray[np.float32], stage: QRectF) -> NDArray[np.float64]:
        """Return where places lie on the widget, float64 `(places, 2)`; NaN stays NaN."""
        low = np.array([spec.low for spec in self._specs])
        high = np.array([spec.high for spec in self._specs])
        share = np.clip((places - low) / (high - low), 0.0, 1.0)
        x = stage.left() + share[:, 0] * stage.width()
        y = stage.bottom() - share[:, 1] * stage.height()
        return np.stack((x, y), 1)

    def _paint_trail(self, painter: QPainter, points: NDArray[np.float64]) -> None:
        edges = np.linspace(0, len(points) - 1, _FADES + 1).astype(int)
        for k, (first, last) in enumerate(itertools.pairwise(edges)):
            piece = points[first : last + 1]
            piece = piece[np.isfinite(piece).all(1)]
            if len(piece) < 2:
                continue
            fading = theme.mixed(theme.OUTPUT, theme.SUNKEN, (k + 1) / _FADES)
            draw(painter, polygon(piece[:, 0], piece[:, 1]), fading)

    def _paint_dot(
        self, painter: QPainter, point: NDArray[np.float64], colour: QColor, radius: float
    ) -> None:
        if np.isfinite(point).all():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(*point.tolist()), radius, radius)
