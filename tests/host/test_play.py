"""Whole runs without a sound card: what a user sees, and what happens when parts are killed."""

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.model.library import DEFAULT_MODEL
from tests.support.home import RECORDING_S
from tests.support.playing import Playing, environment

pytestmark = pytest.mark.usefixtures("home")

NOWHERE = {"JACK_DEFAULT_SERVER": "rtvae-no-such-server"}


def playing(folder: Path, *arguments: object) -> Playing:
    return Playing(folder, *arguments, env=environment(**NOWHERE))


def test_without_a_sound_card_the_recording_plays_into_a_file(tmp_path: Path) -> None:
    stats_file = tmp_path / "stats.json"
    (tmp_path / "rtvae-output.wav").write_bytes(b"the take of my life")
    with playing(tmp_path, "--stats", stats_file) as run:
        assert run.finish() == 0
    assert len(run.sentences("There is no audio device")) == 1
    assert run.lines[-1] == "The result is in rtvae-output-2.wav."
    assert (tmp_path / "rtvae-output.wav").read_bytes() == b"the take of my life"
    audio, rate_hz = soundfile.read(tmp_path / "rtvae-output-2.wav")
    assert audio.shape[0] == round(RECORDING_S * rate_hz)
    assert np.sqrt(np.mean(audio**2)) > 0.01
    stats = json.loads(stats_file.read_text())
    assert stats["model"] == DEFAULT_MODEL
    assert stats["driver"] == "dummy"
    assert stats["blocks"] == stats["frames"] / stats["block_size"] == 750
    assert 0.0 < stats["load"]["median"] <= stats["load"]["p99"] <= stats["load"]["p99_9"]
    assert stats["engine_restarts"] == 0
    assert stats["latency"]["total"]["frames"] == 0
    assert stats["midi"] == {"port": "none", "messages": 0, "changes": 0, "queue_overflows": 0}


def test_two_models_play_side_by_side(tmp_path: Path) -> None:
    stats_file = tmp_path / "stats.json"
    with playing(tmp_path, "--blend", "second", "--duration", 1, "--stats", stats_file) as run:
        assert run.finish() == 0
    assert len(run.sentences(f"Playing model {DEFAULT_MODEL} and second on")) == 1
    stats = json.loads(stats_file.read_text())
    assert (stats["model"], stats["beside"]) == (DEFAULT_MODEL, "second")
    assert stats["guard_repairs"] == 0


def test_ctrl_c_ends_in_good_order_with_a_whole_file(tmp_path: Path) -> None:
    with playing(tmp_path, "--loop") as run:
        run.until_playing()
        folder, engine = run.session, run.engine_pid
        run.interrupt()
        assert run.finish() == 0
    assert "Traceback" not in run.said
    assert not folder.exists()
    assert not Path(f"/proc/{engine}").exists()
    audio, _ = soundfile.read(tmp_path / "rtvae-output.wav")
    assert audio.shape[0] > 0


def test_buffered_into_a_file_is_the_same_sound_later_by_what_is_reported(
    tmp_path: Path, home: Path
) -> None:
    sounds, frames = {}, {}
    for way in ("--buffered", "--no-buffered"):
        out, stats = f"out{way}.wav", tmp_path / f"stats{way}.json"
        source = home / "recordings" / "demo.flac"
        arguments = ("--driver", "file", "--input", source, "--output", out, "--stats", stats)
        with playing(tmp_path, *arguments, way) as run:
            assert run.finish() == 0
        sounds[way] = soundfile.read(tmp_path / out, dtype="float32")[0]
        frames[way] = json.loads(stats.read_text())["latency"]["buffer"]["frames"]
    assert frames == {"--buffered": 128, "--no-buffered": 0}
    assert np.abs(sounds["--buffered"]).max() > 0.01
    assert np.array_equal(sounds["--buffered"][128:], sounds["--no-buffered"][:-128])


def test_the_file_driver_ends_by_itself(tmp_path: Path, home: Path) -> None:
    arguments = ("second", "--driver", "file", "--input", home / "recordings" / "demo.flac")
    with playing(tmp_path, *arguments, "--output", "out.wav") as run:
        assert run.finish() == 0
    assert soundfile.info(tmp_path / "out.wav").duration == RECORDING_S
    assert run.sentences("Playing model second")


def test_the_duration_is_kept(tmp_path: Path) -> None:
    with playing(tmp_path, "--duration", "2.5") as run:
        assert run.finish() == 0
    assert soundfile.info(tmp_path / "rtvae-output.wav").duration == 2.5


def test_a_killed_engine_comes_back_with_its_settings(tmp_path: Path) -> None:
    with playing(tmp_path, "--preset", "knobs", "--loop", "--stats", "s.json") as run:
        run.until_playing()
        assert abs(run.shift(2) - 1.5) < 1e-3
        run.until("half a second of sound", lambda: run.blocks > 200)
        first = run.engine_pid
        os.kill(first, signal.SIGKILL)
        run.until_said("Sound is back")
        before = run.blocks
        run.until("playing again", lambda: run.blocks > before + 10)
        assert run.engine_pid != first
        assert abs(run.shift(2) - 1.5) < 1e-3
        assert run.parameter("output_gain_db") == -6.0
        run.interrupt()
        assert run.finish() == 0
    assert len(run.sentences("The engine crashed (SIGKILL)")) == 1
    assert json.loads((tmp_path / "s.json").read_text())["engine_restarts"] == 1
    for name in ("rtvae-output.wav", "rtvae-output-2.wav"):
        assert soundfile.info(tmp_path / name).frames > 0


def test_a_frozen_engine_is_replaced(tmp_path: Path) -> None:
    with playing(tmp_path, "--loop") as run:
        run.until_playing()
        first = run.engine_pid
        os.kill(first, signal.SIGSTOP)
        run.until_said("Sound is back")
        assert not Path(f"/proc/{first}").exists()
    assert len(run.sentences("stopped answering")) == 1


def test_the_third_crash_passes_the_input_on_dry(tmp_path: Path) -> None:
    with playing(tmp_path, "--loop") as run:
        run.until_playing()
        for crash in (1, 2, 3):
            os.kill(run.engine_pid, signal.SIGSEGV)
            run.until_said("Sound is back", times=crash)
        assert len(run.sentences("is taken out")) == 1
        model, reason = run.sentences("is taken out")[0].split(" is taken out")
        assert model.endswith(DEFAULT_MODEL)
        assert "third time" in reason
        # What the model makes of its input is nothing like it.
        run.until("the dry sound", lambda: np.array_equal(*run.telemetry.scope(4096)))
        assert run.telemetry.scalar("output_peak") > 0.2


def test_the_sound_outlives_a_killed_host_until_the_next_start(tmp_path: Path) -> None:
    with playing(tmp_path, "--loop") as run:
        run.until_playing()
        folder, engine, telemetry = run.session, run.engine_pid, run.telemetry
        run.kill()
        before = telemetry.scalar("blocks")
        run.until("playing on", lambda: telemetry.scalar("blocks") > before + 100)
        with playing(tmp_path, "--duration", "0.1") as second:
            assert second.finish() == 0
        assert len(second.sentences("left over")) == 1
        assert not folder.exists()
        stopped = telemetry.scalar("blocks")
        with playing(tmp_path, "--duration", "0.1") as third:
            assert third.finish() == 0
        assert not third.sentences("left over")
        assert telemetry.scalar("blocks") == stopped
        assert not Path(f"/proc/{engine}/fd").exists() or not os.listdir(f"/proc/{engine}/fd")
