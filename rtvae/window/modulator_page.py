"""The page of the eight modulators: all of them at a glance, one of them under the hand."""

from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout

from rtvae.control.parameters import FIRST_MODULATOR, MODULATORS
from rtvae.window import theme, wire
from rtvae.window.hands import Hands
from rtvae.window.modulator_editor import ModulatorEditor
from rtvae.window.modulator_tile import ModulatorTile
from rtvae.window.page import Page
from rtvae.window.picture import Picture

NO_LATENTS = "This model has no latents, so there is nothing for modulators to move."


class ModulatorPage(Page):
    """Alt+Shift+1 to 8 choose the modulator that is edited."""

    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self.editor = ModulatorEditor(hands)
        self.tiles = [ModulatorTile(k + 1) for k in range(MODULATORS)]
        grid = QGridLayout()
        grid.setSpacing(4)
        for k, tile in enumerate(self.tiles):
            tile.clicked.connect(lambda on, number=tile.number: self.choose(number))
            hands.take(tile, f"mod.{tile.number}.depth")
            grid.addWidget(tile, k % 4, k // 4)
            shortcut = QShortcut(QKeySequence(f"Alt+Shift+{k + 1}"), self)
            shortcut.activated.connect(tile.click)
        layout = QHBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * theme.GAP_PX)
        layout.addLayout(grid)
        layout.addWidget(self.editor, 1)
        self.choose(1)

    def choose(self, number: int) -> None:
        """Edit the modulator of that number."""
        for tile in self.tiles:
            tile.setChecked(tile.number == number)
        if number != self.editor.number:
            self.editor.point(number)

    def hear(self, info: wire.HostInfo, latents: int) -> None:
        self.excuse("" if latents else NO_LATENTS)
        if info.model is not None:
            self.editor.set_latents(info.model.latents)
        else:
            self.editor.set_latents(wire.unknown_latents(latents))

    def follow(self, picture: Picture) -> None:
        motion = picture.motion
        for k, tile in enumerate(self.tiles):
            tile.show_now(round(picture.parameter(FIRST_MODULATOR + k)), float(motion.outputs[k]))
        self.editor.follow(picture)
