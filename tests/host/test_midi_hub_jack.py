"""The MIDI hub on a real JACK server, its threads running: real controllers come, play and go."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rtvae import paths
from rtvae.host.console import Console
from rtvae.host.midi_hub import MidiHub
from rtvae.host.midi_maps import load_maps
from rtvae.host.notes import Note
from rtvae.host.part import Backstage
from rtvae.host.settings import Settings
from rtvae.io import midi_port
from rtvae.io.midi_port_watch import MidiPorts
from rtvae.link.control_block import ControlWriter
from rtvae.link.layout import CONTROL, TELEMETRY
from rtvae.link.telemetry import TelemetryReader
from tests.support.controller import controller, lights
from tests.support.jack import JackServer, found_by_all

PATIENCE_S = 20.0


class Stage:
    """A hub on its own, with the maps that come with rtvae."""

    def __init__(self, *wanted: str) -> None:
        self.console = Console(Settings(ControlWriter(np.zeros((), CONTROL))))
        self.notes: list[Note] = []
        telemetry = TelemetryReader(np.zeros((), TELEMETRY))
        backstage = Backstage(
            self.console, self.notes.append, lambda name, beside: None, dict, telemetry, Path()
        )
        maps, faults = load_maps(paths.presets_dir())
        assert faults == []
        self.hub = MidiHub(backstage, MidiPorts, wanted or None, maps=maps)
        self.hub.start()

    def until(self, what: str, happened: Callable[[], Any]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not happened():
            assert time.monotonic() < deadline, f"{what} did not happen: {self.hub.info()}"
            self.hub.step(time.monotonic())
            time.sleep(0.005)

    def value(self, name: str) -> float:
        return self.console.values()[name]

    def opened(self, *names: str) -> None:
        """Wait until inputs are open."""
        self.until(f"opening {names}", lambda: set(names) == set(self.info["open"]))

    @property
    def info(self) -> dict[str, Any]:
        return self.hub.info()["midi"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    monkeypatch.setattr(midi_port, "ALSA_SEQUENCER", midi_port.ALSA_SEQUENCER / "none")
    with found_by_all(monkeypatch) as running:
        yield running


@pytest.fixture
def stage(server: JackServer) -> Iterator[Stage]:
    built = Stage()
    yield built
    built.hub.close()
    assert server.ports("rtvae") == []


def test_two_controllers_play_at_once_and_one_goes_and_comes_back(stage: Stage) -> None:
    nano, keys = controller(), controller("MPKmini2")
    stage.opened("nanoKONTROL2:knobs", "MPKmini2:knobs")
    assert set(stage.info["maps"]) == {"Korg nanoKONTROL2", "Keyboard"}
    for value in range(128):
        nano.send_message([0xB0, 16, value])
        keys.send_message([0xB0, 77, 127 - value])
    stage.until("both knobs", lambda: stage.value("latent.1.offset") == 3.0)
    stage.until("both knobs", lambda: stage.value("latent.8.offset") == -3.0)
    nano.delete()
    stage.opened("MPKmini2:knobs")
    keys.send_message([0xB0, 77, 127])
    stage.until("the other one", lambda: stage.value("latent.8.offset") == 3.0)
    assert stage.value("latent.1.offset") == 3.0
    nano = controller()
    stage.opened("nanoKONTROL2:knobs", "MPKmini2:knobs")
    nano.send_message([0xB0, 16, 0])
    stage.until("the one that is back", lambda: stage.value("latent.1.offset") == -3.0)
    said = [note.sentence for note in stage.notes if "nano" in note.sentence]
    assert "is gone" in said[-2]
    assert "is back" in said[-1]
    nano.delete()
    keys.delete()


def test_a_knob_is_learned_and_plays(stage: Stage) -> None:
    keys = controller("MPKmini2")
    stage.opened("MPKmini2:knobs")
    stage.hub.deeds()["learn"]({"target": "feedback_ms"})
    for value in range(30, 60):
        keys.send_message([0xB2, 20, value])
    stage.until("learning", lambda: stage.info["learning"] is None)
    mapping = stage.info["mappings"][-1]
    assert (mapping["target"], mapping["number"], mapping["channel"]) == ("feedback_ms", 20, 3)
    keys.send_message([0xB2, 20, 127])
    stage.until("the knob", lambda: stage.value("feedback_ms") == 2000.0)
    keys.delete()


def test_a_ring_shows_what_the_window_sets(stage: Stage) -> None:
    twister, rings = controller("Midi Fighter Twister"), lights("Midi Fighter Twister out")
    stage.opened("Midi Fighter Twister:knobs")
    shown: dict[int, int] = {}

    def show(number: int, value: int) -> bool:
        while message := rings.get_message():
            shown[message[0][1]] = message[0][2]
        return shown.get(number) == value

    stage.until("the first rings", lambda: show(0, 64))
    stage.console.set({"latent.1.offset": 3.0, "latent.2.offset": -3.0}, "window")
    stage.until("the ring", lambda: show(0, 127))
    stage.until("the other ring", lambda: show(1, 0))
    twister.delete()
    rings.delete()


def test_a_clock_of_another_program_sets_tempo_and_beat(stage: Stage) -> None:
    master = controller("DAW")
    stage.opened("DAW:knobs")
    master.send_message([0xFA])
    begin = time.monotonic()
    sent = 0

    def played(beats: int) -> bool:
        nonlocal sent
        # Ticks come in clumps here, as of a program that is late: each is told when it is due.
        while sent < (time.monotonic() - begin) * 24 * 100.0 / 60.0:
            master.send_message([0xF8])
            sent += 1
        return stage.value("beat") >= beats

    stage.until("three beats", lambda: played(3))
    assert stage.value("tempo_bpm") == pytest.approx(100.0, rel=0.1)
    assert stage.info["clock"] == pytest.approx(100.0, rel=0.1)
    master.delete()
    stage.until("the end of the clock", lambda: stage.info["clock"] is None)
