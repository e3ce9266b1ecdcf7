"""The real window beside the sound: whatever becomes of it, the engine does not notice."""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.support.playing import Playing, environment, rtvae

pytestmark = pytest.mark.usefixtures("home")

SCREEN = {
    "DISPLAY": ":rtvae-test",
    "QT_QPA_PLATFORM": "offscreen",
    "JACK_DEFAULT_SERVER": "rtvae-no-such-server",
}


def window_pid(run: Playing) -> int:
    """The process that runs as the window of a session, 0 if there is none."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"rtvae.window" in words and str(run.session).encode() in words:
            return int(process.name)
    return 0


def test_a_killed_window_comes_back_and_the_sound_never_noticed(tmp_path: Path) -> None:
    with Playing(tmp_path, "--stats", "s.json", env=environment(**SCREEN)) as run:
        run.until_playing()
        run.until("a window", lambda: window_pid(run) > 0)
        engine, first = run.engine_pid, window_pid(run)
        os.kill(first, signal.SIGKILL)
        run.until_said("The window died and is opened again")
        run.until("a second window", lambda: window_pid(run) not in (0, first))
        before = run.blocks
        run.until("playing on", lambda: run.blocks > before + 200)
        assert run.engine_pid == engine
        run.interrupt()
        assert run.finish() == 0
    stats = json.loads((tmp_path / "s.json").read_text())
    assert stats["engine_restarts"] == 0
    assert stats["window_restarts"] == 1
    assert stats["blocks"] * stats["block_size"] == stats["frames"]


def test_a_frozen_window_holds_nobody_up(tmp_path: Path) -> None:
    with Playing(tmp_path, env=environment(**SCREEN)) as run:
        run.until_playing()
        run.until("a window", lambda: window_pid(run) > 0)
        os.kill(window_pid(run), signal.SIGSTOP)
        before = run.blocks
        run.until("playing on", lambda: run.blocks > before + 400)
        run.interrupt()
        assert run.finish() == 0
        assert not run.sentences("started again")


def test_a_session_without_a_window_shows_one_when_it_is_called_for(tmp_path: Path) -> None:
    with Playing(tmp_path, "--no-window", "--loop", env=environment(**SCREEN)) as run:
        run.until_playing()
        assert window_pid(run) == 0
        engine = run.engine_pid
        called = rtvae("window", run.pid, **SCREEN)
        assert (called.returncode, called.stderr) == (0, "")
        run.until("a window", lambda: window_pid(run) > 0)
        first = window_pid(run)
        assert rtvae("window", run.pid, **SCREEN).returncode == 0
        before = run.blocks
        run.until("playing on", lambda: run.blocks > before + 200)
        assert window_pid(run) == first
        assert run.engine_pid == engine
        run.interrupt()
        assert run.finish() == 0


def test_without_a_session_there_is_no_window_to_open(tmp_path: Path) -> None:
    called = rtvae("window", 1, **SCREEN)
    assert called.returncode == 2
    assert called.stderr.count("\n") == 1
    assert "plays here" in called.stderr


def test_with_no_window_there_is_none(tmp_path: Path) -> None:
    with Playing(tmp_path, "--no-window", "--loop", env=environment(**SCREEN)) as run:
        run.until_playing()
        assert window_pid(run) == 0
        run.until_said("latency 0.0 ms (no device buffers)")
