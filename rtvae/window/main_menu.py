"""The menu: what is needed rarely, each with its key beside it."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QToolButton

from rtvae.window import theme

# Name, title, key.
ENTRIES = (
    ("set_up", "Sound, model and MIDI …", "F2"),
    ("", "", ""),
    ("performance", "Performance mode", "F"),
    ("full_screen", "Full screen", "F11"),
    ("look", "Light look", "Ctrl+L"),
    ("", "", ""),
    ("close", "Close …", "Ctrl+Q"),
)
_OTHER_LOOK = {"dark": "Light look", "light": "Dark look"}


class MainMenu(QToolButton):
    """Emits the name of the entry that was chosen, by the mouse or by its key."""

    chosen = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setText("☰ Menu")
        self.setAccessibleName("Menu")
        self.setToolTip("Sound set-up, performance mode, look, closing")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.entries: dict[str, QAction] = {}
        menu = QMenu(self)
        for name, title, key in ENTRIES:
            if not name:
                menu.addSeparator()
                continue
            action = QAction(f"{title}\t{key}", menu)
            action.triggered.connect(lambda on, name=name: self.chosen.emit(name))
            menu.addAction(action)
            self.entries[name] = action
        self.setMenu(menu)

    def show_look(self) -> None:
        """Offer the look that is not worn."""
        key = next(key for name, _, key in ENTRIES if name == "look")
        self.entries["look"].setText(f"{_OTHER_LOOK[theme.look]}\t{key}")
