"""What closing means is asked, once, large: on a stage nothing may end by a slip of the hand."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from rtvae.window import theme

QUESTION = "The sound goes on until you end the session."
EXPLANATION = "A window that is closed alone comes back with the command: rtvae window"
ANSWERS = (
    ("away", "Close only the window", "The sound goes on; `rtvae window` opens it again"),
    ("end", "End the session", "The sound stops"),
    ("stay", "Stay (Esc)", "Nothing is closed"),
)


class Closing(QDialog):
    """Emits `away` (close only the window) or `end`; Escape stays. P is still panic."""

    away = pyqtSignal()
    end = pyqtSignal()
    panic = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Close rtvae")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("What is to be closed")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 24)
        layout.setSpacing(12)
        question = QLabel(QUESTION)
        question.setFont(theme.font(theme.LARGE_PX, bold=True))
        layout.addWidget(question)
        explanation = QLabel(EXPLANATION)
        explanation.setFont(theme.font(theme.BODY_PX))
        layout.addWidget(explanation)
        self.buttons: dict[str, QPushButton] = {}
        for name, title, hint in ANSWERS:
            button = QPushButton(title)
            button.setFont(theme.font(theme.LARGE_PX, bold=True))
            button.setMinimumHeight(56)
            button.setAccessibleName(title)
            button.setToolTip(hint)
            button.setAutoDefault(name == "stay")
            self.buttons[name] = button
            layout.addWidget(button)
        self.buttons["away"].clicked.connect(self.away)
        self.buttons["end"].clicked.connect(self.end)
        self.buttons["stay"].clicked.connect(self.reject)
        self.buttons["stay"].setFocus()
        stop = QShortcut(QKeySequence(Qt.Key.Key_P), self)
        stop.activated.connect(self.panic)
