"""How faithful a model is: what comes out against what went in, one recording after another."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from rtvae.dsp.distance import log_mel_distance_db
from rtvae.model.live import Floats, LiveModel
from rtvae.model.offline import play


@dataclass(frozen=True)
class Row:
    """One recording: log-mel distance and the difference of level, output against input."""

    file: str
    seconds: float
    log_mel_db: float
    level_db: float


def measure(model: LiveModel, sound: Floats, name: str) -> Row:
    """Play one recording through the model and compare, aligned by the model's delay."""
    played = play(model, sound)[model.delay_frames :]
    wanted = sound[: played.shape[0]]
    rate = model.card.sample_rate_hz
    return Row(
        name,
        sound.shape[0] / rate,
        log_mel_distance_db(wanted, played, rate),
        20.0 * float(np.log10((_rms(played) + 1e-9) / (_rms(wanted) + 1e-9))),
    )


def group_means(rows: list[Row]) -> dict[str, Any]:
    """Return the mean distance of each subfolder, and over all files."""
    groups: dict[str, list[float]] = {}
    for row in rows:
        groups.setdefault(str(PurePath(row.file).parent), []).append(row.log_mel_db)
    return {
        "log_mel_db_by_folder": {k: float(np.mean(v)) for k, v in groups.items()},
        "log_mel_db": float(np.mean([row.log_mel_db for row in rows])),
    }


def _rms(sound: Floats) -> float:
    return float(np.sqrt(np.mean(sound.astype(np.float64) ** 2)))
