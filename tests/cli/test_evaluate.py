"""`rtvae evaluate` states how far output and input are apart, file by file."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.cli import main
from rtvae.dsp.distance import log_mel_distance_db
from tests.support.toy_model import make_identity_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random = np.random.default_rng(4)
    for name in ("voice/a.wav", "voice/b.flac", "drum/c.wav"):
        path = tmp_path / "sounds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.1 * random.standard_normal(24000), 48000)
    return tmp_path / "sounds"


def test_a_perfect_model_is_zero_decibels_away(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_identity_model(tmp_path / "same", hop=64)
    assert main(["evaluate", str(model), str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["file"] for row in found["files"]] == ["drum/c.wav", "voice/a.wav", "voice/b.flac"]
    assert set(found["log_mel_db_by_folder"]) == {"drum", "voice"}
    assert found["log_mel_db"] == pytest.approx(0.0, abs=1e-3)
    assert all(abs(row["level_db"]) < 0.01 for row in found["files"])


def test_the_table_names_every_file_and_the_mean(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.wav").write_bytes(b"RIFF....")
    model = make_identity_model(tmp_path / "same", hop=64)
    assert main(["evaluate", str(model), str(folder)]) == 0
    printed = capsys.readouterr()
    for word in ("drum/c.wav", "voice/b.flac", "mean of voice", "mean"):
        assert word in printed.out
    assert "left out" in printed.err
    assert "broken.wav" in printed.err


def test_an_empty_folder_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = make_identity_model(tmp_path / "same", hop=64)
    (tmp_path / "empty").mkdir()
    assert main(["evaluate", str(model), str(tmp_path / "empty")]) != 0
    assert "holds no recordings" in capsys.readouterr().err


def test_the_distance_knows_level_silence_and_noise() -> None:
    random = np.random.default_rng(0)
    noise = (0.1 * random.standard_normal(96000)).astype(np.float32)
    other = (0.1 * random.standard_normal(96000)).astype(np.float32)
    assert log_mel_distance_db(noise, noise, 48000) == 0.0
    assert log_mel_distance_db(noise, 0.5 * noise, 48000) == pytest.approx(6.02, abs=0.01)
    assert 1.0 < log_mel_distance_db(noise, other, 48000) < 4.0
    silence = np.zeros(96000, np.float32)
    assert log_mel_distance_db(silence, 1e-9 * noise, 48000) == 0.0
