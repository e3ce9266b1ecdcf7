"""Ports on a real JACK server: what is sent arrives, and a port that goes is missed."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator

import pytest

from rtvae.errors import MidiError
from rtvae.io import midi_port
from rtvae.io.midi_port import MidiInput
from tests.support.controller import controller, lights
from tests.support.jack import JackServer, found_by_all

PATIENCE_S = 10.0


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    monkeypatch.setattr(midi_port, "ALSA_SEQUENCER", midi_port.ALSA_SEQUENCER / "none")
    with found_by_all(monkeypatch) as running:
        yield running


def received(port: MidiInput, count: int) -> list[list[int]]:
    packets: list[list[int]] = []
    deadline = time.monotonic() + PATIENCE_S
    while len(packets) < count and time.monotonic() < deadline:
        packets += port.receive()
        time.sleep(0.001)
    return packets


def test_what_is_sent_to_the_virtual_port_arrives(server: JackServer) -> None:
    port = midi_port.open_virtual_input()
    sender = controller()
    [ours] = [name for name in server.ports("rtvae") if "rtvae" in name]
    server.connect("nanoKONTROL2:knobs", ours)
    sent = [[0xB0, 16, value] for value in range(20)]
    for message in sent:
        sender.send_message(message)
    assert received(port, 20) == sent
    sender.send_message([0xF8])
    sender.send_message([0xFE])
    sender.send_message([0xFA])
    assert received(port, 2) == [[0xF8], [0xFA]], "clocks are heard, and that it lives is not"
    port.close()
    port.close()
    assert port.receive() == [], "who polls meanwhile hears nothing"
    sender.delete()
    assert server.ports("rtvae") == []


def test_what_is_sent_to_a_controller_arrives_there(server: JackServer) -> None:
    lamps = lights()
    output = midi_port.open_output("nanoKONTROL2 out:knobs")
    assert output is not None
    output.send([0xB0, 16, 64])
    deadline = time.monotonic() + PATIENCE_S
    shown = None
    while shown is None and time.monotonic() < deadline:
        shown = lamps.get_message()
        time.sleep(0.001)
    assert shown is not None
    assert shown[0] == [0xB0, 16, 64]
    output.close()
    output.send([0xB0, 16, 64])
    assert midi_port.open_output("Launchpad") is None
    own = midi_port.open_virtual_output()
    assert own is not None
    assert server.ports("rtvae") == ["rtvae-lights:lights"]
    own.close()
    lamps.delete()


def test_a_port_is_found_by_a_part_of_its_name(server: JackServer) -> None:
    sender = controller()
    port = midi_port.open_input("NANOkontrol")
    assert "nanoKONTROL2" in port.name
    sender.send_message([0xB0, 1, 2])
    assert received(port, 1) == [[0xB0, 1, 2]]
    port.close()
    sender.delete()


def test_a_wrong_name_is_told_with_the_names_there_are(server: JackServer) -> None:
    with pytest.raises(MidiError, match=r"'Launchpad'.*there is none"):
        midi_port.open_input("Launchpad")
    sender = controller()
    with pytest.raises(MidiError, match=r"'Launchpad'.*nanoKONTROL2:knobs"):
        midi_port.open_input("Launchpad")
    sender.delete()


def test_a_controller_that_goes_is_missed_and_one_that_returns_is_found(
    server: JackServer,
) -> None:
    sender = controller()
    port = midi_port.open_input("nano")
    assert port.present()
    sender.delete()
    assert not port.present()
    port.close()
    sender = controller()
    port = midi_port.open_input(port.name)
    assert port.present()
    port.close()
    sender.delete()


def test_a_flood_is_bounded_and_counted(
    server: JackServer, capfd: pytest.CaptureFixture[str]
) -> None:
    port = midi_port.open_virtual_input()
    assert port.queue_overflows == 0
    sender = controller()
    server.connect("nanoKONTROL2:knobs", server.ports("rtvae")[0])
    deadline = time.monotonic() + PATIENCE_S
    # Nobody polls meanwhile: the queue fills and says so on stderr, in rtmidi's own words.
    while "limit" not in capfd.readouterr().err and time.monotonic() < deadline:
        for k in range(40):
            sender.send_message([0xB0, 16, k])
        time.sleep(0.002)
    assert len(port.receive()) <= midi_port.QUEUE_MESSAGES
    assert port.queue_overflows == 1
    port.close()
    sender.delete()


def test_without_any_midi_system_there_is_nothing_and_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(midi_port, "ALSA_SEQUENCER", midi_port.ALSA_SEQUENCER / "none")
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "rtvae-no-such-server")
    assert midi_port.input_names() == midi_port.output_names() == []
    assert midi_port.open_output("nanoKONTROL2") is None
    with pytest.raises(MidiError, match="neither an ALSA sequencer nor a JACK server"):
        midi_port.open_virtual_input()


def test_the_virtual_port_goes_with_its_server(server: JackServer) -> None:
    port = midi_port.open_virtual_input()
    assert port.present(thoroughly=True)
    server.kill()
    server.start()
    assert not port.present(thoroughly=True)
    port.close()


def test_a_frozen_server_freezes_nobody(server: JackServer) -> None:
    program = """
        from rtvae.io import midi_port
        port = midi_port.open_virtual_input()
        print("open", flush=True)
        input()
        midi_port.JACK_ANSWER_S = 0.5
        assert port.present(thoroughly=True), "it may come to itself again"
        port.close()
        assert midi_port.input_names() == []
        print("closed", flush=True)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=os.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    os.kill(server.pid, signal.SIGSTOP)
    try:
        said, _ = process.communicate("go\n", timeout=PATIENCE_S)
    finally:
        os.kill(server.pid, signal.SIGCONT)
        process.kill()
    assert said == "closed\n"
    assert process.returncode == 0
