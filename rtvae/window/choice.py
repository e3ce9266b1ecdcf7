"""A choice of names: a combo box with an arrow that can be seen on any ground."""

from PyQt6.QtCore import QPointF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter

from rtvae.window import theme
from rtvae.window.text import tip

_ARROW_PX = 34
_EDGES_PX = 26


class Choice(QComboBox):
    """Offers names, and shows one of them or none.

    A name that is too long for the box ends in an ellipsis; the tooltip and the list have it whole.
    """

    def __init__(self, name: str, hint: str, least_letters: int) -> None:
        super().__init__()
        self._hint = hint
        self.setAccessibleName(name)
        self.setToolTip(hint)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(least_letters)
        self.setMaxVisibleItems(20)
        self.setIconSize(QSize(0, 0))
        self.setEnabled(False)
        self.currentTextChanged.connect(self._explain)

    @property
    def shown(self) -> str:
        """The name as it can be read in the box."""
        room = self.width() - _ARROW_PX - _EDGES_PX
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.shown
        with QStylePainter(self) as painter:
            painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
            painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.TEXT if self.isEnabled() else theme.TRACK, 2.5))
            x, y = self.width() - 20.0, self.height() / 2
            painter.drawPolyline(QPointF(x - 6, y - 3), QPointF(x, y + 3), QPointF(x + 6, y - 3))

    def showPopup(self) -> None:
        """Open the list, as wide as its longest name needs."""
        names, metrics = self.view(), self.fontMetrics()
        if names is not None:
            texts = [metrics.horizontalAdvance(self.itemText(k)) for k in range(self.count())]
            needed = max([0, *texts]) + 2 * _EDGES_PX
            most = (self.window() or self).width()
            names.setMinimumWidth(max(self.width(), min(needed, most)))
        super().showPopup()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._explain(self.currentText())

    def offer(self, names: list[str]) -> None:
        """Offer these names, if they are others than before."""
        if names != [self.itemText(k) for k in range(self.count())]:
            self.clear()
            self.addItems(names)
        self.setEnabled(bool(names))

    def show_name(self, name: str) -> None:
        """Say which name it is, or nothing if it is none of them."""
        self.setCurrentIndex(self.findText(name, Qt.MatchFlag.MatchExactly))

    def _explain(self, name: str) -> None:
        self.setToolTip(self._hint if self.shown == name else tip(f"{name}. {self._hint}"))
