"""The upper half: which views are shown, chosen by a row of buttons, and what always stays.

Scrolling views share the wide column, the others the narrow one above the meters and buttons. Only
views that are shown are drawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from rtvae.window import theme
from rtvae.window.picture import Picture
from rtvae.window.plate import Plate
from rtvae.window.view import View


@dataclass(frozen=True)
class Kind:
    """One view: its name, title and column, and its share of the column's height."""

    name: str
    title: str
    wide: bool
    share: int
    usual: bool


VIEWS = (
    Kind("latents", "Latents", True, 7, True),
    Kind("input", "Input", True, 3, False),
    Kind("output", "Output", True, 3, True),
    Kind("scope", "Scope", True, 3, False),
    Kind("spectra", "Spectra", False, 5, True),
    Kind("xy", "XY", False, 6, False),
)
_HINTS = {
    "latents": "The latents as they scroll by",
    "input": "The spectrogram of the input",
    "output": "The spectrogram of the output",
    "scope": "The oscilloscope: input and output as waves",
    "spectra": "The spectra of input and output",
    "xy": "Two latents against each other, with a trail",
}
USUAL = tuple(kind.name for kind in VIEWS if kind.usual)
_WIDE, _NARROW = 7, 3


class Desk(QWidget):
    """Shows some of the `views` (by name, as in VIEWS), and always `always`.

    `choices` are the buttons, to be put where there is room; `changed` tells that the player chose
    other views.
    """

    changed = pyqtSignal()

    def __init__(self, views: Mapping[str, View], always: QWidget) -> None:
        super().__init__()
        self.shown: tuple[str, ...] = ()
        self.buttons: dict[str, Plate] = {}
        self._views = views
        self._frames = {name: panel(view) for name, view in views.items()}
        self.choices = QWidget()
        row = QHBoxLayout(self.choices)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        caption = QLabel("Views")
        caption.setFont(theme.font(theme.SMALL_PX))
        row.addWidget(caption)
        wide, narrow = QVBoxLayout(), QVBoxLayout()
        self._left = QWidget()
        self._left.setLayout(wide)
        wide.setContentsMargins(0, 0, 0, 0)
        for k, kind in enumerate(VIEWS, 1):
            button = Plate(
                kind.title,
                f"View: {kind.title}",
                f"{_HINTS[kind.name]} (Alt+{k})",
                checkable=True,
                lit=theme.DIM,
            )
            button.clicked.connect(lambda on, name=kind.name: self._toggle(name))
            self.buttons[kind.name] = button
            row.addWidget(button)
            (wide if kind.wide else narrow).addWidget(self._frames[kind.name], kind.share)
            shortcut = QShortcut(QKeySequence(f"Alt+{k}"), self)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(button.click)
        narrow.addWidget(always, 7)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.addWidget(self._left, _WIDE)
        columns.addLayout(narrow, _NARROW)
        for box in (wide, narrow, columns):
            box.setSpacing(theme.GAP_PX)
        self.show_views(USUAL)

    def show_views(self, names: tuple[str, ...]) -> None:
        """Show the views of these names; names of none are passed over."""
        self.shown = tuple(kind.name for kind in VIEWS if kind.name in names)
        for kind in VIEWS:
            self.buttons[kind.name].setChecked(kind.name in self.shown)
            self._frames[kind.name].setVisible(kind.name in self.shown)
        self._left.setVisible(any(kind.wide for kind in VIEWS if kind.name in self.shown))

    def follow(self, picture: Picture) -> None:
        """Let the views that are shown follow this frame."""
        for name in self.shown:
            self._views[name].follow(picture)

    def _toggle(self, name: str) -> None:
        others = tuple(shown for shown in self.shown if shown != name)
        self.show_views(others if name in self.shown else (*self.shown, name))
        self.changed.emit()


def panel(view: QWidget) -> QFrame:
    """Put a view on a panel of its own."""
    frame = QFrame()
    frame.setObjectName("panel")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(6, 6, 6, 6)
    layout.addWidget(view)
    return frame
