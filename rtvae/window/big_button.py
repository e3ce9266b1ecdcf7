"""A button for a finger on a dark stage: its word as large as it allows, lit while it is on."""

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QSizePolicy

from rtvae.window import theme
from rtvae.window.text import tip

_LETTERS = 0.42
_ROOM = 0.86


class BigButton(QAbstractButton):
    """`on` fills it with its colour; the word says the same, for eyes that see no colours."""

    def __init__(
        self, text: str, name: str, hint: str, colour: QColor, lit: QColor | None = None
    ) -> None:
        """`lit` is what fills it while it is on, `colour` unless told."""
        super().__init__()
        self.on = False
        self._colour = colour
        self._lit = lit or colour
        self.setText(text)
        self.setAccessibleName(name)
        self.setToolTip(tip(hint))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setMinimumSize(44, 44)

    def show_state(self, text: str, on: bool) -> None:
        """Show another word, lit or not."""
        if (text, on) != (self.text(), self.on):
            self.on = on
            self.setText(text)
            self.setAccessibleDescription(text)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 90)

    def letters_px(self) -> int:
        """Return the height of the letters, in logical pixels."""
        largest = max(1, int(self.height() * _LETTERS))
        metrics = QFontMetrics(theme.font(largest, bold=True))
        wide = metrics.horizontalAdvance(self.text()) / (self.width() * _ROOM)
        return max(1, int(largest / max(wide, 1.0)))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        lit = self.on or self.isDown()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.FOCUS if self.hasFocus() else self._colour, 3))
            painter.setBrush(self._lit if lit else theme.PANEL)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 10, 10)
            painter.setFont(theme.font(self.letters_px(), bold=True))
            on_lit = theme.ON_RECORD if self._lit is theme.RECORD else theme.ON_LIT
            painter.setPen(on_lit if lit else self._colour)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
