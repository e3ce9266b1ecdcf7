"""The lower half: the latents' strips, and the pages that take their place, chosen by tabs.

On a tall window the strips stay while a page is open; otherwise one of them is shown.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rtvae.window import wire
from rtvae.window.hands import Hands
from rtvae.window.latent_bank import LatentBank
from rtvae.window.loop_page import LoopPage
from rtvae.window.map_page import MapPage
from rtvae.window.midi_page import MidiPage
from rtvae.window.modulator_page import ModulatorPage
from rtvae.window.page import Page
from rtvae.window.picture import Picture
from rtvae.window.plate import Plate
from rtvae.window.snapshot_page import SnapshotPage

TALL_PX = 960
LATENTS = "latents"
WAITING = "Waiting for the model."


@dataclass(frozen=True)
class Tab:
    """One tab: its name, title and hint."""

    name: str
    title: str
    hint: str


TABS: tuple[tuple[Tab, Callable[[Hands], Page] | None], ...] = (
    (Tab(LATENTS, "Latents", "The latents' strips"), None),
    (Tab("modulators", "Modulators", "What moves the latents by itself"), ModulatorPage),
    (Tab("snapshots", "Snapshots", "Sixteen snapshots, the morph and the XY pad"), SnapshotPage),
    (Tab("map", "Map", "The map of what the model learned from"), MapPage),
    (Tab("loop", "Loop", "Noise, feedback, generation, looper, leash and tempo"), LoopPage),
    (Tab("midi", "MIDI", "Inputs, and what each control moves"), MidiPage),
)


class Panels(QWidget):
    """Shows one page at a time; `row` is the row of tabs, with room at its end.

    `chosen` tells which page the player opened.
    """

    chosen = pyqtSignal(str)

    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self.bank = LatentBank(hands)
        self.current = LATENTS
        self.pages = {tab.name: make(hands) for tab, make in TABS if make is not None}
        self.tabs: dict[str, Plate] = {}
        self._tall = False
        self.row = QHBoxLayout()
        self.row.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self.row)
        layout.addWidget(self.bank)
        for k, (tab, _) in enumerate(TABS, 1):
            plate = Plate(tab.title, f"Page: {tab.title}", f"{tab.hint} (Ctrl+{k})", checkable=True)
            plate.clicked.connect(lambda on, name=tab.name: self.open_page(name))
            self.tabs[tab.name] = plate
            self.row.addWidget(plate)
            shortcut = QShortcut(QKeySequence(f"Ctrl+{k}"), self)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(plate.click)
            page = self.pages.get(tab.name)
            if page is not None:
                layout.addWidget(page)
        self.row.addStretch(1)
        self.show_page(LATENTS)

    def open_page(self, name: str) -> None:
        """Show a page by the player's hand; the one that is open gives way to the strips."""
        self.show_page(LATENTS if name == self.current else name)
        self.tabs[self.current].setFocus()
        self.chosen.emit(self.current)

    def show_page(self, name: str) -> None:
        """Show a page by its name; the strips for a name of none."""
        self.current = name if name in self.pages else LATENTS
        for tab, plate in self.tabs.items():
            plate.setChecked(tab == self.current)
        # What goes has to go first: for a moment with both the window would be too small, and grow.
        for tab, page in self.pages.items():
            if tab != self.current:
                page.hide()
        self._show_bank()
        if self.current in self.pages:
            self.pages[self.current].show()

    def hear(self, info: wire.HostInfo, latents: int) -> None:
        """Take in what the host says; `latents` is how many the model has."""
        for page in self.pages.values():
            page.hear(info, latents)
            if page.reason and info.model is None and not latents:
                page.excuse(WAITING)
        self._show_bank()

    def set_tall(self, tall: bool) -> None:
        """Say whether there is room for strips and a page at once."""
        self._tall = tall
        self._show_bank()

    def follow(self, picture: Picture) -> None:
        """Show this frame on what can be seen."""
        if not self.bank.isHidden():
            self.bank.follow(picture, *picture.newest_latents())
        page = self.pages.get(self.current)
        if page is not None:
            page.follow(picture)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        window = self.window()
        if window is not None:
            self.set_tall(window.height() >= TALL_PX)
        super().resizeEvent(event)

    def _show_bank(self) -> None:
        open_ = self.current == LATENTS or self._tall
        self.bank.setVisible(open_ and bool(self.bank.strips))
