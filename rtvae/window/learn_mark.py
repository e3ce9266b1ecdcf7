"""The mark on a control that a controller moves: a square; a blinking frame while it learns."""

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from rtvae.window import theme

SIZE_PX = 9
FRAME_PX = 3
NARROW_PX = 34
LINE_PX = 3


class LearnMark(QWidget):
    """Lies over its control, or over its upper right corner, and lets every hand through."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.learning = False
        self.lit = True
        self.place()
        self.show()

    def place(self) -> None:
        """Find its place anew after the control changed its size."""
        over = self.parentWidget()
        if over is None:
            return
        if self.learning:
            self.setGeometry(over.rect())
        elif over.width() < NARROW_PX:
            # A square would hide the letter on a small switch.
            self.setGeometry(4, over.height() - LINE_PX - 2, over.width() - 8, LINE_PX)
        else:
            self.setGeometry(over.width() - SIZE_PX - 2, 2, SIZE_PX, SIZE_PX)

    def show_learning(self, learning: bool, lit: bool) -> None:
        """Say whether it waits for the controller, and whether it is lit just now."""
        if (learning, lit) != (self.learning, self.lit):
            self.learning, self.lit = learning, lit
            self.place()
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            if not self.learning:
                painter.fillRect(self.rect(), theme.TONES["good"])
            elif self.lit:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(theme.TONES["warn"], FRAME_PX))
                edge = FRAME_PX / 2
                frame = QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)
                painter.drawRoundedRect(frame, 4, 4)
