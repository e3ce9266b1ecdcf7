"""Whole sessions on a real JACK server while their processes are killed, stopped and continued."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.support.jack import JackServer
from tests.support.playing import Playing, environment

pytestmark = pytest.mark.usefixtures("home")

SCREEN = {"DISPLAY": ":rtvae-test", "QT_QPA_PLATFORM": "offscreen"}


def process_of(run: Playing, module: str) -> int:
    """The process that runs as `module` for a session, 0 if there is none."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if module.encode() in words and str(run.session).encode() in words:
            return int(process.name)
    return 0


def window_of(run: Playing) -> int:
    return process_of(run, "rtvae.window")


def plays_on(run: Playing, blocks: int = 100) -> None:
    before = run.blocks
    run.until("playing on", lambda: run.blocks > before + blocks)


def until_window(run: Playing) -> int:
    run.until("a window", lambda: window_of(run) > 0)
    return window_of(run)


def test_window_and_host_may_stop_die_and_freeze_while_the_engine_plays_on(
    tmp_path: Path, server: JackServer
) -> None:
    with Playing(tmp_path, "--preset", "knobs", env=environment(**SCREEN)) as run:
        run.until_playing()
        engine, window = run.engine_pid, until_window(run)
        os.kill(window, signal.SIGSTOP)
        plays_on(run)
        os.kill(window, signal.SIGCONT)
        os.kill(window, signal.SIGKILL)
        run.until_said("The window died and is opened again")
        run.until("a second window", lambda: window_of(run) not in (0, window))
        plays_on(run)
        os.kill(run.pid, signal.SIGSTOP)
        plays_on(run, 300)
        os.kill(run.pid, signal.SIGCONT)
        plays_on(run, 300)
        assert run.engine_pid == engine
        assert abs(run.shift(2) - 1.5) < 1e-3
        window = window_of(run)
        os.kill(engine, signal.SIGKILL)
        os.kill(window, signal.SIGKILL)
        run.until_said("Sound is back")
        run.until("a third window", lambda: window_of(run) not in (0, window))
        plays_on(run)
        assert abs(run.shift(2) - 1.5) < 1e-3
        telemetry, window, engine = run.telemetry, window_of(run), run.engine_pid
        run.kill()
        before = telemetry.scalar("blocks")
        run.until("playing on", lambda: telemetry.scalar("blocks") > before + 300)
        os.kill(window, signal.SIGKILL)
        before = telemetry.scalar("blocks")
        run.until("playing on", lambda: telemetry.scalar("blocks") > before + 100)
        # The next start takes the device back, and after it nobody holds it.
        with Playing(tmp_path, "--duration", "0.5") as second:
            assert second.finish() == 0
        assert second.sentences("left over")
        assert not server.ports("PortAudio")
        assert not Path(f"/proc/{engine}/fd").exists() or not os.listdir(f"/proc/{engine}/fd")


def test_a_whole_session_that_sleeps_for_five_seconds_goes_on_with_its_settings(
    tmp_path: Path, server: JackServer
) -> None:
    with Playing(tmp_path, "--preset", "knobs") as run:
        run.until_playing()
        everyone = [run.pid, run.engine_pid]
        for pid in everyone:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(5.0)
        for pid in everyone:
            os.kill(pid, signal.SIGCONT)
        plays_on(run, 300)
        assert abs(run.shift(2) - 1.5) < 1e-3
        assert run.parameter("output_gain_db") == -6.0
        assert not run.sentences("taken out")


def test_a_server_that_is_frozen_and_goes_on_gives_the_sound_back(
    tmp_path: Path, server: JackServer
) -> None:
    with Playing(tmp_path, "--preset", "knobs") as run:
        run.until_playing()
        os.kill(server.pid, signal.SIGSTOP)
        run.until_said("stopped answering")
        os.kill(server.pid, signal.SIGCONT)
        run.until_said("Sound is back")
        plays_on(run)
        assert abs(run.shift(2) - 1.5) < 1e-3


def test_a_server_that_comes_back_otherwise_is_followed_or_named(
    tmp_path: Path, server: JackServer
) -> None:
    with Playing(tmp_path, "--preset", "knobs") as run:
        run.until_playing()
        server.kill()
        server.period = 480
        server.start()
        run.until_said("Sound is back")
        plays_on(run)
        assert run.telemetry.scalar("block_size") == 480
        assert run.telemetry.scalar("reblock_latency_frames") == 32
        server.kill()
        server.rate_hz = 44_100
        server.start()
        run.until_said("runs at 44100 Hz")
        server.kill()
        server.rate_hz = 48_000
        server.start()
        run.until_said("Sound is back", times=2)
        plays_on(run)
        assert not run.sentences("taken out"), run.said
        assert abs(run.shift(2) - 1.5) < 1e-3


def test_without_a_server_the_session_stands_by_and_plays_when_it_comes(
    tmp_path: Path, server: JackServer
) -> None:
    server.stop()
    with Playing(tmp_path, "--driver", "portaudio", "--preset", "knobs") as run:
        run.until_said("There is no audio output device")
        run.until("a silent engine", lambda: run.blocks > 100)
        silent, folder = run.engine_pid, run.session
        assert run.telemetry.scalar("input_peak") == 0.0
        assert abs(run.shift(2) - 1.5) < 1e-3
        server.start()
        run.until_said("Playing model")
        plays_on(run)
        assert run.engine_pid != silent
        assert abs(run.shift(2) - 1.5) < 1e-3
        assert server.ports("PortAudio")
        assert len(run.sentences("Trying again")) == 1
        run.interrupt()
        assert run.finish() == 0
    assert not Path(f"/proc/{silent}").exists()
    assert not folder.exists()
