"""Whole runs that record: both files outlive a killed host, a killed engine and a full disk."""

import json
import os
import resource
import signal
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.io.performance import Performance, read_performance
from rtvae.link.session_memory import remove_session_folder
from rtvae.model.library import DEFAULT_MODEL
from tests.support.playing import Playing, environment, rtvae

pytestmark = pytest.mark.usefixtures("home")

NOWHERE = {"JACK_DEFAULT_SERVER": "rtvae-no-such-server"}


def playing(folder: Path, *arguments: object) -> Playing:
    return Playing(folder, "--loop", "--record", "take", *arguments, env=environment(**NOWHERE))


def until_recorded(run: Playing, seconds: float) -> None:
    """Wait until so many seconds more have been played."""
    frames = run.telemetry.scalar("frames") + seconds * 48_000
    run.until("the recording", lambda: run.telemetry.scalar("frames") >= frames)


def sound_of(performance: Performance) -> np.ndarray:
    return soundfile.read(performance.sound, dtype="float32")[0]


def verified(folder: Path) -> str:
    """What `rtvae render --performance --verify` says; it has to be content."""
    done = rtvae("render", "--performance", folder / "take.rtvp", "--verify")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_session_is_recorded_from_its_first_frame_and_comes_out_again(tmp_path: Path) -> None:
    with playing(tmp_path, "--duration", "2", "--stats", "s.json", "--preset", "knobs") as run:
        assert run.finish() == 0
    assert run.sentences("Recording to take.w64; there is room for")
    assert run.sentences("Recorded 2.0 s to take.w64.")
    stats = json.loads((tmp_path / "s.json").read_text())["recording"]
    assert stats == {"file": "take.w64", "seconds": 2.0, "lost_frames": 0}
    performance = read_performance(tmp_path / "take.rtvp")
    assert performance.voices[0].model is not None
    assert performance.voices[0].model.name == DEFAULT_MODEL
    assert np.abs(sound_of(performance)).max() > 0.05
    assert "identical to the recording from 0.000 s on" in verified(tmp_path)
    done = rtvae("render", "--performance", tmp_path / "take.w64", "second", tmp_path / "other.wav")
    assert "Knobs" in done.stdout
    other = soundfile.read(tmp_path / "other.wav", dtype="float32")[0]
    assert other.shape == (96_000,)
    shown = rtvae("inspect", tmp_path / "take.rtvp").stdout
    assert f"{DEFAULT_MODEL} (" in shown
    facts = json.loads(rtvae("inspect", tmp_path / "take.rtvp", "--json").stdout)
    assert facts["frames"] == 96_000


def test_a_killed_host_leaves_a_recording_up_to_the_last_second(tmp_path: Path) -> None:
    with playing(tmp_path) as run:
        run.until_playing()
        until_recorded(run, 1.5)
        played, engine, folder = run.telemetry.scalar("frames"), run.engine_pid, run.session
        run.kill()
        os.kill(engine, signal.SIGKILL)
        remove_session_folder(folder)
    performance = read_performance(tmp_path / "take.rtvp")
    assert performance.ended == ""
    assert performance.block_frames > played - 48_000
    assert sound_of(performance).shape[0] > played - 48_000
    assert "no proper end" in verified(tmp_path)


def test_a_killed_engine_is_a_gap_and_both_sides_of_it_come_out_again(tmp_path: Path) -> None:
    with playing(tmp_path) as run:
        run.until_playing()
        until_recorded(run, 0.7)
        os.kill(run.engine_pid, signal.SIGKILL)
        run.until_said("Sound is back")
        until_recorded(run, 0.7)
        run.interrupt()
        assert run.finish() == 0
    assert run.sentences("s of silence for the new engine")
    performance = read_performance(tmp_path / "take.rtvp")
    (gap,) = performance.gaps
    assert 0.1 < gap.frames / 48_000 < 20.0
    after = sound_of(performance)[gap.frame + gap.frames :]
    assert after.shape[0] > 0.6 * 48_000
    assert np.abs(after).max() > 0.05
    assert [voice.origin for voice in performance.voices] == ["started", "started"]
    assert "identical to the recording" in verified(tmp_path)


def test_a_full_disk_stops_the_recording_and_not_the_sound(tmp_path: Path) -> None:
    with playing(tmp_path) as run:
        run.until_playing()
        until_recorded(run, 0.3)
        host = int((run.session / "host.pid").read_text())
        size = (tmp_path / "take.w64").stat().st_size + 200_000
        resource.prlimit(host, resource.RLIMIT_FSIZE, (size, size))
        run.until_said("Recording stopped:")
        until_recorded(run, 0.5)
        run.interrupt()
        assert run.finish() == 0
    assert len(run.sentences("Recording stopped:")) == 1
    assert not run.sentences("Traceback")
    assert soundfile.info(tmp_path / "rtvae-output.wav").frames > 48_000
    performance = read_performance(tmp_path / "take.rtvp")
    assert sound_of(performance).shape[0] * 8 > size - 10_000
    assert "identical to the recording" in verified(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--record", "take.wav"), "leave the .wav of take.wav away"),
        (("--driver", "file", "--duration", "1", "--record"), "use --driver dummy"),
    ],
)
def test_what_cannot_be_recorded_is_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    with Playing(tmp_path, *arguments, env=environment(**NOWHERE)) as run:
        assert run.finish() == 2
    assert len(run.lines) == 1
    assert words in run.lines[0]
