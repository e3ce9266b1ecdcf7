"""The oscilloscope: input and output as waves, each held still where it rises through zero."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy

from rtvae.window import theme
from rtvae.window.picture import Picture
from rtvae.window.polyline import draw, polygon
from rtvae.window.scope import trigger
from rtvae.window.text import signed
from rtvae.window.trajectory_view import GUTTER_PX
from rtvae.window.view import View

SHOWN_S = 0.02
# Quiet sounds are drawn larger, in steps, so that their shape is seen; the step is named.
GAINS = (1, 2, 4, 8, 16, 32)
_FULL = 0.9
_MOST_POINTS = 960


class ScopeView(View):
    """Two waves over each other; each has its own trigger, because a model changes the phase."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(44)
        self.setAccessibleName("Oscilloscope of input and output")
        self.setToolTip(
            f"The last {SHOWN_S * 1000:.0f} ms as waves, from where they rise through zero: the "
            "input in blue, the output in orange. Quiet sounds are drawn larger."
        )
        self.waves: list[NDArray[np.float32]] = [np.zeros(0, np.float32)] * 2
        self.gain = GAINS[0]

    def sizeHint(self) -> QSize:
        return QSize(880, 130)

    def follow(self, picture: Picture) -> None:
        """Show the newest sound."""
        shown = round(SHOWN_S * picture.facts.sample_rate_hz)
        waves = []
        for sound in picture.sound:
            shown = min(shown, sound.size // 2)
            start = trigger(sound, shown)
            waves.append(sound[-shown:] if start is None else sound[start : start + shown])
        peak = max((float(np.max(np.abs(wave))) for wave in waves if wave.size), default=0.0)
        gain = max((gain for gain in GAINS if gain * peak <= _FULL), default=GAINS[0])
        still = all(map(np.array_equal, waves, self.waves))
        if not still or gain != self.gain:
            self.waves, self.gain = waves, gain
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        stage = QRectF(GUTTER_PX, 0, max(self.width() - GUTTER_PX, 1), self.height())
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.SUNKEN)
            painter.setPen(theme.LINE)
            middle = stage.center().y()
            painter.drawLine(QPointF(stage.left(), middle), QPointF(stage.right(), middle))
            self._paint_names(painter)
            for wave, colour in zip(self.waves, (theme.INPUT, theme.OUTPUT), strict=True):
                self._paint_wave(painter, stage, wave, colour)

    def _paint_wave(
        self, painter: QPainter, stage: QRectF, wave: NDArray[np.float32], colour: QColor
    ) -> None:
        if wave.size < 2:
            return
        step = max(1, -(-wave.size // _MOST_POINTS))
        levels = np.clip(wave[::step] * self.gain, -1.0, 1.0)
        x = stage.left() + np.arange(levels.size) * (stage.width() * step / (wave.size - 1))
        y = stage.center().y() - levels * (stage.height() / 2 - 2)
        draw(painter, polygon(x, y), colour, thick=False)

    def _paint_names(self, painter: QPainter) -> None:
        painter.setFont(theme.font(theme.SMALL_PX))
        painter.setPen(theme.DIM)
        box = QRectF(8, 0, GUTTER_PX - 12, 20)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, f"{SHOWN_S * 1000:.0f} ms")
        if self.gain > 1:
            box.translate(0, 18)
            gain_db = 20.0 * np.log10(self.gain)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, f"{signed(gain_db, 0)} dB")
