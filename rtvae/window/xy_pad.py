"""The XY pad: four snapshots in its corners, and a place between them."""

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent

from rtvae.window import theme
from rtvae.window.parts import CORNERS
from rtvae.window.place_pad import PlacePad
from rtvae.window.text import tip

# Where each corner lies: left or right, top or bottom.
SIDES = (
    Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop,
    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop,
    Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom,
    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom,
)
CORNER_NAMES = ("top left", "top right", "bottom left", "bottom right")


class XYPad(PlacePad):
    """Says in its middle what is missing, for as long as something is."""

    def __init__(self) -> None:
        super().__init__("Pad between four snapshots")
        self.corners: tuple[int, ...] = CORNERS
        self.reason = ""
        self.setMinimumSize(150, 120)
        self.setToolTip(
            tip(
                "Drag to move between the four snapshots in the corners; arrow keys move in steps, "
                "with control in small ones."
            )
        )

    def sizeHint(self) -> QSize:
        return QSize(260, 200)

    def show_corners(self, corners: tuple[int, ...], reason: str) -> None:
        """Show which snapshots lie in the corners, and what keeps the pad from working."""
        if (corners, reason) != (self.corners, self.reason):
            self.corners, self.reason = corners, reason
            self.setEnabled(not reason)
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.SUNKEN)
            painter.setPen(theme.LINE)
            stage = self.stage()
            painter.drawRect(stage)
            for share in (0.25, 0.5, 0.75):
                x, y = stage.x() + share * stage.width(), stage.y() + share * stage.height()
                painter.drawLine(round(x), round(stage.top()), round(x), round(stage.bottom()))
                painter.drawLine(round(stage.left()), round(y), round(stage.right()), round(y))
            painter.setFont(theme.font(theme.LARGE_PX, bold=True))
            painter.setPen(theme.DIM)
            for corner, side in zip(self.corners, SIDES, strict=True):
                painter.drawText(stage.adjusted(6, 3, -6, -3), side, str(corner))
            if self.reason:
                painter.setPen(theme.TEXT)
                painter.setFont(theme.font(theme.BODY_PX))
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(QRectF(stage).adjusted(30, 0, -30, 0), flags, self.reason)
            else:
                self.paint_place(painter)
