"""The survey: what a model heard becomes statistics, a map and a prior, and lies in its folder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rtvae.errors import ModelError
from rtvae.model.admit import admit
from rtvae.model.card import read_card
from rtvae.model.identity import IdentityModel
from rtvae.model.load import load_model
from rtvae.model.prior import Prior
from rtvae.model.space import SPACE_FILE, Space, read_space
from rtvae.training.charting import lay_out
from rtvae.training.data import Recordings
from rtvae.training.heard import label_of, listen
from rtvae.training.survey import add_space, survey
from tests.support.toy_model import make_toy_model

RATE_HZ, LATENTS = 48_000, 6


def recordings(seconds: int = 40) -> Recordings:
    """Two kinds of hum, told apart by the latents of an identity: one low, one high; and silence.

    With 6 latents at a hop of 64 the latents are the hop's first frames.
    """
    time = np.arange(seconds * RATE_HZ // 4) / RATE_HZ
    random = np.random.default_rng(0)
    parts = []
    for level in (0.3, 0.6, 0.3, 0.6):
        slow = np.interp(time, np.arange(0, seconds, 0.1), random.normal(level, 0.05, seconds * 10))
        parts.append(slow + 0.02 * np.sin(2 * np.pi * 400 * time))
    sound = np.concatenate(parts)
    sound[: RATE_HZ * 2] = 0.0
    length = parts[0].shape[0]
    return Recordings(
        (sound * 32767).astype(np.int16),
        RATE_HZ,
        4,
        (),
        ("low/a.wav", "high/b.wav", "low/c.wav", "high/d.wav"),
        tuple(k * length for k in range(4)),
        sound.shape[0],
    )


@pytest.fixture(scope="module")
def space() -> Space:
    said: list[str] = []
    found = survey(IdentityModel(64, LATENTS), recordings(), said.append)
    assert found is not None
    assert "a map of" in said[0]
    return found


def test_the_statistics_are_those_of_what_was_heard_without_its_silence(space: Space) -> None:
    heard = listen(IdentityModel(64, LATENTS), recordings(), 20.0)
    rows = heard.rows[heard.loud]
    assert 0.9 < heard.loud.mean() < 1.0
    np.testing.assert_allclose(space.mean, rows.mean(0), atol=1e-3)
    np.testing.assert_allclose(space.deviation, rows.std(0), rtol=1e-3)
    away = np.linalg.norm((rows - space.mean) @ space.whiten.T, axis=1)
    assert np.mean(away <= space.radius) == pytest.approx(0.999, abs=2e-4)
    far = space.mean + 30 * space.deviation
    assert np.linalg.norm(space.whiten @ (far - space.mean)) > 2 * space.radius


def test_the_map_is_full_and_neighbours_sound_alike(space: Space) -> None:
    chart = space.chart
    assert set(chart.labels) == {"low", "high"}
    for axis in chart.places.T:
        steps = np.diff(np.sort(axis))
        np.testing.assert_allclose(steps, steps.mean(), rtol=1e-3)
    away = np.linalg.norm(chart.places[:, None] - chart.places[None], axis=2)
    np.fill_diagonal(away, np.inf)
    neighbours = np.argsort(away, axis=1)[:, :4]
    latents = chart.latents[:, None] - chart.latents[None]
    distance = np.linalg.norm(latents, axis=2)
    near = np.take_along_axis(distance, neighbours, axis=1).mean()
    assert near < 0.4 * distance.mean()
    same = [chart.labels[k] == chart.labels[j] for k, row in enumerate(neighbours) for j in row]
    assert np.mean(same) > 0.9


def test_what_the_prior_makes_has_the_statistics_of_what_was_heard(space: Space) -> None:
    rows = np.empty((60_000, LATENTS), np.float32)
    Prior(space).fill(rows, pace=4.0)
    np.testing.assert_allclose(rows.mean(0), space.mean, atol=0.5 * space.deviation.max())
    np.testing.assert_allclose(rows.std(0) / space.deviation, 1.0, atol=0.35)
    heard = listen(IdentityModel(64, LATENTS), recordings(), 20.0).rows
    # It moves, as smoothly as what was heard does, and not from one kind to the other each time.
    rows = rows[:20_000]
    Prior(space).fill(rows)
    step = np.abs(np.diff(rows, axis=0)).mean() / np.abs(np.diff(heard, axis=0)).mean()
    assert 0.5 < step < 2.0


def test_a_survey_can_be_repeated(space: Space) -> None:
    again = survey(IdentityModel(64, LATENTS), recordings(), lambda _: None)
    assert again is not None
    np.testing.assert_array_equal(again.chart.places, space.chart.places)
    np.testing.assert_array_equal(again.walk.motifs, space.walk.motifs)


@pytest.mark.parametrize("seconds", [1, 4])
def test_too_little_sound_is_no_survey(seconds: int) -> None:
    few = recordings(seconds)
    silent = replace(few, samples=few.samples * 0)
    assert survey(IdentityModel(64, LATENTS), silent, lambda _: None) is None


def test_the_space_goes_into_the_folder_and_its_card(space: Space, tmp_path: Path) -> None:
    folder = make_toy_model(tmp_path / "toy", latents=LATENTS)
    for _ in range(2):
        card = add_space(folder, read_card(folder), space)
        assert card == read_card(folder)
        assert admit(folder).card == card
        assert sorted(p.name for p in folder.iterdir()) == sorted([*card.files, "model.toml"])
    loaded = load_model(folder, "onnxruntime").space
    assert loaded is not None
    np.testing.assert_array_equal(loaded.mean, space.mean)
    assert (folder / SPACE_FILE).stat().st_size < 300_000
    assert read_space(folder / SPACE_FILE, LATENTS).chart.labels == space.chart.labels


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(
    space: Space, tmp_path: Path
) -> None:
    card = read_card(make_toy_model(tmp_path / "toy", latents=LATENTS))
    with pytest.raises(ModelError, match=r"cannot be written .*; copy the model"):
        add_space(tmp_path / "nowhere", card, space)


def test_a_flat_sheet_in_many_dimensions_is_laid_out_flat() -> None:
    random = np.random.default_rng(0)
    sheet = random.uniform(0.0, 1.0, (300, 2)) * [2.0, 1.0]
    places = lay_out(sheet @ random.standard_normal((2, 9)))
    both = np.corrcoef(sheet.T, places.T)[:2, 2:]
    assert (np.abs(both).max(0) > 0.8).all()


@pytest.mark.parametrize(
    ("name", "label"), [("a.wav", ""), ("speech/a.wav", "speech"), ("x/y/z.flac", "y")]
)
def test_the_label_is_the_folder(name: str, label: str) -> None:
    assert label_of(name) == label
