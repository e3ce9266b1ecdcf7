"""Half a minute of tones, and runs over it that take seconds."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch

from rtvae.training.checkpoint import Checkpoint, save_checkpoint
from rtvae.training.vae import Vae
from tests.support.small_vae import SMALL

RATE_HZ = 44100


def write_tones(place: Path) -> Path:
    """Write four stereo files of 8 s, tones that beat in a little noise."""
    place.mkdir()
    random = np.random.default_rng(2)
    for k in range(4):
        time = np.arange(8 * RATE_HZ) / RATE_HZ
        tone = 0.3 * np.sin(2 * np.pi * (150 + 90 * k) * time) * (np.sin(5 * time) > 0)
        sound = tone + 0.01 * random.standard_normal(time.shape[0])
        soundfile.write(place / f"{k}.wav", np.stack([sound, 0.5 * sound], 1), RATE_HZ)
    return place


def write_small_start(path: Path) -> Path:
    """Write the checkpoint of a small untrained model, for `--from`."""
    torch.manual_seed(3)
    save_checkpoint(path, Checkpoint(SMALL, Vae(SMALL).state_dict(), {}, {}))
    return path


def curve(run: Path) -> dict[int, dict[str, Any]]:
    """Return what a run's log says, by step."""
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return {line["step"]: line for line in lines}


def losses(run: Path) -> dict[int, list[float]]:
    """Return what of the log does not hang on the clock, by step."""
    timed = {"minutes", "examples_per_second", "steps_per_second", "minutes_left", "step"}
    return {
        step: [v for k, v in line.items() if k not in timed and isinstance(v, int | float)]
        for step, line in curve(run).items()
    }
