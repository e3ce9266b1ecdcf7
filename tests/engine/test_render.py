"""Rendering a file: aligned, as long as its input, the same each time, and all or nothing."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.control.parameters import index_of
from rtvae.engine.render import render_file
from rtvae.errors import AudioFileError, UsageError
from rtvae.model.identity import IdentityModel
from rtvae.model.load import load_model
from tests.support.fake_model import ScriptedModel
from tests.support.rig import RATE_HZ, Rig, noise
from tests.support.toy_model import make_toy_model


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "in.wav"
    soundfile.write(path, noise(20_000), RATE_HZ, "FLOAT")
    return path


def _read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32")[0]


@pytest.mark.parametrize("size", [1, 48, 64, 480, 8192, 30_000])
def test_identity_lines_up_with_its_input_at_every_block_size(recording: Path, size: int) -> None:
    out = recording.with_name("out.wav")
    model = ScriptedModel(64, delay_frames=37)
    done = render_file(model, recording, out, block_size=size)
    assert done.frames == 20_000
    assert np.array_equal(_read(out), noise(20_000))


def test_without_compensation_it_is_the_stream_itself(recording: Path, tmp_path: Path) -> None:
    model = load_model(make_toy_model(tmp_path / "toy"))
    out = tmp_path / "out.wav"
    render_file(model, recording, out, block_size=96, compensate_latency=False)
    model.reset()
    rig = Rig(model, 96)
    live = rig.play(np.concatenate([noise(20_000), np.zeros(96 * 209 - 20_000, np.float32)]))
    assert np.array_equal(_read(out), live[:20_000])


def test_the_same_input_gives_the_same_output(recording: Path, tmp_path: Path) -> None:
    model = load_model(make_toy_model(tmp_path / "toy"))
    values = {index_of("variation"): 1.0, index_of("latent.1.offset"): 0.5}
    first, second = tmp_path / "first.wav", tmp_path / "second.wav"
    render_file(model, recording, first, values=values)
    model.reset()
    render_file(model, recording, second, values=values)
    assert np.array_equal(_read(first), _read(second))


def test_settings_hold_from_the_first_frame(recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    render_file(IdentityModel(64), recording, out, values={index_of("output_gain_db"): -6.0})
    assert np.allclose(_read(out), noise(20_000) * 10 ** (-6 / 20), atol=1e-6)


def test_a_stereo_file_at_another_rate_is_heard_as_its_mean(tmp_path: Path) -> None:
    time_s = np.arange(44_100) / 44_100
    left = 0.5 * np.sin(2 * np.pi * 220 * time_s)
    soundfile.write(tmp_path / "in.flac", np.stack([left, 0 * left], axis=1), 44_100)
    out = tmp_path / "out.flac"
    done = render_file(IdentityModel(64), tmp_path / "in.flac", out)
    assert done.frames == RATE_HZ
    assert np.abs(_read(out)[4000:-4000]).max() == pytest.approx(0.25, abs=0.001)


def test_failures_of_the_model_are_counted(recording: Path, tmp_path: Path) -> None:
    def spoil(hop: int, audio: np.ndarray) -> None:
        if hop == 100:
            audio.fill(np.nan)

    done = render_file(ScriptedModel(64, spoil), recording, tmp_path / "out.wav")
    assert done.repairs == 1
    assert np.isfinite(_read(tmp_path / "out.wav")).all()


@pytest.mark.parametrize(
    ("source", "destination", "kind", "words"),
    [
        ("missing.wav", "out.wav", AudioFileError, "There is no file"),
        ("in.wav", "out.mp4", AudioFileError, "must end in"),
        ("in.wav", "in.wav", UsageError, "is the input itself"),
        ("in.wav", "none/out.wav", AudioFileError, "There is no folder"),
    ],
)
def test_what_cannot_be_rendered_writes_nothing(
    recording: Path, source: str, destination: str, kind: type, words: str
) -> None:
    folder = recording.parent
    before = recording.read_bytes()
    with pytest.raises(kind, match=words):
        render_file(IdentityModel(64), folder / source, folder / destination)
    assert os.listdir(folder) == ["in.wav"]
    assert recording.read_bytes() == before
