"""The MIDI hub with ports and a clock that do as the test says, stepped by hand."""

from pathlib import Path
from typing import Any

import numpy as np

from rtvae.control.controller_maps import ControllerMap, parse_controller_map
from rtvae.control.routes import Route
from rtvae.host.console import Console
from rtvae.host.midi_hub import MidiHub
from rtvae.host.notes import Note
from rtvae.host.part import Backstage
from rtvae.host.settings import Settings
from rtvae.link.control_block import ControlWriter
from rtvae.link.layout import CONTROL, TELEMETRY
from rtvae.link.telemetry import TelemetryReader
from tests.support.midi_ports import FakePorts

ROUTES = (
    Route("latent.1.offset", -3.0, 3.0, number=16),
    Route("latent.2.offset", -3.0, 3.0, number=17, channel=2),
)
KONTROL = "nanoKONTROL2"
KEYS = "MPK mini 3"
MAPS = [
    parse_controller_map(text, "map")
    for text in (
        """format = 1
name = "nano"
ports = ["nanoKONTROL"]
[[midi]]
number = 7
target = "mix"
feedback = true
[[midi]]
number = 8
target = "blend"
""",
        """format = 1
name = "any"
ports = [""]
[[midi]]
number = 7
target = "variation"
""",
    )
]


class Rig:
    """A hub whose threads do not run: the test looks and steps."""

    def __init__(
        self,
        *plugged: str,
        wanted: tuple[str, ...] | None = None,
        routes: tuple[Route, ...] = ROUTES,
        maps: list[ControllerMap] | None = None,
    ) -> None:
        self.now_s = 0.0
        self.ports = FakePorts(*plugged)
        self.notes: list[Note] = []
        self.heard: list[list[int]] = []
        self.block = np.zeros((), CONTROL)
        self.console = Console(Settings(ControlWriter(self.block)))
        telemetry = TelemetryReader(np.zeros((), TELEMETRY))
        self.stage = Backstage(
            self.console,
            self.notes.append,
            lambda name, beside: None,
            dict,
            telemetry,
            Path(),
        )
        self.hub = MidiHub(
            self.stage,
            lambda: self.ports,
            wanted,
            routes,
            maps or [],
            self.heard.append,
            clock=lambda: self.now_s,
        )
        self.look()

    def look(self) -> None:
        """Let the second pass after which ports are looked at."""
        self.hub._keeper.look()
        self.hub._keeper._ready.set()
        self.step()

    def step(self, seconds: float = 0.001) -> None:
        self.now_s += seconds
        self.hub._desk.step(self.now_s)
        self.hub.step(self.now_s)

    def play(self, name: str, *packets: list[int]) -> dict[str, float]:
        """Send packets from a controller; return the values that are not at rest."""
        before = self.console.values()
        self.ports.port(name).send(*packets)
        self.step()
        return {k: v for k, v in self.console.values().items() if v != before[k]}

    def ask(self, do: str, **arguments: Any) -> None:
        self.hub.deeds()[do](arguments)
        self.step()

    @property
    def info(self) -> dict[str, Any]:
        return self.hub.info()["midi"]

    @property
    def said(self) -> list[str]:
        return [note.sentence for note in self.notes]
