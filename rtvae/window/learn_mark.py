"""The mark on a control that a controller moves: a small square, blinking while it learns."""

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from rtvae.window import theme

SIZE_PX = 9


class LearnMark(QWidget):
    """Lies over the upper right corner of its control and lets every hand through."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(SIZE_PX, SIZE_PX)
        self.learning = False
        self.lit = True
        self.place()
        self.show()

    def place(self) -> None:
        """Go back to the corner after the control changed its size."""
        over = self.parentWidget()
        if over is not None:
            self.move(over.width() - SIZE_PX - 2, 2)

    def show_learning(self, learning: bool, lit: bool) -> None:
        """Say whether it waits for the controller, and whether it is lit just now."""
        if (learning, lit) != (self.learning, self.lit):
            self.learning, self.lit = learning, lit
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.setPen(theme.GROUND)
            painter.setBrush(theme.TONES["warn"] if self.learning else theme.TONES["good"])
            if self.lit or not self.learning:
                painter.drawRect(QRectF(0.5, 0.5, SIZE_PX - 1, SIZE_PX - 1))
