"""Survey: a model listens to its training set and keeps where in its latents it is at home.

What it finds is `space.npz` (see model/space.py): the statistics that the leash holds latents by,
the map to steer by, the learned prior. `rtvae export` makes it, `rtvae survey` adds it to a model.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from rtvae.errors import ModelError
from rtvae.model.card import CARD_FILE, format_card
from rtvae.model.files import sha256_of
from rtvae.model.live import LiveModel
from rtvae.model.space import SPACE_FILE, Chart, Space, Walk, write_space
from rtvae.spec import ModelCard
from rtvae.training.charting import draw
from rtvae.training.data import Recordings
from rtvae.training.heard import Heard, listen
from rtvae.training.wandering import GRID_MS, cut, measure_walk

MINUTES = 20.0
LOOSENED = 0.3
"""How far correlations count for less than they are: two latents that always moved together may
be played apart, as the pitch and the pitch heard of a voice are."""

WITHIN_PERCENT = 99.9
ENDS_PERCENT = (0.1, 99.9)


def survey(
    live: LiveModel, recordings: Recordings, say: Callable[[str], None], minutes: float = MINUTES
) -> Space | None:
    """Return what at most so many minutes of the recordings show; None if they are too few.

    Says what it does. Leaves the model reset. The same recordings give the same space.
    """
    heard = listen(live, recordings, minutes)
    hop_ms = 1e3 * live.hop_frames / recordings.sample_rate_hz
    grid = max(2, round(GRID_MS / hop_ms))
    cells = cut(heard, grid)
    loudness, pitch = (_latents(live, attribute) for attribute in ("loudness", "pitch"))
    walk = measure_walk(cells, heard, grid, pitch)
    chart = draw(heard, cells, grid, loudness)
    if walk is None or chart is None:
        return None
    say(
        f"surveyed {heard.rows.shape[0] * hop_ms / 60e3:.1f} minutes: a map of "
        f"{len(chart.labels)} points, a prior of {walk.state_means.shape[0]} places"
    )
    return _space(heard, chart, walk)


def _latents(live: LiveModel, attribute: str) -> list[int]:
    return [k for k, latent in enumerate(live.card.latents) if latent.attribute == attribute]


def _space(heard: Heard, chart: Chart, walk: Walk) -> Space:
    rows = heard.rows[heard.loud].astype(np.float64)
    mean, deviation = rows.mean(0), rows.std(0) + 1e-6
    correlation = (rows - mean).T @ (rows - mean) / rows.shape[0] / np.outer(deviation, deviation)
    correlation = (1.0 - LOOSENED) * correlation + LOOSENED * np.eye(mean.shape[0])
    whiten = np.linalg.inv(np.linalg.cholesky(correlation)) / deviation
    away = np.linalg.norm((rows - mean) @ whiten.T, axis=1)
    least, most = np.percentile(rows, ENDS_PERCENT, axis=0)
    return Space(
        mean=mean.astype(np.float32),
        deviation=deviation.astype(np.float32),
        least=least.astype(np.float32),
        most=np.maximum(most, least + 1e-3).astype(np.float32),
        whiten=whiten.astype(np.float32),
        radius=float(np.float32(np.percentile(away, WITHIN_PERCENT))),
        chart=chart,
        walk=walk,
    )


def add_space(folder: Path, card: ModelCard, space: Space) -> ModelCard:
    """Put `space.npz` into a model folder and into its card; return the new card.

    Stopped at any point, it leaves a whole model, with its space or without. Raises ModelError
    where the folder cannot be written.
    """
    files = {name: digest for name, digest in card.files.items() if name != SPACE_FILE}
    draft = folder / f".{SPACE_FILE[:-4]}-new.npz"
    try:
        write_space(draft, space)
        if SPACE_FILE in card.files:
            _write_card(folder, replace(card, files=files))
        digest = sha256_of(draft)
        os.replace(draft, folder / SPACE_FILE)
        card = replace(card, files=dict(sorted({**files, SPACE_FILE: digest}.items())))
        _write_card(folder, card)
    except OSError as error:
        raise ModelError(
            f"The model folder {folder} cannot be written ({error.strerror}); copy the model to a "
            "folder of your own and survey that."
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return card


def _write_card(folder: Path, card: ModelCard) -> None:
    draft = folder / f".{CARD_FILE}-new"
    draft.write_text(format_card(card), encoding="utf-8")
    os.replace(draft, folder / CARD_FILE)
