"""The watch over ports on a real JACK server: what is plugged in is seen, and nothing is left."""

import time
from collections.abc import Iterator

import pytest

from rtvae.errors import MidiError
from rtvae.io import midi_port
from rtvae.io.midi_port_watch import SYSTEMS_S, MidiPorts
from tests.support.controller import controller, lights
from tests.support.jack import JackServer, found_by_all

PATIENCE_S = 10.0


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    monkeypatch.setattr(midi_port, "ALSA_SEQUENCER", midi_port.ALSA_SEQUENCER / "none")
    with found_by_all(monkeypatch) as running:
        yield running


@pytest.fixture
def ports() -> Iterator[MidiPorts]:
    watched = MidiPorts()
    yield watched
    watched.close()


def test_controllers_are_seen_as_they_come_and_go(server: JackServer, ports: MidiPorts) -> None:
    assert ports.inputs() == []
    nano, keys = controller(), controller("MPK mini 3")
    assert sorted(ports.inputs()) == ["MPK mini 3:knobs", "nanoKONTROL2:knobs"]
    through = controller("Midi Through")
    assert sorted(ports.controllers()) == ["MPK mini 3:knobs", "nanoKONTROL2:knobs"]
    through.delete()
    first = ports.open_input("nano")
    assert first.name == "nanoKONTROL2:knobs"
    second = ports.open_input("MPK mini 3:knobs")
    keys.send_message([0xB0, 1, 2])
    nano.send_message([0xB0, 3, 4])
    heard: list[list[list[int]]] = [[], []]
    deadline = time.monotonic() + PATIENCE_S
    while not all(heard) and time.monotonic() < deadline:
        heard = [heard[0] + first.receive(), heard[1] + second.receive()]
        time.sleep(0.001)
    assert heard == [[[0xB0, 3, 4]], [[0xB0, 1, 2]]]
    nano.delete()
    assert ports.inputs() == ["MPK mini 3:knobs"]
    ports.close_input(first)
    with pytest.raises(MidiError, match=r"'nano'.*MPK mini 3:knobs"):
        ports.open_input("nano")
    keys.delete()


def test_nothing_is_left_behind(server: JackServer) -> None:
    nano = controller()
    ports = MidiPorts()
    ports.inputs()
    port = ports.open_input("nano")
    assert len(server.ports("rtvae")) == 1, "who looks has no port"
    ports.close_input(port)
    ports.inputs()
    ports.open_virtual()
    ports.close()
    assert server.ports("rtvae") == []
    nano.delete()


def test_a_controller_has_its_lights(server: JackServer, ports: MidiPorts) -> None:
    nano, lamps = controller(), lights()
    port = ports.open_input("nano")
    shown = ports.open_lights(port)
    assert shown is not None
    assert shown.name == "nanoKONTROL2 out:knobs"
    shown.close()
    keys = controller("MPK mini 3")
    assert ports.open_lights(ports.open_input("MPK")) is None
    own = ports.open_lights(ports.open_virtual())
    assert own is not None
    own.close()
    for client in (nano, lamps, keys):
        client.delete()


def test_a_server_that_is_another_one_takes_its_ports_along(
    server: JackServer, ports: MidiPorts
) -> None:
    port = ports.open_virtual()
    assert ports.lost_with_server() == []
    server.kill()
    server.start()
    assert ports.lost_with_server() == [port]
    ports.close_input(port)
    again = ports.open_virtual()
    assert ports.lost_with_server() == []
    ports.close_input(again)


def test_a_server_that_comes_later_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(midi_port, "ALSA_SEQUENCER", midi_port.ALSA_SEQUENCER / "none")
    now_s = 0.0
    ports = MidiPorts(clock=lambda: now_s)
    with found_by_all(monkeypatch) as server:
        server.stop()
        assert ports.inputs() == []
        server.start()
        nano = controller()
        assert ports.inputs() == [], "it is not looked for all the time"
        now_s += SYSTEMS_S
        assert ports.inputs() == ["nanoKONTROL2:knobs"]
        nano.delete()
        ports.close()
