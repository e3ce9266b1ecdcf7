"""The training loop: it learns, repeats itself exactly after a stop, and survives bad numbers."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor

from rtvae.errors import ModelError, TrainingError
from rtvae.model.library import DEFAULT_MODEL
from rtvae.paths import models_dir
from rtvae.training import batches, checkpoint, schedule, trainer
from rtvae.training.checkpoint import load_checkpoint
from rtvae.training.data import Recordings, prepare, split
from rtvae.training.distributed import HalfInside, make_fabric
from rtvae.training.held_out import held_out_clips, judge
from rtvae.training.report import Report
from rtvae.training.schedule import Plan
from rtvae.training.trainer import Trainer
from tests.support.small_vae import SMALL

PLAN = Plan(groups=1, clips_per_group=4, frames=8192, max_minutes=1.0, horizon_minutes=1.0)
COUNTED = Plan(1, 4, 8192, 1.0, 1.0, max_steps=6)
ADVERSARIAL = Plan(1, 4, 8192, 1.0, 1.0, max_steps=6, adversarial=True)


class Notes:
    """A reporter that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[Report] = []

    def report(self, report: Report) -> None:
        self.heard.append(report)

    def close(self) -> None:
        pass


@pytest.fixture
def sound(tones: Path, tmp_path: Path) -> Recordings:
    return prepare(tones, tmp_path / "cache", 48000, lambda _: None)


def _trainer(run: Path, plan: Plan = PLAN, fabric: Fabric | None = None) -> Trainer:
    return Trainer(run, SMALL, plan, fabric or make_fabric("cpu", {}))


def _steps(run: Trainer, sound: Recordings, many: int) -> list[dict[str, float]]:
    source = run.batches(sound)
    found = []
    for _ in range(many):
        found.append({name: float(value) for name, value in run.one_step(source).items()})
    return found


def test_what_is_played_back_comes_closer_to_the_recordings(
    sound: Recordings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "RISE_STEPS", 10)
    run = _trainer(tmp_path)
    clips = held_out_clips(sound.samples, 48000, SMALL.hop_frames)[:4]
    before = judge(run.mean.model, clips, torch.device("cpu"))
    _steps(run, sound, 150)
    after = judge(run.mean.model, clips, torch.device("cpu"))
    assert after.distance_db < 0.7 * before.distance_db


@pytest.mark.parametrize("plan", [COUNTED, ADVERSARIAL])
def test_a_stopped_run_goes_on_with_exactly_the_same_losses(
    sound: Recordings, tmp_path: Path, plan: Plan
) -> None:
    def fit(run: Path, stop_after: int) -> list[dict[str, float]]:
        run.mkdir(exist_ok=True)
        one, notes = _trainer(run, plan), Notes()
        if (run / "checkpoint.safetensors").exists():
            one.resume(run / "checkpoint.safetensors")

        class Killed(Exception):
            pass

        class Killer(Notes):
            def report(self, report: Report) -> None:
                if report.step == stop_after:
                    raise Killed

        try:
            one.fit(*split(sound), [notes, Killer()])
        except Killed:
            pass
        return [{**r.losses, "held_out": r.held_out_db} for r in notes.heard]

    whole = fit(tmp_path / "whole", 99)
    assert len(whole) == 6
    for stop_after in (2, 5):
        pieces = fit(tmp_path / f"pieces{stop_after}", stop_after)
        pieces += fit(tmp_path / f"pieces{stop_after}", 99)
        assert pieces == whole


def test_in_the_second_phase_an_opponent_objects_and_the_encoder_stays(
    sound: Recordings, tmp_path: Path
) -> None:
    run, notes = _trainer(tmp_path, ADVERSARIAL), Notes()
    run.fit(*split(sound), [notes])
    phases = [report.phase for report in notes.heard]
    first = phases.index("adversarial")
    assert 1 < first < 6
    assert phases == ["spectra"] * first + ["adversarial"] * (6 - first)
    assert "opponent" not in notes.heard[first - 1].losses
    assert notes.heard[first].losses["opponent"] > 0
    assert notes.heard[first + 1].losses["features"] > 0
    kept = {k: v.clone() for k, v in run.model.encoder.state_dict().items()}
    moved = {k: v.clone() for k, v in run.model.decoder.state_dict().items()}
    _steps(run, sound, 2)
    assert all(torch.equal(v, kept[k]) for k, v in run.model.encoder.state_dict().items())
    assert any(not torch.equal(v, moved[k]) for k, v in run.model.decoder.state_dict().items())


