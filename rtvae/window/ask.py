"""A small field that asks for one text, above or below the control that it is about."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from rtvae.window import theme

WIDTH_PX = 180


class _Field(QLineEdit):
    """Keeps Escape to itself: elsewhere in the window it is the panic key."""

    def event(self, event: QEvent | None) -> bool:
        if (
            event is not None
            and event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)


class Ask(QFrame):
    """Return gives the text to `answer`, which says whether it will do; Escape closes it."""

    def __init__(
        self,
        over: QWidget,
        question: str,
        text: str,
        answer: Callable[[str], bool],
        below: bool = False,
    ) -> None:
        super().__init__(over, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._answer = answer
        self.field = _Field(text)
        self.field.setAccessibleName(question)
        self.field.setMinimumWidth(WIDTH_PX)
        self.field.setFont(theme.font(theme.LARGE_PX))
        self.field.selectAll()
        self.field.returnPressed.connect(self._take)
        layout = QHBoxLayout(self)
        label = QLabel(question)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFont(theme.font(theme.BODY_PX, bold=True))
        layout.addWidget(label)
        layout.addWidget(self.field)
        self.adjustSize()
        self.move(over.mapToGlobal(QPoint(0, over.height() + 4 if below else -self.height() - 4)))
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.PANEL)
            painter.setPen(QPen(theme.DIM, 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def _take(self) -> None:
        if self._answer(self.field.text().strip()):
            self.close()
        else:
            self.field.selectAll()
