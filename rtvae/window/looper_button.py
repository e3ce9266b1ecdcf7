"""The looper's pedal on the screen: its state, and a ring that goes round with the loop."""

import math

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen

from rtvae.control.parameters import LOOPER_STATES
from rtvae.window import theme
from rtvae.window.plate import Plate
from rtvae.window.text import tip

_WORDS = {"off": "LOOP", "record": "REC", "play": "PLAY", "overdub": "OVER"}
_NEXT = {
    "off": "Press to record a gesture",
    "record": "Press to end the recording and repeat it",
    "play": "Press to stop",
    "overdub": "Press to repeat without recording on",
}
RING_PX = 7


class LooperButton(Plate):
    """One press records, the next plays, the next stops."""

    def __init__(self) -> None:
        super().__init__("LOOP", "Looper", "")
        self._shown: tuple[object, ...] = ()
        self._state = LOOPER_STATES[0]
        self._share = math.nan
        self._length_s = 0.0
        self.setFixedSize(self.sizeHint())
        self.show_now(0, math.nan, 0.0)

    def sizeHint(self) -> QSize:
        return QSize(108, 108)

    def show_now(self, state: int, share: float, length_s: float) -> None:
        """Show a state of LOOPER_STATES, how far the loop has come (NaN: none), and its length."""
        state = min(max(state, 0), len(LOOPER_STATES) - 1)
        turn = -1 if math.isnan(share) else round(share * 120)
        shown = (state, turn, round(length_s, 1))
        if shown == self._shown:
            return
        self._shown = shown
        self._state, self._share, self._length_s = LOOPER_STATES[state], share, length_s
        self.say(_WORDS[self._state])
        hint = f"{_NEXT[self._state]}. L: learn MIDI."
        if self.toolTip() != tip(hint):
            self.explain(f"Looper: {self._state}", hint)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        recording = self._state in ("record", "overdub")
        colour = theme.RECORD if recording else theme.OUTPUT
        box = QRectF(self.rect()).adjusted(RING_PX, RING_PX, -RING_PX, -RING_PX)
        flat = Qt.PenCapStyle.FlatCap
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.FOCUS if self.hasFocus() else theme.TRACK, RING_PX))
            painter.drawEllipse(box)
            if not math.isnan(self._share) and self._state != "off":
                painter.setPen(QPen(colour, RING_PX, cap=flat))
                painter.drawArc(box, 90 * 16, -round(self._share * 360 * 16))
            painter.setPen(colour if self._state != "off" else theme.TEXT)
            painter.setFont(theme.font(theme.LARGE_PX, bold=True))
            centre = Qt.AlignmentFlag.AlignCenter
            painter.drawText(box.adjusted(0, -8, 0, -8), centre, self.text())
            if self._length_s > 0.0:
                painter.setPen(theme.DIM)
                painter.setFont(theme.font(theme.SMALL_PX))
                painter.drawText(box.adjusted(0, 24, 0, 24), centre, f"{self._length_s:.1f} s")
