"""Training from a folder of recordings: it learns, goes on after a stop, and names bad input."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from rtvae.errors import CorpusError, ModelError, UsageError
from rtvae.training import checkpoint, trainer
from rtvae.training.checkpoint import load_checkpoint
from rtvae.training.data import prepare
from rtvae.training.session import train
from rtvae.training.trainer import Plan, Trainer
from tests.support.small_vae import SMALL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "recordings"
    place.mkdir()
    rate, random = 44100, np.random.default_rng(2)
    for k in range(4):
        time = np.arange(8 * rate) / rate
        tone = 0.3 * np.sin(2 * np.pi * (150 + 90 * k) * time) * (np.sin(5 * time) > 0)
        sound = tone + 0.01 * random.standard_normal(time.shape[0])
        soundfile.write(place / f"{k}.wav", np.stack([sound, 0.5 * sound], 1), rate)
    return place


def _session(folder: Path, run: Path, say: Callable[[str], None], **changes: object) -> None:
    options: dict[str, object] = {
        "validation": None,
        "origin": None,
        "max_minutes": 0.05,
        "horizon_minutes": 1.0,
        "beta": 1e-3,
        "seed": 1,
        "device": "cpu",
    }
    train(folder, run, say=say, **(options | changes))  # type: ignore[arg-type]


def test_training_learns_and_goes_on_where_it_stopped(folder: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    run = tmp_path / "run"
    _session(folder, run, lines.append)
    first = load_checkpoint(run / "checkpoint.safetensors").progress
    _session(folder, run, lines.append)
    second = load_checkpoint(run / "checkpoint.safetensors").progress
    assert first["step"] > 0
    assert second["step"] > first["step"]
    assert second["minutes"] > first["minutes"]
    assert any(line.startswith("going on after") for line in lines)
    assert any("fewer than 10 minutes" in line for line in lines)
    assert (run / "best.safetensors").exists()


def test_what_is_played_back_comes_closer_to_the_recordings(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "WARM_UP_STEPS", 10)
    learn = prepare(folder, tmp_path / "cache", 48000, lambda _: None)
    run = Trainer(tmp_path, SMALL, Plan(4, 8192, 1.0, 1.0), torch.device("cpu"))
    source = torch.from_numpy(np.array(learn.samples))
    held_out = source[: 4 * 48000].reshape(2, -1)[:, : 95000 // 64 * 64].float() / 32768.0
    before, _ = run.validate(held_out)
    for _ in range(150):
        run._one_step(source)
    after, _ = run.validate(held_out)
    assert after < 0.7 * before


def test_a_stopped_run_continues_with_the_same_losses(folder: Path, tmp_path: Path) -> None:
    learn = prepare(folder, tmp_path / "cache", 48000, lambda _: None)
    source = torch.from_numpy(np.array(learn.samples))

    def fresh() -> Trainer:
        return Trainer(tmp_path, SMALL, Plan(4, 8192, 1.0, 1.0), torch.device("cpu"))

    whole = fresh()
    wanted = [float(whole._one_step(source)["mel"]) for _ in range(6)]
    stopped = fresh()
    for _ in range(3):
        stopped._one_step(source)
    stopped.save(better=False)
    resumed = fresh()
    resumed.resume(tmp_path / "checkpoint.safetensors")
    got = [float(resumed._one_step(source)["mel"]) for _ in range(3)]
    assert got == pytest.approx(wanted[3:], rel=1e-4)


def test_ctrl_c_ends_the_session_and_keeps_what_was_learned(folder: Path, tmp_path: Path) -> None:
    lines: list[str] = []

    def interrupt_at_the_start(line: str) -> None:
        lines.append(line)
        if "starting from nothing" in line:
            threading.Timer(3.0, os.kill, (os.getpid(), signal.SIGINT)).start()

    _session(folder, tmp_path / "run", interrupt_at_the_start, max_minutes=5.0)
    assert load_checkpoint(tmp_path / "run" / "checkpoint.safetensors").progress["step"] > 0
    assert lines[-1].startswith("stopped after")


def test_a_full_disk_keeps_the_last_checkpoint(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = prepare(folder, tmp_path / "cache", 48000, lambda _: None)
    run = Trainer(tmp_path, SMALL, Plan(4, 8192, 1.0, 1.0), torch.device("cpu"))
    run.save(better=True)
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    run._one_step(torch.from_numpy(np.array(learn.samples)))

    def full(tensors: object, path: Path, facts: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(ModelError, match="No space left"):
        run.save(better=False)
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def test_unusable_files_are_named_and_left_out(folder: Path, tmp_path: Path) -> None:
    (folder / "broken.wav").write_bytes(b"RIFFxxxx")
    soundfile.write(folder / "silent.wav", np.zeros(48000), 48000)
    soundfile.write(folder / "short.wav", np.full(100, 0.1), 48000)
    found = prepare(folder, tmp_path / "cache", 48000, lambda _: None)
    assert found.files == 4
    assert {
        name for s in found.left_out for name in ("broken", "silent", "short") if name in s
    } == {
        "broken",
        "silent",
        "short",
    }
    assert found.minutes == pytest.approx(32 / 60, rel=0.01)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: p / "nowhere", "There is no folder"),
        (lambda p: p, "holds no recordings"),
    ],
)
def test_a_folder_without_recordings_is_refused(
    tmp_path: Path, make: Callable[[Path], Path], words: str
) -> None:
    with pytest.raises(CorpusError, match=words):
        _session(make(tmp_path), tmp_path / "run", lambda _: None)


def test_too_little_sound_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "few"
    place.mkdir()
    soundfile.write(place / "a.wav", 0.1 * np.ones(48000), 48000)
    with pytest.raises(CorpusError, match="only 1 s of sound"):
        _session(place, tmp_path / "run", lambda _: None)


def test_only_silence_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "silence"
    place.mkdir()
    soundfile.write(place / "a.wav", np.zeros(48000), 48000)
    with pytest.raises(CorpusError, match="silent"):
        _session(place, tmp_path / "run", lambda _: None)


def test_a_device_that_is_not_there_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="auto, cpu or cuda"):
        _session(folder, tmp_path / "run", lambda _: None, device="abacus")


def test_a_foreign_origin_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "checkpoint.safetensors").write_bytes(b"junk")
    with pytest.raises(ModelError, match="not a checkpoint"):
        _session(folder, tmp_path / "run", lambda _: None, origin=tmp_path)


def test_a_step_with_a_broken_gradient_leaves_the_weights_alone(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = prepare(folder, tmp_path / "cache", 48000, lambda _: None)
    run = Trainer(tmp_path, SMALL, Plan(4, 8192, 1.0, 1.0), torch.device("cpu"))
    source = torch.from_numpy(np.array(learn.samples))
    monkeypatch.setattr(trainer, "augment", lambda clips, _: clips[:, :8192] * torch.nan)
    before = {k: v.clone() for k, v in run.model.state_dict().items()}
    run._one_step(source)
    assert all(torch.equal(v, before[k]) for k, v in run.model.state_dict().items())
