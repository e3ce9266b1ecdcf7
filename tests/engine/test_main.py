"""The engine as a process of its own: it plays files and the built-in device, takes commands,
refuses nonsense in one sentence, and outlives its host."""

import signal
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.control.parameters import index_of
from rtvae.engine.render import render_file
from rtvae.link.layout import State
from rtvae.model.load import load_model
from tests.support.engine_process import EngineProcess, engine
from tests.support.rig import RATE_HZ, noise, tone
from tests.support.toy_model import make_identity_model, make_toy_model


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_toy_model(folder / "toy")
    make_toy_model(folder / "other", seed=1, name="other")
    make_identity_model(folder / "identity")
    return folder


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "in.wav"
    soundfile.write(path, noise(3 * RATE_HZ), RATE_HZ, "FLOAT")
    return path


def _play_dummy(played: EngineProcess, model: Path, **more: object) -> dict[str, object]:
    played.send(do="start", model=str(model), driver="dummy", **more)
    return played.event("ready")


@pytest.mark.parametrize("late", [0, 128])
def test_a_file_played_by_the_engine_is_what_render_writes(
    late: int, models: Path, recording: Path, tmp_path: Path
) -> None:
    """Buffered inference waits for its worker here: the very same samples, one block later."""
    live, offline = tmp_path / "live.wav", tmp_path / "offline.wav"
    with engine() as played:
        played.set("latent.1.offset", 0.5)
        played.set("mix", 0.75)
        played.send(
            do="start",
            model=str(models / "toy"),
            driver="file",
            input=str(recording),
            output=str(live),
            block_size=96,
            buffered=late > 0,
        )
        ready = played.event("ready")
        played.event("ended")
        assert played.exit_status() == 0
        assert played.telemetry.state == State.ENDED
        assert played.telemetry.scalar("frames") >= 3 * RATE_HZ
    assert (ready["model"], ready["block_size"]) == ("toy", 96)
    assert ready["reblock_latency_frames"] == 32
    assert ready["buffer_latency_frames"] == late
    render_file(
        load_model(models / "toy"),
        recording,
        offline,
        values={index_of("latent.1.offset"): 0.5, index_of("mix"): 0.75},
        block_size=96,
        compensate_latency=False,
    )
    live_audio, _ = soundfile.read(live, dtype="float32")
    assert np.abs(live_audio).max() > 0.1
    expected, _ = soundfile.read(offline, dtype="float32")
    assert np.array_equal(live_audio[late:], expected[: expected.shape[0] - late])


def test_the_engine_plays_on_when_the_host_is_gone_and_ends_on_sigterm(
    models: Path, recording: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.wav"
    with engine() as played:
        _play_dummy(played, models / "toy", input=str(recording), output=str(out), loop=True)
        played.wait_blocks(5)
        played.leave()
        played.wait_blocks(50)
        played.process.send_signal(signal.SIGTERM)
        assert played.exit_status() == 0
    audio, _ = soundfile.read(out, dtype="float32")
    assert audio.shape[0] >= 50 * 128
    assert np.abs(audio).max() > 0.1
    assert not audio[-16:].any()  # it faded out before it went


def test_a_stream_of_limited_length_fades_out_at_its_end(
    models: Path, recording: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.wav"
    with engine() as played:
        _play_dummy(
            played,
            models / "toy",
            input=str(recording),
            output=str(out),
            loop=True,
            duration_s=1.0,
        )
        assert played.exit_status() == 0
    audio, _ = soundfile.read(out, dtype="float32")
    assert audio.shape[0] == 48_000
    assert np.abs(audio[24_000:40_000]).max() > 0.1
    assert not audio[-256:].any()


def test_what_was_played_can_be_read_after_the_engine_was_killed(
    models: Path, recording: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.wav"
    with engine() as played:
        _play_dummy(played, models / "toy", input=str(recording), output=str(out), loop=True)
        played.wait_blocks(100)
        time.sleep(0.2)
        played.process.kill()
        played.exit_status()
    audio, _ = soundfile.read(out, dtype="float32")
    assert audio.shape[0] >= 100 * 128
    assert np.abs(audio).max() > 0.1


def test_a_model_is_changed_while_it_plays_and_a_bad_one_changes_nothing(
    models: Path, tmp_path: Path
) -> None:
    with engine() as played:
        _play_dummy(played, models / "toy")
        played.wait_blocks(5)
        played.send(do="load", model=str(tmp_path / "missing"))
        assert "missing" in played.event("refused")["sentence"]
        assert played.telemetry.scalar("model_serial") == 1
        played.send(do="load", model=str(models / "other"))
        assert played.event("loaded")["model"] == "other"
        assert played.telemetry.scalar("model_serial") == 2
        played.wait_blocks(20)
        assert played.telemetry.state == State.PLAYING
        played.send(do="quit")
        played.event("ended")
        assert played.exit_status() == 0


def test_nonsense_on_the_command_pipe_is_refused_and_the_sound_goes_on(models: Path) -> None:
    with engine() as played:
        _play_dummy(played, models / "toy")
        for line in ("nonsense", "[1]", '{"do":"dance"}', '{"do":"load"}', "\x00", "[" * 50_000):
            played.send_line(line)
            assert "refused" in played.event("refused")["sentence"]
        played.send(do="start", model="x", driver="dummy")
        assert "open already" in played.event("refused")["sentence"]
        played.wait_blocks(20)


def test_the_knobs_of_the_session_reach_the_sound(models: Path, tmp_path: Path) -> None:
    tone_file = tmp_path / "tone.wav"
    soundfile.write(tone_file, tone(RATE_HZ), RATE_HZ, "FLOAT")
    with engine() as played:
        _play_dummy(played, models / "identity", input=str(tone_file), loop=True)
        played.wait_blocks(100)
        assert played.telemetry.scalar("output_peak") == pytest.approx(0.5, rel=0.05)
        played.set("mute", 1.0)
        played.wait_blocks(50)
        assert played.telemetry.state == State.MUTED
        assert not played.telemetry.scope(128)[1].any()


@pytest.mark.parametrize(
    ("command", "kind", "words"),
    [
        ({"model": "missing-model"}, "ModelError", "missing-model"),
        ({"input": "missing.wav"}, "AudioFileError", "There is no file missing.wav"),
        ({"sample_rate_hz": 44_100}, "ModelError", "44100"),
        ({"driver": "tape"}, "UsageError", "portaudio or dummy or file"),
        ({"output": "nowhere/out.wav"}, "AudioFileError", "There is no folder nowhere"),
        ({"driver": "file"}, "UsageError", "name it as the output"),
    ],
)
def test_a_start_that_cannot_be_is_one_sentence(
    models: Path, command: dict[str, object], kind: str, words: str
) -> None:
    with engine() as played:
        played.send(**{"do": "start", "model": str(models / "toy"), "driver": "dummy", **command})
        with pytest.raises(AssertionError) as failure:
            played.event("ready")
        failed = failure.value.args[0]
        assert kind in str(failed)
        assert words in str(failed)
        assert played.exit_status() != 0
        assert played.telemetry.state == State.FAILED
        assert played.stderr == []


def test_an_engine_without_a_start_command_says_so() -> None:
    with engine() as played:
        played.leave()
        with pytest.raises(AssertionError, match="UsageError"):
            played.event("ready")
        assert played.exit_status() == 2
