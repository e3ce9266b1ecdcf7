"""Latents from nothing: of the promised spread at any pace, still at none, learned where known."""

import numpy as np
import pytest

from rtvae.model.prior import Prior
from tests.support.bent import Bent, Floats, hops, noise, settings
from tests.support.synth_space import make_space

GAUSSIAN, LEARNED = 0.0, 1.0


def generated(rows: int, latents: int = 32, **changes: float) -> Floats:
    return Bent(settings(generate=1.0, **changes), latents).play(rows)


@pytest.mark.parametrize("pace", [0.5, 1.0, 4.0])
def test_the_gaussian_has_unit_variance_at_any_pace(pace: float) -> None:
    path = generated(40_000, generate_pace=pace)
    assert path.std() == pytest.approx(1.0, rel=0.06)
    assert np.abs(path.mean(axis=0)).max() < 0.4


def test_it_moves_smoothly_and_faster_at_a_higher_pace() -> None:
    steps = [np.diff(generated(8000, generate_pace=pace), axis=0).std() for pace in (0.5, 1, 2)]
    assert steps[1] == pytest.approx(2 * steps[0], rel=0.15)
    assert steps[2] == pytest.approx(2 * steps[1], rel=0.15)
    assert steps[2] < 0.05
    path = generated(8000)
    assert np.diff(path, n=2, axis=0).std() < 0.3 * np.diff(path, axis=0).std()


def test_at_no_pace_it_stands_and_the_spread_scales_it() -> None:
    still = generated(100, generate_pace=0.0)
    assert np.array_equal(still, still[:1].repeat(100, axis=0))
    assert still.any()
    np.testing.assert_allclose(generated(100, generate_spread=2.0), 2 * generated(100), rtol=1e-5)
    assert not generated(100, generate_spread=0.0).any()


def test_half_way_it_is_half_of_each() -> None:
    mean = noise(100)
    half = Bent(settings(generate=0.5)).play(mean)
    whole = Bent(settings(generate=1.0)).play(mean)
    np.testing.assert_allclose(half, 0.5 * (mean + whole), atol=1e-5)


def test_it_fades_in_and_out_without_a_jump() -> None:
    mean = np.full((hops(0.3), 4), 2.0, np.float32)
    bent = Bent(settings())
    bent.play(mean)
    path = []
    for share in (1.0, 0.0):
        bent.set(generate=share)
        path.append(bent.play(mean))
    joined = np.concatenate([mean[:1], *path])
    assert np.abs(np.diff(joined, axis=0)).max() < 0.6
    np.testing.assert_array_equal(joined[-1], mean[-1])


def test_a_model_that_knows_its_latents_walks_among_them_as_it_learned() -> None:
    space = make_space()
    values = settings(generate=1.0, prior=LEARNED, leash=0.0, generate_pace=2.0)
    path = Bent(values, space=space).play(500)
    walk, row = Prior(space, 0), np.zeros(4, np.float32)
    expected = []
    for _ in range(500):
        walk.step(row, 2.0, 1.0)
        expected.append(row.copy())
    np.testing.assert_allclose(path, expected, atol=1e-5)
    other = Bent(settings(generate=1.0, prior=GAUSSIAN, leash=0.0), space=space).play(500)
    assert np.abs(other - path).max() > 0.5


def test_a_model_that_does_not_takes_the_gaussian() -> None:
    learned = Bent(settings(generate=1.0, prior=LEARNED)).play(100)
    gaussian = Bent(settings(generate=1.0, prior=GAUSSIAN)).play(100)
    np.testing.assert_array_equal(learned, gaussian)


def test_from_one_to_the_other_it_fades() -> None:
    bent = Bent(settings(generate=1.0, leash=0.0, generate_pace=0.0), space=make_space())
    path = [bent.play(100)]
    bent.set(prior=GAUSSIAN)
    path.append(bent.play(200))
    steps = np.abs(np.diff(np.concatenate(path), axis=0)).max(axis=0)
    away = np.abs(path[1][-1] - path[0][-1])
    usual = np.abs(np.diff(path[0], axis=0)).max(axis=0)
    assert (steps < 0.3 * away + 2 * usual).all()
