"""The show in one line: the preset that plays, its neighbours in the set list, undo and redo."""

from collections.abc import Callable

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from rtvae.window import theme
from rtvae.window.ask import Ask
from rtvae.window.hands import Hands
from rtvae.window.parts import Show
from rtvae.window.plate import Plate

UNSAVED = "•"
NO_SET_LIST = "none: presets by name"
_SHORTCUTS = (
    ("Ctrl+Z", "undo"),
    ("Ctrl+Shift+Z", "redo"),
    ("Alt+Left", "preset.previous"),
    ("Alt+Right", "preset.next"),
)


class ShowBar(QWidget):
    """Hidden for as long as the host keeps no presets."""

    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self._hands = hands
        self._show: Show | None = None
        self.buttons = {
            "preset.previous": _small("◀", "Previous preset"),
            "preset.next": _small("▶", "Next preset"),
            "undo": _small("↶", "Undo"),
            "redo": _small("↷", "Redo"),
        }
        self.name = _small("no preset", "Preset")
        self.name.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.name.setMinimumWidth(84)
        self.name.clicked.connect(self._open)
        for name, button in self.buttons.items():
            button.clicked.connect(lambda on, name=name: hands.ask(name))
            hands.take(button, name)
        hands.take(self.name, "preset.save")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        for button in (
            self.buttons["preset.previous"], self.name, self.buttons["preset.next"],
            self.buttons["undo"], self.buttons["redo"],
        ):  # fmt: skip
            layout.addWidget(button, 1 if button is self.name else 0)
        for keys, name in _SHORTCUTS:
            self._shortcut(keys, self.buttons[name].click)
        self._shortcut("Ctrl+S", self._save)
        self._shortcut("Ctrl+Shift+S", self.save_as)
        self._shortcut("Ctrl+P", self._open)
        self.show_show(None)

    def show_show(self, show: Show | None) -> None:
        """Show what the host says of presets, set list and what can be undone."""
        self.setVisible(show is not None)
        if show is None or show == self._show:
            self._show = show
            return
        self._show = show
        place = f"{show.place + 1} " if show.place is not None else ""
        named = show.preset or "no preset"
        self.name.say(f"{place}{named}{' ' + UNSAVED if show.dirty else ''} ▾")
        unsaved = ", not saved" if show.dirty else ""
        of = f", number {place}of the set list {show.set_list}" if place else ""
        self.name.explain(
            f"Preset: {named}{unsaved}",
            f"The preset {named}{of}{unsaved}. Press to choose or save one (Ctrl+P; Ctrl+S saves).",
        )
        of = f" of the set list {show.set_list}" if show.set_list else ""
        for name, which, keys in (
            ("preset.previous", "previous", "Alt+Left"),
            ("preset.next", "next", "Alt+Right"),
        ):
            said = f"The {which} preset{of}"
            following = f": {show.following}" if name == "preset.next" and show.following else ""
            self.buttons[name].explain(said, f"{said}{following} ({keys}).")
        for name, text, keys in (
            ("undo", show.undo, "Ctrl+Z"),
            ("redo", show.redo, "Ctrl+Shift+Z"),
        ):
            button, title = self.buttons[name], name.capitalize()
            button.setEnabled(bool(text))
            said = f"{title}: {text}" if text else f"There is nothing to {name}"
            button.explain(said, f"{said} ({keys}).")

    def menu(self) -> QMenu:
        """Return the menu of presets and set lists."""
        show = self._show or Show()
        menu = QMenu(self)
        for preset in show.presets:
            self._line(menu, preset, preset == show.preset, "preset.load", name=preset)
        menu.addSeparator()
        save = menu.addAction("Save\tCtrl+S")
        other = menu.addAction("Save as…\tCtrl+Shift+S")
        if save is not None and other is not None:
            save.triggered.connect(lambda: self._save())
            other.triggered.connect(lambda: self.save_as())
        lists = menu.addMenu("Set list")
        if lists is not None:
            self._line(lists, NO_SET_LIST, not show.set_list, "set_list.load", name="")
            for name in show.set_lists:
                self._line(lists, name, name == show.set_list, "set_list.load", name=name)
        return menu

    def save_as(self) -> None:
        """Ask for the name of a preset, and have it saved."""

        def save(name: str) -> bool:
            if name:
                self._hands.ask("preset.save", name=name)
            return bool(name)

        if self._show is not None:
            Ask(self.name, "Save the preset as:", self._show.preset, save, below=True)

    def _save(self) -> None:
        if self._show is None:
            return
        if self._show.preset:
            self._hands.ask("preset.save")
        else:
            self.save_as()

    def _open(self) -> None:
        if self._show is not None:
            menu = self.menu()
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.name.mapToGlobal(QPoint(0, self.name.height())))

    def _line(self, menu: QMenu, text: str, on: bool, do: str, **arguments: str) -> None:
        # In a menu an ampersand is the mark of a key.
        line = menu.addAction(text.replace("&", "&&"))
        if line is not None:
            line.setCheckable(True)
            line.setChecked(on)
            line.triggered.connect(lambda: self._hands.ask(do, **arguments))

    def _shortcut(self, keys: str, act: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(lambda: act())


def _small(text: str, name: str) -> Plate:
    plate = Plate(text, name, name, size_px=theme.SMALL_PX)
    plate.setMinimumWidth(26)
    return plate
