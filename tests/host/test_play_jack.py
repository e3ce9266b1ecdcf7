"""Whole runs on a real JACK server: knobs, and a server that dies, freezes and comes back."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.controller import controller
from tests.support.jack import JackServer
from tests.support.playing import Playing, environment

pytestmark = pytest.mark.usefixtures("home")


def playing(folder: Path, *arguments: object) -> Playing:
    return Playing(folder, "--preset", "knobs", *arguments, env=environment())


def connect(server: JackServer) -> None:
    """Connect the controller to rtvae's own port."""
    [ours] = server.wait_for_ports("rtvae:")
    server.connect("nanoKONTROL2:knobs", ours)


def turn(run: Playing, knobs: Any, control: int, position: int, low: float, high: float) -> None:
    """Turn a knob until latent 1's offset lies in a range."""

    def moved() -> bool:
        knobs.send_message([0xB0, control, position])
        return low <= run.parameter("latent.1.offset") <= high

    run.until("a moving parameter", moved)


def test_a_knob_moves_the_right_latent_and_only_it_while_it_plays(
    tmp_path: Path, server: JackServer, knobs: Any
) -> None:
    with playing(tmp_path, "--midi", "virtual", "--stats", "s.json") as run:
        run.until_playing()
        connect(server)
        rest = [run.shift(latent) for latent in (2, 3, 4)]
        assert abs(run.shift(1)) < 1e-3
        turn(run, knobs, 21, 127, 2.9, 3.0)
        run.until("the sound to follow", lambda: abs(run.shift(1) - 3.0) < 1e-3)
        for latent, before in zip((2, 3, 4), rest, strict=True):
            assert abs(run.shift(latent) - before) < 1e-3
        knobs.send_message([0xB0, 22, 127])
        knobs.send_message([0x90, 21, 127])
        turn(run, knobs, 21, 0, -3.0, -2.9)
        run.until("the sound to follow", lambda: abs(run.shift(1) + 3.0) < 1e-3)
        run.interrupt()
        assert run.finish() == 0
    midi = json.loads((tmp_path / "s.json").read_text())["midi"]
    assert midi["port"] == "rtvae"
    assert midi["messages"] > midi["changes"] >= 2
    assert midi["queue_overflows"] == 0


def test_a_named_controller_is_connected_and_taken_up_again_when_it_returns(
    tmp_path: Path, server: JackServer
) -> None:
    port = controller()
    with playing(tmp_path, "--midi", "kontrol") as run:
        run.until_playing()
        turn(run, port, 21, 127, 2.9, 3.0)
        port.delete()
        run.until_said("is gone; it is taken up again")
        assert run.parameter("latent.1.offset") == 3.0
        port = controller()
        run.until_said("is back.")
        turn(run, port, 21, 0, -3.0, -2.9)
    port.delete()


def test_several_controllers_may_be_named(tmp_path: Path, server: JackServer) -> None:
    nano, keys, other = controller(), controller("MPK mini 3"), controller("other")
    with playing(tmp_path, "--midi", "kontrol", "--midi", "MPK") as run:
        run.until_playing()
        turn(run, nano, 21, 127, 2.9, 3.0)
        turn(run, keys, 21, 0, -3.0, -2.9)
        other.send_message([0xB0, 21, 127])
        turn(run, nano, 21, 64, 0.0, 0.1)
        assert run.sentences("nanoKONTROL2:knobs, MPK mini 3:knobs")
    for port in (nano, keys, other):
        port.delete()


def test_a_killed_engine_keeps_knobs_and_settings(
    tmp_path: Path, server: JackServer, knobs: Any
) -> None:
    with playing(tmp_path, "--midi", "virtual") as run:
        run.until_playing()
        connect(server)
        turn(run, knobs, 21, 127, 2.9, 3.0)
        os.kill(run.engine_pid, signal.SIGKILL)
        run.until_said("Sound is back")
        run.until("the same sound", lambda: abs(run.shift(1) - 3.0) < 1e-3)
        assert abs(run.shift(2) - 1.5) < 1e-3
        turn(run, knobs, 21, 0, -3.0, -2.9)
        run.until("the sound to follow", lambda: abs(run.shift(1) + 3.0) < 1e-3)


def test_a_server_that_dies_is_waited_for_and_the_settings_are_kept(
    tmp_path: Path, server: JackServer
) -> None:
    with playing(tmp_path, "--midi", "virtual") as run:
        run.until_playing()
        server.kill()
        run.until_said("Trying again every 2 s")
        server.start()
        run.until_said("Sound is back")
        run.until("the same sound", lambda: abs(run.shift(2) - 1.5) < 1e-3)
        assert len(run.sentences("Trying again")) == 1
        assert not run.sentences("is taken out")
        # The port that died with the server is there again, and works.
        port = controller()
        connect(server)
        turn(run, port, 21, 127, 2.9, 3.0)
        port.delete()


def test_a_server_that_freezes_holds_nobody_up(tmp_path: Path, server: JackServer) -> None:
    with playing(tmp_path, "--midi", "virtual") as run:
        run.until_playing()
        engine = run.engine_pid
        os.kill(server.pid, signal.SIGSTOP)
        try:
            run.until_said("stopped answering")
            run.until("the end of the old engine", lambda: run.engine_pid != engine)
            start = time.monotonic()
            run.interrupt()
            assert run.finish() == 0
            assert time.monotonic() - start < 10.0
        finally:
            os.kill(server.pid, signal.SIGCONT)


def test_a_device_that_does_not_exist_gets_one_sentence(tmp_path: Path, server: JackServer) -> None:
    for end in ("--input", "--output"):
        with playing(tmp_path, end, "Scarlett") as run:
            assert run.finish() == 1
        assert len(run.lines) == 1
        assert "'Scarlett'" in run.lines[0]
