"""One of the eight modulators at a glance: number, kind, and a bar that moves as it moves."""

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen

from rtvae.control.parameters import MODULATOR_KINDS
from rtvae.window import theme
from rtvae.window.plate import Plate

BAR_PX = 6
# The whole name is in the hint.
_SHORT = {"random walk": "walk", "sample and hold": "hold"}


class ModulatorTile(Plate):
    """Checked while it is the one that is edited."""

    def __init__(self, number: int) -> None:
        super().__init__(str(number), f"Modulator {number}", "", checkable=True)
        self.number = number
        self._kind = 0
        self._output = 0.0
        self.setMinimumSize(104, 40)

    def sizeHint(self) -> QSize:
        return QSize(118, 46)

    def show_now(self, kind: int, output: float) -> None:
        """Show the kind, as its place in MODULATOR_KINDS, and the output from -1 to 1."""
        kind = min(max(kind, 0), len(MODULATOR_KINDS) - 1)
        # Whole pixels: what has not moved visibly is not painted again.
        output = round(output * 50) / 50 if kind else 0.0
        if kind != self._kind or not self.toolTip():
            said = f"Modulator {self.number}: {MODULATOR_KINDS[kind]}"
            self.explain(said, f"{said}. Press to edit it (Alt+Shift+{self.number}).")
        if (kind, output) != (self._kind, self._output):
            self._kind, self._output = kind, output
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colour = theme.MODULATORS[self.number - 1]
        on = self._kind > 0
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            edge = theme.FOCUS if self.hasFocus() else theme.TEXT if self.isChecked() else None
            painter.setPen(QPen(edge or theme.TRACK, 2 if edge is not None else 1.2))
            painter.setBrush(theme.SUNKEN if self.isChecked() else theme.PANEL)
            painter.drawRoundedRect(box, 5, 5)
            painter.setFont(theme.font(theme.LARGE_PX, bold=True))
            painter.setPen(colour if on else theme.DIM)
            middle = Qt.AlignmentFlag.AlignVCenter
            text = box.adjusted(8, 0, -4, -BAR_PX - 2)
            painter.drawText(text, middle, str(self.number))
            painter.setFont(theme.font(theme.SMALL_PX, bold=on))
            painter.setPen(theme.TEXT if on else theme.DIM)
            kind = MODULATOR_KINDS[self._kind]
            painter.drawText(text.adjusted(18, 0, 0, 0), middle, _SHORT.get(kind, kind))
            track = QRectF(8, self.height() - BAR_PX - 5, self.width() - 16, BAR_PX)
            painter.fillRect(track, theme.TRACK if on else theme.LINE)
            if on:
                centre = track.center().x()
                tip_x = centre + self._output * track.width() / 2
                left = min(centre, tip_x) - 1
                bar = QRectF(left, track.y(), abs(tip_x - centre) + 2, BAR_PX)
                painter.fillRect(bar, colour)
