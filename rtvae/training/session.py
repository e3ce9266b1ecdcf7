"""From a folder of recordings to a trained run: check, prepare, train or go on, say how it went."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from lightning_fabric import Fabric

from rtvae.errors import CorpusError, ModelError, RtvaeError, TrainingError, UsageError
from rtvae.model.archive import extract
from rtvae.model.library import find_model
from rtvae.paths import models_dir
from rtvae.training.audition import make_audition
from rtvae.training.checkpoint import find_checkpoint, load_checkpoint
from rtvae.training.data import Recordings, held_out_words, prepare, prepared, split
from rtvae.training.distributed import lead, leave, make_fabric
from rtvae.training.presets import PRESETS
from rtvae.training.reports import reporters
from rtvae.training.schedule import Plan, usual_batch
from rtvae.training.shape import VaeConfig
from rtvae.training.trainer import Trainer

FEW_MINUTES = 10.0
LEAST_SECONDS = 20.0
PREPARED = "prepared"
CHECKPOINT = "checkpoint.safetensors"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Wishes:
    """What the command line asks of a training; None leaves it to us."""

    validation: Path | None = None
    origin: str | None = None
    preset: str | None = None
    max_minutes: float = 240.0
    horizon_minutes: float | None = None
    max_steps: int | None = None
    beta: float = 1e-3
    learning_rate: float | None = None
    seed: int = 1
    device: str = "auto"
    adversarial: bool | None = None
    tensorboard: bool = True


def train(folder: Path, run: Path, wishes: Wishes, say: Say) -> None:
    """Train in `run`, continuing what is there; each process of a training calls it.

    Raises CorpusError for unusable recordings, UsageError for a device that is not there,
    ModelError for a foreign checkpoint, TrainingError where it cannot go on.
    """
    fabric = make_fabric(wishes.device)
    say = say if fabric.is_global_zero else _nothing
    try:
        _train(fabric, folder, run, wishes, say)
    except (RtvaeError, KeyboardInterrupt):
        raise
    except RuntimeError as error:
        raise _in_a_sentence(error, fabric) from error
    leave(fabric)


def _train(fabric: Fabric, folder: Path, run: Path, wishes: Wishes, say: Say) -> None:
    mine = run / CHECKPOINT
    going_on = lead(fabric, mine.exists)
    if going_on and not mine.exists():
        raise UsageError(f"{run} is not the same folder on all machines; use a shared disk.")
    with tempfile.TemporaryDirectory() as unpacked:
        origin = None if going_on else _origin(wishes, Path(unpacked))
        config = _config(mine if going_on else origin, wishes, going_on, say)
        learn, judge = _recordings(fabric, folder, run, wishes, config.sample_rate_hz, say)
        trainer = Trainer(run, config, _plan(fabric, wishes), fabric)
        if going_on:
            trainer.resume(mine)
        elif origin is not None:
            trainer.start_from(origin)
    say(_first_words(trainer, wishes, going_on))
    audition = make_audition(run, learn, say)
    listeners = reporters(run, say, wishes.tensorboard) if fabric.is_global_zero else []
    trainer.fit(learn, judge, listeners, audition)
    say(_last_words(trainer))


def run_recordings(source: Path, folder: Path | None, say: Say) -> Recordings:
    """Return recordings to measure latents on: a folder's, else those the run was trained on.

    Raises UsageError if neither is there.
    """
    rate = VaeConfig().sample_rate_hz
    if folder is not None:
        with tempfile.TemporaryDirectory() as cache:
            found = prepare(folder, Path(cache), rate, say)
            return replace(found, samples=np.array(found.samples))
    facts = sorted((source / PREPARED).glob("*.json"), key=lambda p: p.stat().st_size)
    if not facts:
        raise UsageError(
            f"{source} keeps no prepared recordings; name some with --recordings FOLDER."
        )
    return prepared(facts[-1], rate)


def _nothing(line: str) -> None:
    """Say nothing: process 0 speaks for all."""


def _plan(fabric: Fabric, wishes: Wishes) -> Plan:
    groups, clips, frames = usual_batch(fabric.device, fabric.world_size)
    # The opponent costs more than the model itself: worth it where there is a GPU.
    adversarial = wishes.adversarial
    return Plan(
        groups=groups,
        clips_per_group=clips,
        frames=frames,
        max_minutes=wishes.max_minutes,
        horizon_minutes=wishes.horizon_minutes or wishes.max_minutes,
        max_steps=wishes.max_steps,
        learning_rate=wishes.learning_rate,
        beta=wishes.beta,
        seed=wishes.seed,
        adversarial=fabric.device.type == "cuda" if adversarial is None else adversarial,
    )


def _origin(wishes: Wishes, unpacked: Path) -> Path | None:
    """Return the checkpoint to start from; the best one of a run."""
    if wishes.origin is None:
        return None
    place = Path(wishes.origin).expanduser()
    if not _checkpoint_of(place).is_file():
        place = find_model(wishes.origin, models_dir())
    if place.suffix == ".zip":
        extract(place, unpacked)
        place = unpacked
    found = _checkpoint_of(place)
    if not found.is_file():
        raise ModelError(
            f"{wishes.origin} holds no checkpoint.safetensors to start from; give a run folder, "
            "or a model that was trained with rtvae."
        )
    return found


def _checkpoint_of(place: Path) -> Path:
    best = place / "best.safetensors"
    return best if best.is_file() else find_checkpoint(place)


def _config(start: Path | None, wishes: Wishes, going_on: bool, say: Say) -> VaeConfig:
    wanted = None if wishes.preset is None else PRESETS.get(wishes.preset)
    if wishes.preset is not None and wanted is None:
        raise UsageError(
            f"The preset {wishes.preset} is unknown; there are {', '.join(sorted(PRESETS))}."
        )
    if start is None:
        return wanted or next(iter(PRESETS.values()))
    there = load_checkpoint(start).config
    if going_on and wanted is not None and wanted != there:
        say("going on in the shape this run began with, not that of --preset")
        return there
    return wanted or there


def _recordings(
    fabric: Fabric, folder: Path, run: Path, wishes: Wishes, rate: int, say: Say
) -> tuple[Recordings, Recordings]:
    """Prepare the recordings in process 0, then map them in all."""

    def check() -> None:
        run.mkdir(parents=True, exist_ok=True)
        learn = prepare(folder, run / PREPARED, rate, say)
        if learn.minutes * 60.0 < LEAST_SECONDS:
            raise CorpusError(
                f"{folder} holds only {learn.minutes * 60:.0f} s of sound; "
                f"record at least {LEAST_SECONDS:.0f} s, better 10 minutes."
            )
        if learn.minutes < FEW_MINUTES and wishes.origin is None:
            say(f"fewer than {FEW_MINUTES:.0f} minutes: expect a narrow model, or use --from")
        if wishes.validation is not None:
            prepare(wishes.validation, run / PREPARED, rate, say)
        else:
            learn, judge = split(learn)
            say(held_out_words(judge, learn))

    lead(fabric, check)
    found = prepare(folder, run / PREPARED, rate, _nothing)
    if wishes.validation is not None:
        return found, prepare(wishes.validation, run / PREPARED, rate, _nothing)
    return split(found)


def _first_words(trainer: Trainer, wishes: Wishes, going_on: bool) -> str:
    where, at = trainer.run, trainer.progress
    many = trainer.fabric.world_size
    shared = f" on {many} processes" if many > 1 else ""
    if going_on:
        return f"going on after {at.minutes:.1f} min, step {at.step}, in {where}{shared}"
    if wishes.origin is not None:
        return f"starting from {wishes.origin}, in {where}{shared}"
    return f"starting from nothing, in {where}{shared}"


def _last_words(trainer: Trainer) -> str:
    run = trainer.run
    return (
        f"stopped after {trainer.progress.minutes:.1f} min; listen with: rtvae play {run}; "
        f"export with: rtvae export {run} models/NAME"
    )


def _in_a_sentence(error: RuntimeError, fabric: Fabric) -> Exception:
    """Return what a person can do about it, or the fault itself where nobody knows."""
    if "out of memory" in str(error):
        return TrainingError(
            "The GPU's memory is full; end other programs that use it, or use --device cpu."
        )
    if fabric.world_size > 1:
        return TrainingError(
            "Another process of this training has stopped; give the same command again: it goes "
            "on from the last checkpoint."
        )
    return error
