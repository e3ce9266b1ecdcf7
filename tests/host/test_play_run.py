"""A run in training, played live: its exports replace each other while the sound goes on."""

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.support.playing import Playing, environment
from tests.support.rig import RATE_HZ, largest_step, tone
from tests.support.toy_model import make_toy_model
from tests.support.toy_run import export, make_run, take_place

pytestmark = pytest.mark.usefixtures("home")

LEVEL = 0.5
TONE_HZ = 220.0
BLOCKS = 300


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that has exported once; its sound is as loud as the input."""
    run = make_run(tmp_path / "voice-run")
    export(run, 1.0)
    return run


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where the session's temporary files go."""
    (tmp_path / "temporary").mkdir()
    return tmp_path / "temporary"


@pytest.fixture
def play(run: Path, tmp_path: Path, temporary: Path) -> Iterator[Playing]:
    """`rtvae play RUN`, a steady tone going in, everything that comes out kept."""
    # Whole periods: the loop has no step.
    soundfile.write(tmp_path / "tone.wav", tone(RATE_HZ * 6, TONE_HZ, LEVEL), RATE_HZ, "FLOAT")
    env = environment(JACK_DEFAULT_SERVER="rtvae-no-such-server", TMPDIR=str(temporary))
    arguments = (run, "--input", tmp_path / "tone.wav", "--output", "out.wav", "--loop")
    with Playing(tmp_path, *arguments, "--stats", "stats.json", env=env) as playing:
        playing.until_playing()
        wait_blocks(playing)
        yield playing


def wait_blocks(play: Playing) -> None:
    before = play.blocks
    play.until("playing on", lambda: play.blocks > before + BLOCKS)


def levels(path: Path) -> np.ndarray:
    """The peak of each twentieth of a second."""
    audio, _ = soundfile.read(path)
    return np.abs(audio[: len(audio) // 2400 * 2400].reshape(-1, 2400)).max(1)


def end(play: Playing) -> dict[str, object]:
    play.interrupt()
    assert play.finish() == 0
    return json.loads((play.folder / "stats.json").read_text())


def test_a_new_export_takes_over_without_a_click_and_without_a_pause(
    run: Path, tmp_path: Path, temporary: Path, play: Playing
) -> None:
    for number, gain in enumerate((0.25, 0.75), 1):
        export(run, gain)
        play.until_said("Now playing model voice-run", times=number)
        wait_blocks(play)
    stats = end(play)
    audio, _ = soundfile.read(tmp_path / "out.wav")
    steady = 2 * np.pi * TONE_HZ / RATE_HZ * LEVEL
    assert largest_step(audio) < 1.6 * steady
    heard = levels(tmp_path / "out.wav")
    assert heard[3] == pytest.approx(LEVEL, rel=0.01)
    assert heard[-4] == pytest.approx(0.75 * LEVEL, rel=0.01)
    assert np.isclose(heard, 0.25 * LEVEL, rtol=0.01).sum() > 3
    assert stats["engine_restarts"] == 0
    assert len(audio) == stats["frames"], "every block that was asked for came out"
    assert len(play.sentences("New exports of this run are played as they come")) == 1
    assert list(temporary.glob("rtvae-*")) == []


def test_a_refused_export_leaves_the_sound_alone_and_is_told_once(
    run: Path, tmp_path: Path, play: Playing
) -> None:
    damaged = make_toy_model(run / ".model-draft", name="bad")
    (damaged / "decoder-1.onnx").write_bytes(b"junk")
    take_place(damaged, run)
    play.until_said("is damaged: decoder-1.onnx does not match its checksum")
    slower = make_toy_model(run / ".model-draft", name="slower")
    card = (slower / "model.toml").read_text().replace("48000", "44100")
    (slower / "model.toml").write_text(card)
    take_place(slower, run)
    play.until_said("plays at 44100 Hz and not at 48000 Hz")
    wait_blocks(play)
    assert len(play.sentences("is damaged")) == 1
    assert len(play.sentences("44100")) == 1
    assert not play.sentences("Now playing")
    assert play.telemetry.scalar("output_peak") == pytest.approx(LEVEL, rel=0.02)
    export(run, 0.25)
    play.until_said("Now playing model voice-run")
    assert end(play)["engine_restarts"] == 0
    assert largest_step(soundfile.read(tmp_path / "out.wav")[0]) < 0.03


def test_the_sound_outlives_the_folder_it_came_from(run: Path, play: Playing) -> None:
    shutil.rmtree(run)
    wait_blocks(play)
    os.kill(play.engine_pid, signal.SIGKILL)
    play.until_said("Sound is back")
    wait_blocks(play)
    assert play.telemetry.scalar("output_peak") == pytest.approx(LEVEL, rel=0.02)
    make_run(run)
    export(run, 0.25)
    play.until_said("Now playing model voice-run")
    wait_blocks(play)
    assert play.telemetry.scalar("output_rms") == pytest.approx(0.25 * LEVEL / 2**0.5, rel=0.05)
    assert not play.sentences("taken out")


def test_after_a_crash_the_newest_export_plays_on(run: Path, play: Playing) -> None:
    export(run, 0.25)
    play.until_said("Now playing model voice-run")
    os.kill(play.engine_pid, signal.SIGKILL)
    play.until_said("Sound is back")
    wait_blocks(play)
    assert play.telemetry.scalar("output_rms") == pytest.approx(0.25 * LEVEL / 2**0.5, rel=0.05)


def test_what_a_killed_session_copied_goes_with_the_next_start(
    run: Path, tmp_path: Path, temporary: Path, play: Playing
) -> None:
    left = list(temporary.glob("rtvae-run-*"))
    assert len(left) == 1
    play.kill()
    env = environment(JACK_DEFAULT_SERVER="rtvae-no-such-server", TMPDIR=str(temporary))
    with Playing(tmp_path, run, "--duration", "0.2", env=env) as second:
        assert second.finish() == 0
    assert not left[0].exists()


def test_a_run_without_an_export_says_when_there_will_be_one(tmp_path: Path) -> None:
    make_run(tmp_path / "young")
    with Playing(tmp_path, "young") as play:
        assert play.finish() == 1
    assert len(play.lines) == 1
    assert "The run young has no model to play yet: training puts the first one" in play.said
    assert tempfile.gettempdir() not in play.said
