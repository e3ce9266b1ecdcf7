"""The page of the map: steer the latents to a place among the sounds that the model learned."""

from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout

from rtvae.control.parameters import index_of
from rtvae.window import theme, wire
from rtvae.window.hands import Hands
from rtvae.window.map_view import MapView
from rtvae.window.page import Page
from rtvae.window.parameter_knob import ParameterKnob
from rtvae.window.picture import Picture

NO_MAP = "This model has no map to steer by; rtvae survey MODEL FOLDER makes one of its recordings."
NO_PART = "This session cannot steer by a map."
_X, _Y = index_of("map_x"), index_of("map_y")


class MapPage(Page):
    """The host is asked for a place; where it is, the parameters say."""

    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self._placed = False
        self.view = MapView()
        self.view.moved.connect(lambda x, y: hands.ask("map", x=x, y=y))
        hands.take(
            self.view,
            "map_x",
            extra=(("Let MIDI move it up and down", lambda: hands.learn("map_y")),),
            long_touch=False,
        )
        self.knobs = [ParameterKnob(name, hands, "Map") for name in ("steer", "glide_ms")]
        column = QVBoxLayout()
        for knob in self.knobs:
            column.addWidget(knob)
        column.addStretch(1)
        layout = QHBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP_PX)
        layout.addWidget(self.view, 1)
        layout.addLayout(column)

    def hear(self, info: wire.HostInfo, latents: int) -> None:
        drawn = info.model.map if info.model is not None else None
        self.excuse(NO_MAP if drawn is None else NO_PART if info.snapshots is None else "")
        self.view.show_map(drawn)
        self._placed = info.snapshots is not None and info.snapshots.map is not None

    def follow(self, picture: Picture) -> None:
        for knob in self.knobs:
            knob.follow(picture)
        place = (picture.parameter(_X), picture.parameter(_Y)) if self._placed else None
        self.view.show_place(place)
