"""`rtvae evaluate` measures a model on a folder: a table, JSON, a report."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from rtvae.cli import main
from rtvae.dsp.distance import log_mel_distance_db
from rtvae.evaluation import pitch
from tests.support.tones import RATE_HZ, steady
from tests.support.toy_model import make_identity_model, make_stateless_model, make_toy_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random = np.random.default_rng(4)
    for name in ("voice/a.wav", "voice/b.flac", "drum/c.wav"):
        path = tmp_path / "sounds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.1 * random.standard_normal(24000), 48000)
    return tmp_path / "sounds"


@pytest.fixture
def tones(tmp_path: Path) -> Path:
    (tmp_path / "tones").mkdir()
    for hz in (220.0, 440.0):
        soundfile.write(tmp_path / "tones" / f"{hz:.0f}.wav", steady(hz, 1.0), RATE_HZ)
    return tmp_path / "tones"


def as_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert main(["evaluate", *map(str, arguments), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_perfect_model_is_zero_decibels_away(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = as_json(capsys, make_identity_model(tmp_path / "same", hop=64), folder)
    assert [row["file"] for row in found["files"]] == ["drum/c.wav", "voice/a.wav", "voice/b.flac"]
    assert set(found["log_mel_db_by_folder"]) == {"drum", "voice"}
    assert found["log_mel_db"] == pytest.approx(0.0, abs=1e-3)
    assert all(abs(row["level_db"]) < 0.01 for row in found["files"])
    assert found["furthest"] in {row["file"] for row in found["files"]}


def test_the_json_holds_every_figure_of_files_folders_and_latents(
    folder: Path, tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tones / "broken.wav").write_text("no")
    found = as_json(capsys, make_toy_model(tmp_path / "toy"), tones)
    row = found["files"][0]
    assert row["pitch"]["voiced_frames"] > 90
    for part, keys in {
        "stft": {"convergence", "log_magnitude"},
        "waveform": {"correlation", "si_sdr_db", "reason"},
        "loudness": {"error_db", "correlation"},
        "onsets": {"onsets", "recall", "precision", "delay_ms", "delay_frames"},
        "pitch": {"voiced_frames", "kept_share", "error_cents", "bias_cents", "folded_cents"}
        | {"gross_share"},
    }.items():
        assert set(row[part]) == keys
        assert {f"{part}.{key}" for key in keys} - {"waveform.reason"} <= set(found["means"])
    latents = found["latents"]
    assert latents["dimensions"] == len(latents["nats"]) == len(latents["names"]) == 4
    assert np.shape(latents["correlation"]) == (4, 4)
    assert set(latents["attributes"]) == {"loudness", "brightness", "pitch"}
    assert found["means_by_folder"]["."]["log_mel_db"] == found["log_mel_db"]
    assert found["pitch"]["voiced_frames"] > row["pitch"]["voiced_frames"]
    assert any("broken.wav" in sentence for sentence in found["skipped"])


def test_the_table_names_every_file_and_the_mean(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.wav").write_bytes(b"RIFF....")
    (folder / "[bold]odd name.wav").write_bytes((folder / "drum/c.wav").read_bytes())
    model = make_identity_model(tmp_path / "same", hop=64)
    assert main(["evaluate", str(model), str(folder)]) == 0
    printed = capsys.readouterr()
    assert "dB at most" in printed.out
    for word in ("drum/c.wav", "voice/b.flac", "[bold]odd name.wav", "mean of voice", "mean"):
        assert word in printed.out
    assert "left out" in printed.err
    assert "broken.wav" in printed.err


def test_a_name_that_cannot_be_printed_is_left_out_in_words(
    tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.rename(tones / "220.wav", os.fsencode(tones) + b"/odd \xff.wav")
    model = make_identity_model(tmp_path / "same", hop=64)
    assert main(["evaluate", str(model), str(tones)]) == 0
    printed = capsys.readouterr()
    assert "440.wav" in printed.out
    assert "odd" not in printed.out
    assert "rename it" in printed.err


def test_a_model_without_latents_is_measured_too(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = as_json(capsys, make_stateless_model(tmp_path / "window"), folder)
    assert found["log_mel_db"] < 0.1
    assert found["latents"]["dimensions"] == 0


def test_an_empty_folder_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = make_identity_model(tmp_path / "same", hop=64)
    (tmp_path / "empty").mkdir()
    assert main(["evaluate", str(model), str(tmp_path / "empty")]) != 0
    assert "holds no recordings" in capsys.readouterr().err


def test_without_the_pitch_tracker_it_says_what_to_install_and_goes_on(
    tones: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pitch, "find_spec", lambda name: None)
    model = make_identity_model(tmp_path / "same", hop=64)
    assert main(["evaluate", str(model), str(tones)]) == 0
    printed = capsys.readouterr()
    assert printed.err.count(".[evaluate]") == 1
    assert "cents" not in printed.out
    found = as_json(capsys, model, tones)
    assert found["pitch"] is None
    assert all(row["pitch"] is None for row in found["files"])


def test_transfer_prints_its_bars(
    tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    same = make_identity_model(tmp_path / "same", hop=64)
    arguments = [same, tones, "--transfer", "--target", tones]
    bars = {bar["name"]: bar for bar in as_json(capsys, *arguments)["transfer"]["bars"]}
    assert bars["median pitch error under 50 cents"]["met"] is True
    assert bars["timbre nearer to the target than the input"]["met"] is False
    assert main(["evaluate", *map(str, arguments)]) == 0
    printed = capsys.readouterr().out
    assert "pass" in printed
    assert "FAIL" in printed


def test_knobs_are_measured_for_latents_named_after_attributes(
    tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert as_json(capsys, make_toy_model(tmp_path / "toy"), tones, "--knobs")["knobs"] == []
    assert main(["evaluate", str(tmp_path / "toy"), str(tones), "--knobs"]) == 0
    assert "No latent of this model is named after an attribute" in capsys.readouterr().out


def test_html_is_written_beside_the_table(
    tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_identity_model(tmp_path / "same", hop=64)
    page = tmp_path / "report.html"
    assert main(["evaluate", str(model), str(tones), "--html", str(page)]) == 0
    assert page.read_text(encoding="utf-8").count("<audio") == 4
    assert "220.wav" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        (["--target", "."], "--transfer"),
        (["--seconds", "0"], "above 0"),
        (["--seconds", "nan"], "above 0"),
        (["--html", "none/report.html"], "There is no folder"),
        (["--html", "."], "is a folder"),
    ],
)
def test_what_cannot_be_done_is_said_before_the_work(
    wrong: list[str], cause: str, tones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "no model of that name", str(tones), *wrong]) != 0
    assert cause in capsys.readouterr().err


def test_the_distance_knows_level_silence_and_noise() -> None:
    random = np.random.default_rng(0)
    noise = (0.1 * random.standard_normal(96000)).astype(np.float32)
    other = (0.1 * random.standard_normal(96000)).astype(np.float32)
    assert log_mel_distance_db(noise, noise, 48000) == 0.0
    assert log_mel_distance_db(noise, 0.5 * noise, 48000) == pytest.approx(6.02, abs=0.01)
    assert 1.0 < log_mel_distance_db(noise, other, 48000) < 4.0
    silence = np.zeros(96000, np.float32)
    assert log_mel_distance_db(silence, 1e-9 * noise, 48000) == 0.0
