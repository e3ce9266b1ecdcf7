"""`rtvae survey` on the command line: a model gets its map, mistakes are named."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.cli import survey
from rtvae.errors import CorpusError, UsageError
from rtvae.model.card import read_card
from rtvae.model.load import load_model
from rtvae.paths import HOME_VARIABLE
from tests.support.playing import PROJECT
from tests.support.rig import RATE_HZ, noise
from tests.support.toy_model import make_stateless_model, make_toy_model


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    make_toy_model(tmp_path / "models" / "toy")
    random = np.random.default_rng(0)
    for name, level in (("soft", 0.05), ("loud", 0.3)):
        for take in range(2):
            path = tmp_path / "corpus" / name / f"{take}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            steps = random.uniform(0.5, 1.0, 40)
            swell = np.interp(np.arange(8 * RATE_HZ), np.arange(40) * 9600, steps)
            sound = level * swell * random.uniform(-1.0, 1.0, 8 * RATE_HZ)
            soundfile.write(path, sound.astype(np.float32), RATE_HZ)
    return tmp_path


def _survey(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    survey.add_parser(parser.add_subparsers())
    return survey.run(parser.parse_args(["survey", *arguments]))


def test_a_model_gets_a_map_of_its_recordings(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = read_card(home / "models" / "toy")
    assert _survey("toy", "corpus") == 0
    said = capsys.readouterr().out
    assert "a map of" in said and "named in its card" in said
    loaded = load_model(home / "models" / "toy")
    assert loaded.space is not None
    assert set(loaded.space.chart.labels) == {"loud", "soft"}
    assert {**before.files, "space.npz": loaded.card.files["space.npz"]} == loaded.card.files


def test_too_little_sound_is_told_and_leaves_the_model_as_it_was(home: Path) -> None:
    few = home / "few"
    few.mkdir()
    soundfile.write(few / "a.wav", noise(RATE_HZ), RATE_HZ)
    with pytest.raises(CorpusError, match="too little sound in few"):
        _survey("toy", "few")
    assert "space.npz" not in read_card(home / "models" / "toy").files


def test_what_cannot_be_surveyed_is_named(home: Path) -> None:
    make_stateless_model(home / "models" / "window")
    with pytest.raises(UsageError, match="has no latents"):
        _survey("window", "corpus")
    shutil.make_archive(str(home / "packed"), "zip", home / "models", "toy")
    with pytest.raises(UsageError, match="unzip the model"):
        _survey("packed.zip", "corpus")
    with pytest.raises(UsageError, match=r"--minutes 0\.1 is not"):
        _survey("toy", "corpus", "--minutes", "0.1")


def test_it_needs_nothing_of_the_training_extra() -> None:
    code = (
        "import sys, rtvae.cli.survey, rtvae.training.survey, rtvae.training.data\n"
        "print([m for m in ('torch', 'safetensors', 'lightning_fabric') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
