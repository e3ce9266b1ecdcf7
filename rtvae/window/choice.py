"""A choice of names: a combo box with an arrow that can be seen on any ground."""

from PyQt6.QtCore import QPointF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QComboBox

from rtvae.window import theme


class Choice(QComboBox):
    """Offers names, and shows one of them or none."""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.TEXT if self.isEnabled() else theme.TRACK, 2.5))
            x, y = self.width() - 20.0, self.height() / 2
            painter.drawPolyline(QPointF(x - 6, y - 3), QPointF(x, y + 3), QPointF(x + 6, y - 3))

    def __init__(self, name: str, hint: str, least_letters: int) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(hint)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(least_letters)
        self.setMaxVisibleItems(20)
        self.setIconSize(QSize(0, 0))
        self.setEnabled(False)

    def offer(self, names: list[str]) -> None:
        """Offer these names, if they are others than before."""
        if names != [self.itemText(k) for k in range(self.count())]:
            self.clear()
            self.addItems(names)
        self.setEnabled(bool(names))

    def show_name(self, name: str) -> None:
        """Say which name it is, or nothing if it is none of them."""
        self.setCurrentIndex(self.findText(name, Qt.MatchFlag.MatchExactly))
