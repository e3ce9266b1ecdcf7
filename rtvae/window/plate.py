"""A flat button that paints itself: the switches, tabs, pads and small buttons of the panels.

A style sheet would cost every repaint of a hundred of them a search; this costs one rectangle.
"""

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QSizePolicy

from rtvae.window import theme
from rtvae.window.text import tip

_PAD_PX = 10


class Plate(QAbstractButton):
    """`text` on a plate that is filled with `lit` while it is checked; Enter presses it too."""

    def __init__(
        self,
        text: str,
        name: str,
        hint: str,
        *,
        checkable: bool = False,
        size_px: int = theme.BODY_PX,
        lit: QColor = theme.INPUT,
    ) -> None:
        super().__init__()
        self.lit = lit
        self.edge: QColor | None = None
        self._size_px = size_px
        self.setText(text)
        self.setCheckable(checkable)
        self.explain(name, hint)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def explain(self, name: str, hint: str) -> None:
        """Say what it is called and what it does."""
        self.setAccessibleName(name)
        if self.toolTip() != tip(hint):
            self.setToolTip(tip(hint))

    def say(self, text: str) -> None:
        """Show another text."""
        if text != self.text():
            self.setText(text)

    def sizeHint(self) -> QSize:
        metrics = self._metrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 2 * _PAD_PX, metrics.height() + 8)

    def minimumSizeHint(self) -> QSize:
        return QSize(14, self._metrics().height() + 4)

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(theme.font(self._size_px, bold=True))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        on = self.isChecked() or self.isDown()
        lively = self.underMouse() and self.isEnabled()
        edge = self.edge or (theme.DIM if lively else theme.TRACK)
        if self.hasFocus():
            edge = theme.FOCUS
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(edge, 2 if self.hasFocus() or self.edge is not None else 1.2))
            painter.setBrush(self.lit if on and self.isEnabled() else theme.PANEL)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
            painter.setFont(theme.font(self._size_px, bold=True))
            painter.setPen(
                theme.TRACK if not self.isEnabled() else theme.ON_LIT if on else theme.TEXT
            )
            shown = painter.fontMetrics().elidedText(
                self.text(), Qt.TextElideMode.ElideRight, self.width() - 4
            )
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, shown)
