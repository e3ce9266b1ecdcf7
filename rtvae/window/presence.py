"""How the window presents itself: performance mode, full screen, look, first start, closing; and
what of that it remembers."""

from typing import Any

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QApplication, QStackedLayout, QWidget

from rtvae.window import theme, wire
from rtvae.window.closing import Closing
from rtvae.window.desk import Desk
from rtvae.window.main_menu import ENTRIES, MainMenu
from rtvae.window.memory import Memory
from rtvae.window.panels import Panels
from rtvae.window.performance_view import PerformanceView
from rtvae.window.picture import Picture
from rtvae.window.welcome import Welcome


class Presence(QObject):
    """Lays the performance view over `desk_page`, the rest of the window.

    `asked` and `edited` go to the host; `ended` says that closing ends the session, `away` that it
    does not; `remembered` brings fields of Memory that have changed.
    """

    asked = pyqtSignal(dict)
    edited = pyqtSignal(str, float)
    ended = pyqtSignal()
    away = pyqtSignal()
    remembered = pyqtSignal(dict)

    def __init__(
        self, window: QWidget, page: QWidget, desk: Desk, panels: Panels, menu: MainMenu
    ) -> None:
        super().__init__(window)
        self.stage = PerformanceView()
        self.performing = False
        self.welcome: Welcome | None = None
        self.closing: Closing | None = None
        self._window = window
        self._desk = desk
        self._panels = panels
        self._menu = menu
        self._info = wire.HostInfo()
        self._before = Qt.WindowState.WindowNoState
        self._may_close = False
        self._pages = QStackedLayout(window)
        self._pages.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(page)
        self._pages.addWidget(self.stage)
        self.stage.asked.connect(lambda name: self.asked.emit(wire.doing(name)))
        self.stage.mute.connect(lambda on: self.edited.emit("mute", 1.0 if on else 0.0))
        desk.changed.connect(lambda: self.remembered.emit({"views": desk.shown}))
        panels.chosen.connect(lambda tab: self.remembered.emit({"tab": tab}))
        menu.chosen.connect(self.do)
        for name, _, keys in ENTRIES:
            if name:
                shortcut = QShortcut(QKeySequence(keys), window)
                shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
                shortcut.setAutoRepeat(False)
                shortcut.activated.connect(lambda name=name: self.do(name))

    def restore(self, memory: Memory) -> None:
        """Be as the player left it, and ask what is asked once."""
        if memory.look in theme.LOOKS and memory.look != theme.look:
            self._wear(memory.look)
        if memory.views is not None:
            self._desk.show_views(memory.views)
        self._panels.show_page(memory.tab)
        self.perform(memory.performing)
        if not memory.welcomed:
            self.set_up()

    def do(self, name: str) -> None:
        """Carry out an entry of the menu."""
        if name == "set_up":
            self.set_up()
        elif name == "performance":
            self.perform(not self.performing)
            self.remembered.emit({"performing": self.performing})
        elif name == "full_screen":
            self._window.setWindowState(
                self._window.windowState() ^ Qt.WindowState.WindowFullScreen
            )
        elif name == "look":
            self._wear(theme.LOOKS[1 - theme.LOOKS.index(theme.look)])
            self.remembered.emit({"look": theme.look})
        elif name == "close":
            self._window.close()

    def perform(self, on: bool) -> None:
        """Show the performance view on the whole screen, or everything as it was."""
        if on == self.performing:
            return
        self.performing = on
        self._pages.setCurrentIndex(1 if on else 0)
        if on:
            self._before = self._window.windowState()
            self._window.setWindowState(self._before | Qt.WindowState.WindowFullScreen)
        else:
            self._window.setWindowState(self._before)

    def set_up(self) -> None:
        """Open the first start's dialog; it answers at once and stays until it is closed."""
        if self.welcome is not None:
            return
        self.welcome = Welcome(self._window)
        self.welcome.asked.connect(self.asked)
        self.welcome.edited.connect(self.edited)
        self.welcome.finished.connect(self._welcomed)
        self.welcome.hear(self._info)
        self.welcome.open()

    def hear(self, info: wire.HostInfo) -> None:
        """Take in what the host says."""
        self._info = info
        self.stage.hear(info)
        if self.welcome is not None:
            self.welcome.hear(info)

    def follow(self, picture: Picture) -> None:
        """Show this frame on what lies over the desk."""
        if self.performing:
            self.stage.follow(picture)
        if self.welcome is not None:
            self.welcome.follow(picture)

    def close(self, event: QCloseEvent, host_alive: bool) -> None:
        """Ask what closing means, unless that is clear."""
        if self._may_close:
            event.accept()
        elif not host_alive:
            event.accept()
            self.ended.emit()
        else:
            event.ignore()
            self._ask_closing()

    def _ask_closing(self) -> None:
        if self.closing is not None:
            return
        self.closing = Closing(self._window)
        self.closing.panic.connect(lambda: self.asked.emit(wire.PANIC))
        self.closing.away.connect(lambda: self._leave(self.away))
        self.closing.end.connect(lambda: self._leave(self.ended))
        self.closing.finished.connect(self._stay)
        self.closing.open()

    def _leave(self, signal: Any) -> None:
        self._may_close = True
        if self.closing is not None:
            self.closing.accept()
        signal.emit()
        self._window.close()

    def _stay(self) -> None:
        self.closing = None

    def _welcomed(self) -> None:
        if self.welcome is not None:
            self.welcome.deleteLater()
        self.welcome = None
        self.remembered.emit({"welcomed": True})

    def _wear(self, look: str) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.dress(app, look)
        self._menu.show_look()
