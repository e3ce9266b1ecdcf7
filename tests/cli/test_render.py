"""`rtvae render` on the command line: settings and presets reach the sound, mistakes are named."""

import argparse
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.cli import render
from rtvae.errors import AudioFileError, ModelError, PresetError, RtvaeError, UsageError
from rtvae.paths import HOME_VARIABLE
from tests.support.rig import RATE_HZ, noise
from tests.support.toy_model import make_identity_model


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    make_identity_model(tmp_path / "models" / "plain", name="plain")
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "quiet.toml").write_text(
        "format = 1\n[mix]\noutput_gain_db = -20.0\n[[latent]]\nnumber = 1\noffset = 0.5\n"
    )
    soundfile.write(tmp_path / "in.wav", noise(5000), RATE_HZ, "FLOAT")
    return tmp_path


def _render(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    render.add_parser(parser.add_subparsers())
    return render.run(parser.parse_args(["render", *arguments]))


def _out() -> np.ndarray:
    return soundfile.read("out.wav", dtype="float32")[0]


def test_a_file_is_rendered_and_the_latency_is_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _render("plain", "in.wav", "out.wav", "--block-size", "48") == 0
    assert np.array_equal(_out(), noise(5000))
    assert "latency of 48 frames (1.00 ms) taken off" in capsys.readouterr().out


def test_the_latency_can_be_left_in(home: Path) -> None:
    _render("plain", "in.wav", "out.wav", "--block-size", "48", "--no-compensate-latency")
    assert np.array_equal(_out()[48:], noise(5000)[:-48])


def test_a_preset_and_single_settings_reach_the_sound(home: Path) -> None:
    _render("plain", "in.wav", "out.wav", "--preset", "quiet", "--set", "latent.1.offset=0.25")
    expected = noise(5000)
    expected[::64] += 0.25
    assert np.allclose(_out(), 0.1 * expected, atol=1e-5)


def test_a_latent_is_set_by_what_it_is() -> None:
    attributes = ["loudness", "", "pitch"]
    by_number = render.parse_setting("latent.3.offset=0.5", attributes)
    assert render.parse_setting("latent.pitch.offset = 0.5", attributes) == by_number


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        (["nobody", "in.wav", "out.wav"], ModelError, "'nobody'; there are plain"),
        (["plain", "missing.wav", "out.wav"], AudioFileError, "There is no file missing.wav"),
        (["plain", "in.wav", "out.mp3"], AudioFileError, "must end in"),
        (["plain", "in.wav", "out.wav", "--block-size", "0"], UsageError, "from 1 to"),
        (["plain", "in.wav", "out.wav", "--set", "colour=1"], UsageError, "'colour'"),
        (["plain", "in.wav", "out.wav", "--set", "mix=2"], UsageError, "from 0 to 1"),
        (["plain", "in.wav", "out.wav", "--set", "mix=loud"], UsageError, "from 0 to 1"),
        (["plain", "in.wav", "out.wav", "--set", "mix"], UsageError, "from 0 to 1"),
        (["plain", "in.wav", "out.wav", "--set", "latent.99.offset=1"], UsageError, "the 64 it"),
        (["plain", "in.wav", "out.wav", "--set", "mod.1.to.99=1"], UsageError, "the 64 it"),
        (["plain", "in.wav", "out.wav", "--set", "latent.pitch.offset=1"], UsageError, "lists the"),
        (["in.wav", "plain", "out.wav"], UsageError, "in.wav is a sound file; the model comes"),
        (["presets/quiet.toml", "in.wav", "out.wav"], ModelError, "quiet.toml is no model; there"),
        (["", "in.wav", "out.wav"], ModelError, "There is no model ''"),
        (["plain", "in.wav", "out.wav", "--preset", "none"], PresetError, "'none'"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_written(
    home: Path, arguments: list[str], kind: type[RtvaeError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        _render(*arguments)
    assert not list(home.glob("out*"))
    assert not list(home.glob(".out*"))
