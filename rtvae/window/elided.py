"""A label for foreign text: plain letters, one line, an ellipsis where it is too long."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from rtvae.window import theme
from rtvae.window.text import tip


class ElidedLabel(QWidget):
    """Draws its text itself, so that nothing in it can be taken for mark-up."""

    def __init__(
        self,
        size_px: int = theme.BODY_PX,
        bold: bool = False,
        colour: QColor = theme.TEXT,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        super().__init__()
        self.text = ""
        self._colour = colour
        self._align = align
        self._explanation = ""
        self.setFont(theme.font(size_px, bold))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, text: str, colour: QColor | None = None, explanation: str = "") -> None:
        """Show a text, cleaned by the caller; the tooltip holds it whole, or an explanation."""
        colour = colour or self._colour
        if (text, colour, explanation) == (self.text, self._colour, self._explanation):
            return
        self.text, self._colour, self._explanation = text, colour, explanation
        self.setToolTip(tip(explanation or text) if text else "")
        self.setAccessibleName(f"{text}. {explanation}" if explanation else text)
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text) + 4, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height() + 2)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.setPen(self._colour)
            shown = self.fontMetrics().elidedText(
                self.text, Qt.TextElideMode.ElideRight, self.width()
            )
            painter.drawText(self.rect(), self._align | Qt.AlignmentFlag.AlignVCenter, shown)
