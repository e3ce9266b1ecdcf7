"""From a folder of recordings to a trained run: check, prepare, train or go on, say how it went."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from rtvae.errors import CorpusError, UsageError
from rtvae.training.checkpoint import find_checkpoint, load_checkpoint
from rtvae.training.data import Recordings, prepare, prepared
from rtvae.training.trainer import Plan, Trainer
from rtvae.training.vae import VaeConfig

FEW_MINUTES = 10.0
HELD_OUT_SHARE = 0.05
LEAST_SECONDS = 20.0
PREPARED = "prepared"


def train(
    folder: Path,
    run: Path,
    *,
    validation: Path | None,
    origin: Path | None,
    max_minutes: float,
    horizon_minutes: float,
    beta: float,
    seed: int,
    device: str,
    say: Callable[[str], None],
) -> None:
    """Train in `run`, continuing what is there.

    Raises CorpusError for unusable recordings, UsageError for a device that is not there,
    ModelError for a foreign checkpoint.
    """
    place = _device(device)
    config = VaeConfig()
    mine = run / "checkpoint.safetensors"
    if mine.exists():
        config = load_checkpoint(mine).config
    elif origin is not None:
        config = load_checkpoint(find_checkpoint(origin)).config
    run.mkdir(parents=True, exist_ok=True)
    learn, judge = _recordings(folder, validation, run / PREPARED, config.sample_rate_hz, say)
    if place.type == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
    plan = Plan.for_device(place, max_minutes, horizon_minutes)
    trainer = Trainer(run, config, replace(plan, beta=beta, seed=seed), place)
    if mine.exists():
        trainer.resume(mine)
        say(f"going on after {trainer.minutes:.1f} min, step {trainer.step}, in {run}")
    elif origin is not None:
        trainer.start_from(find_checkpoint(origin))
        say(f"starting from {origin}, in {run}")
    else:
        say(f"starting from nothing, in {run}")
    trainer.fit(learn, judge, say)
    say(f"stopped after {trainer.minutes:.1f} min; export with: rtvae export {run} models/NAME")


def run_recordings(source: Path, folder: Path | None, say: Callable[[str], None]) -> Recordings:
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


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise UsageError("There is no CUDA device here; use --device cpu or leave it out.")
    if name not in ("cpu", "cuda"):
        raise UsageError(f"The device {name} is unknown; use auto, cpu or cuda.")
    return torch.device(name)


def _recordings(
    folder: Path, validation: Path | None, cache: Path, rate: int, say: Callable[[str], None]
) -> tuple[Recordings, Recordings]:
    learn = prepare(folder, cache, rate, say)
    for sentence in learn.left_out[:10]:
        say(f"left out: {sentence}")
    say(f"{learn.files} recordings, {learn.minutes:.1f} minutes")
    if learn.minutes * 60.0 < LEAST_SECONDS:
        raise CorpusError(
            f"{folder} holds only {learn.minutes * 60:.0f} s of sound; "
            f"record at least {LEAST_SECONDS:.0f} s, better 10 minutes."
        )
    if learn.minutes < FEW_MINUTES:
        say(f"fewer than {FEW_MINUTES:.0f} minutes: expect a narrow model, or use --from")
    if validation is not None:
        return learn, prepare(validation, cache, rate, say)
    cut = int(learn.samples.shape[0] * (1 - HELD_OUT_SHARE))
    return replace(learn, samples=learn.samples[:cut]), replace(learn, samples=learn.samples[cut:])