def test_an_older_checkpoint_goes_on(sound: Recordings, tmp_path: Path) -> None:
    run = _trainer(tmp_path)
    _steps(run, sound, 2)
    run.save(better=False)
    saved = load_checkpoint(tmp_path / "checkpoint.safetensors")
    saved.progress = {"step": 2, "minutes": 0.5, "best_db": 7.0, "random": {"state": 1}}
    checkpoint.save_checkpoint(tmp_path / "checkpoint.safetensors", saved)
    again = _trainer(tmp_path)
    again.resume(tmp_path / "checkpoint.safetensors")
    assert again.progress.step == 2
    assert again.progress.best_db == 7.0
    assert _steps(again, sound, 1) == _steps(run, sound, 1)


def test_given_weights_are_what_the_running_mean_begins_with(
    sound: Recordings, tmp_path: Path
) -> None:
    run = _trainer(tmp_path)
    _steps(run, sound, 3)
    run.save(better=True)
    fine = _trainer(tmp_path)
    fine.start_from(tmp_path / "best.safetensors")
    clips = held_out_clips(sound.samples, 48000, SMALL.hop_frames)[:2]
    device = torch.device("cpu")
    wanted = judge(run.mean.model, clips, device).distance_db
    assert judge(fine.mean.model, clips, device).distance_db == wanted
    _steps(fine, sound, 1)
    assert judge(fine.mean.model, clips, device).distance_db == pytest.approx(wanted, abs=0.01)


def test_new_weights_are_not_at_their_best_before_they_learn(
    sound: Recordings, tmp_path: Path
) -> None:
    _trainer(tmp_path).save(better=True)
    for latents in (SMALL.latents, SMALL.latents + 2):
        run, notes = tmp_path / str(latents), Notes()
        run.mkdir()
        fine = Trainer(run, replace(SMALL, latents=latents), COUNTED, make_fabric("cpu", {}))
        fine.start_from(tmp_path / "best.safetensors")
        fine.fit(*split(sound), [notes])
        grown = latents > SMALL.latents
        assert notes.heard[0].better != grown
        assert any(report.better for report in notes.heard)
        assert math.isfinite(notes.heard[0].best_db)


def test_half_precision_finds_the_same_losses(sound: Recordings, tmp_path: Path) -> None:
    start = models_dir() / DEFAULT_MODEL / "checkpoint.safetensors"

    def first_step(fabric: Fabric) -> dict[str, float]:
        run = Trainer(tmp_path, load_checkpoint(start).config, PLAN, fabric)
        run.start_from(start)
        return _steps(run, sound, 1)[0]

    half = first_step(Fabric(accelerator="cpu", devices=1, plugins=[HalfInside("cpu")]))
    full = first_step(make_fabric("cpu", {}))
    assert half != full
    assert half == pytest.approx(full, rel=0.02)


def test_a_full_disk_keeps_the_last_checkpoint(
    sound: Recordings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _trainer(tmp_path)
    run.save(better=True)
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    _steps(run, sound, 1)

    def full(tensors: object, path: Path, facts: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(ModelError, match="No space left"):
        run.save(better=False)
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def _broken(clips: Tensor, *others: object) -> Tensor:
    return clips[:, :8192] * torch.nan


def test_a_step_with_a_broken_gradient_leaves_the_weights_alone(
    sound: Recordings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _trainer(tmp_path)
    _steps(run, sound, 1)
    before = {k: v.clone() for k, v in run.model.state_dict().items()}
    with monkeypatch.context() as during:
        during.setattr(batches, "augment", _broken)
        assert math.isnan(_steps(run, sound, 1)[0]["mel"])
    assert all(torch.equal(v, before[k]) for k, v in run.model.state_dict().items())
    _steps(run, sound, 1)
    assert any(not torch.equal(v, before[k]) for k, v in run.model.state_dict().items())


def test_losses_that_stay_broken_end_the_run_with_a_sentence(
    sound: Recordings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "augment", _broken)
    monkeypatch.setattr(trainer, "MOST_LOST_STEPS", 3)
    notes = Notes()
    with pytest.raises(TrainingError, match="not numbers"):
        _trainer(tmp_path, COUNTED).fit(*split(sound), [notes])
    assert [report.step for report in notes.heard] == [1, 2]
    assert [report.losses["skipped_steps"] for report in notes.heard] == [1.0, 1.0]
