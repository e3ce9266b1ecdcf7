"""One big number with its caption above and its small print below."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QVBoxLayout

from rtvae.window import theme
from rtvae.window.elided import ElidedLabel
from rtvae.window.readings import Reading
from rtvae.window.text import tip


class Tile(QFrame):
    """Shows a Reading."""

    def __init__(self, caption: str, width_px: int) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setFixedWidth(width_px)
        self._caption = caption
        head = ElidedLabel(theme.SMALL_PX, bold=True, colour=theme.DIM)
        head.say(caption.upper())
        self.number = ElidedLabel(theme.NUMBER_PX, bold=True)
        self.detail = ElidedLabel(theme.SMALL_PX, colour=theme.DIM)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(0)
        for label in (head, self.number, self.detail):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(label)

    def show_reading(self, reading: Reading) -> None:
        """Show a number, its small print, tone and explanation."""
        self.number.say(reading.number, theme.TONES[reading.tone])
        self.detail.say(reading.detail)
        if self.toolTip() != (hint := tip(reading.explanation)):
            self.setToolTip(hint)
            self.setAccessibleName(f"{self._caption}: {reading.number}, {reading.detail}")
