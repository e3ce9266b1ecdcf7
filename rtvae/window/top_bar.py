"""The line on top: which model plays through what, how the engine is, and the three big numbers."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from rtvae.window import theme
from rtvae.window.choice import Choice
from rtvae.window.elided import ElidedLabel
from rtvae.window.picture import Picture
from rtvae.window.readings import Reading
from rtvae.window.text import tip
from rtvae.window.tile import Tile
from rtvae.window.wire import HostInfo

ALONE = "alone"


class TopBar(QWidget):
    """Emits the names of the models that the player picks; shows those that play.

    `row` is the line below the models, where more may be put.
    """

    picked = pyqtSignal(str)
    picked_beside = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self.models = Choice("Model", "Choose the model that plays.", 4)
        self.models.textActivated.connect(self._pick)
        self.beside = Choice("Second model", "Choose a second model to blend with the first.", 2)
        self.beside.activated.connect(self._pick_beside)
        self.setup = ElidedLabel(theme.SMALL_PX, colour=theme.DIM)
        self.setup.say("waiting for the host")
        self.engine = Tile("Engine", 190)
        self.latency = Tile("Latency", 256)
        self.load = Tile("Load", 168)
        self.dropouts = Tile("Dropouts", 168)
        self._playing = self._beside = ""
        choice = QFrame()
        choice.setObjectName("panel")
        rows = QVBoxLayout(choice)
        rows.setContentsMargins(10, 8, 10, 6)
        rows.setSpacing(4)
        pair = QHBoxLayout()
        pair.setSpacing(4)
        pair.addWidget(self.models, 3)
        pair.addWidget(self.beside, 2)
        self.row = QHBoxLayout()
        self.row.addWidget(self.setup, 2)
        rows.addLayout(pair)
        rows.addLayout(self.row)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP_PX)
        layout.addWidget(choice, 1)
        for tile in (self.engine, self.latency, self.load, self.dropouts):
            layout.addWidget(tile)

    def set_info(self, info: HostInfo) -> None:
        """Show the host's list of models, and the devices, preset and MIDI port in use."""
        self._playing = info.model.name if info.model is not None else ""
        self._beside = info.beside
        names = list(info.models)
        for playing in (self._beside, self._playing):
            if playing and playing not in names:
                names.insert(0, playing)
        self.models.offer(names)
        self.beside.offer([ALONE, *names] if names else [])
        self.show_playing()
        title = info.model.title if info.model is not None else ""
        self.models.setToolTip(tip(f"{title or 'Choose the model that plays.'}"))
        preset = f"preset {info.preset}" if info.preset and info.show is None else ""
        parts = (info.device, preset, info.midi)
        self.setup.say(" · ".join(part for part in parts if part))

    def show_playing(self) -> None:
        """Let the choices say again what plays, whatever was picked meanwhile."""
        self.models.show_name(self._playing)
        self.beside.show_name(self._beside or ALONE)

    def follow(self, picture: Picture) -> None:
        """Show the state and the numbers of this frame."""
        now = picture.condition
        self.engine.show_reading(
            Reading(
                now.word,
                _engine_detail(picture),
                f"The engine: {now.sentence or now.word}.",
                now.tone,
            )
        )
        self.latency.show_reading(picture.latency)
        self.load.show_reading(picture.load)
        self.dropouts.show_reading(picture.dropouts)

    def _pick(self, name: str) -> None:
        if name != self._playing:
            self.picked.emit(name)

    def _pick_beside(self, place: int) -> None:
        wanted = self.beside.itemText(place) if place else ""
        if wanted != self._beside:
            self.picked_beside.emit(wanted)


def _engine_detail(picture: Picture) -> str:
    facts = picture.facts
    if picture.condition.tone == "bad":
        return picture.condition.sentence
    block = f"{facts.block_size} frames" if facts.block_size else "any block size"
    return f"{facts.sample_rate_hz / 1000:g} kHz · {block}"
