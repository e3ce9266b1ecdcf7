"""One line of text, as large as its place allows: what is read from two metres."""

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from rtvae.window import theme

# Long names give way by so much before they are cut: a small word is read, a cut one guessed.
# A sentence is told elsewhere too; here its beginning has to be read.
LEAST_SHARE = 0.55
SENTENCE_SHARE = 0.85
_LINE = 1.3


class BigText(QWidget):
    """Draws its text itself, so that nothing in it can be taken for mark-up."""

    def __init__(
        self,
        name: str,
        colour: QColor = theme.TEXT,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        bold: bool = True,
        least_share: float = LEAST_SHARE,
    ) -> None:
        super().__init__()
        self.text = ""
        self.colour = colour
        self._name = name
        self._align = align
        self._bold = bold
        self._least_share = least_share
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setAccessibleName(name)

    def say(self, text: str, colour: QColor | None = None) -> None:
        """Show a text, cleaned by the caller."""
        colour = colour or self.colour
        if (text, colour) != (self.text, self.colour):
            self.text, self.colour = text, colour
            self.setAccessibleName(f"{self._name}: {text}")
            self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def letters_px(self) -> int:
        """Return the height of the letters, in logical pixels, that the text is drawn with."""
        largest = max(1, int(self.height() / _LINE))
        width = self._width_at(largest)
        if width <= self.width() or not width:
            return largest
        return max(int(largest * self.width() / width), int(largest * self._least_share), 1)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.setFont(theme.font(self.letters_px(), self._bold))
            painter.setPen(self.colour)
            shown = painter.fontMetrics().elidedText(
                self.text, Qt.TextElideMode.ElideRight, self.width()
            )
            painter.drawText(
                QRectF(self.rect()), self._align | Qt.AlignmentFlag.AlignVCenter, shown
            )

    def _width_at(self, size_px: int) -> int:
        return QFontMetrics(theme.font(size_px, self._bold)).horizontalAdvance(self.text)
