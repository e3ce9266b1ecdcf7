"""The page of the map: steer the latents to a place among the sounds that the model learned."""

from PyQt6.QtWidgets import QVBoxLayout

from rtvae.window import wire
from rtvae.window.hands import Hands
from rtvae.window.map_view import MapView
from rtvae.window.page import Page

NO_MAP = "This model came without a map of its training set; an export by this version makes one."
NO_PART = "This session cannot steer by a map."


class MapPage(Page):
    """Emits nothing by itself: the hands ask for the place."""

    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self.view = MapView()
        self.view.moved.connect(lambda x, y: hands.ask("map", x=x, y=y))
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)

    def hear(self, info: wire.HostInfo, latents: int) -> None:
        drawn = info.model.map if info.model is not None else None
        self.excuse(NO_MAP if drawn is None else NO_PART if info.snapshots is None else "")
        self.view.show_map(drawn)
        if info.snapshots is not None:
            self.view.show_place(info.snapshots.map)
