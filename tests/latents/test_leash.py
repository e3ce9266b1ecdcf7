"""The leash: nothing at home, firmer outside, never further in than the input itself led."""

from dataclasses import replace

import numpy as np
import pytest

from rtvae.latents.leash import reined
from rtvae.model.space import Space
from tests.support.bent import Bent, Floats, noise, settings
from tests.support.synth_space import make_space

WIDE = np.full(4, 99.0, np.float32)


def distance(space: Space, rows: Floats) -> Floats:
    away = (rows - space.mean) @ space.whiten.T
    return np.sqrt((away**2).sum(axis=1))


def inside(space: Space, rows: int) -> Floats:
    """Latents within the region."""
    found = noise(rows) / np.abs(np.linalg.inv(space.whiten)).max()
    away = found @ space.whiten.T
    found /= 2 * np.sqrt((away**2).sum(axis=1, keepdims=True)) / space.radius
    return (found + space.mean).astype(np.float32)


def test_inside_the_region_it_does_nothing_at_all() -> None:
    space = make_space()
    mean = inside(space, 300)
    values = settings(leash=1.0, latent__1__scale=0.999)
    free = Bent(settings(leash=0.0, latent__1__scale=0.999), space=space).play(mean)
    assert distance(space, free).max() < space.radius
    bent = Bent(values, space=space)
    np.testing.assert_array_equal(bent.play(mean), free)
    assert bent.control.leash_pull == 0.0


def test_an_input_that_nothing_bends_is_left_alone_wherever_it_is() -> None:
    space = make_space()
    mean = 10 * noise(100)
    assert distance(space, mean).max() > 3 * space.radius
    np.testing.assert_array_equal(Bent(settings(leash=1.0), space=space).play(mean), mean)


@pytest.mark.parametrize("amount", [0.25, 0.5, 0.75, 1.0])
def test_what_is_led_far_away_is_drawn_back_and_that_is_shown(amount: float) -> None:
    space = replace(make_space(), least=-WIDE, most=WIDE)
    mean = inside(space, 50)
    values = settings(leash=amount, latent__2__offset=8.0)
    bent = Bent(values, space=space)
    held = bent.play(mean)
    free = Bent(settings(leash=0.0, latent__2__offset=8.0), space=space).play(mean)
    far, near = distance(space, free), distance(space, held)
    assert (near < far).all()
    assert (near >= space.radius * (1 - 1e-5)).all()
    if amount == 1.0:
        np.testing.assert_allclose(near, space.radius, rtol=1e-4)
    pulled = np.sqrt(((free - held)[-1] ** 2).mean())
    assert bent.control.leash_pull == pytest.approx(pulled, rel=1e-3)


@pytest.mark.parametrize("amount", [0.5, 1.0])
def test_one_latent_alone_is_drawn_to_where_it_goes_in_the_training_set(amount: float) -> None:
    least = np.float32([-2, -8, -2, -4])
    space = replace(make_space(), radius=999.0, least=least, most=np.float32([2, 2, 4, 4]))
    mean = np.clip(noise(50), -1.9, 1.9)
    bent = Bent(settings(leash=amount, latent__2__offset=8.0), space=space)
    held = bent.play(mean)
    np.testing.assert_array_equal(held[:, [0, 2, 3]], mean[:, [0, 2, 3]])
    if amount == 1.0:
        np.testing.assert_allclose(held[:, 1], 2.0, atol=1e-5)
    else:
        assert (held[:, 1] > 2.0).all()
        assert (held[:, 1] < 5.0).all()
    down = Bent(settings(leash=amount, latent__2__offset=-6.0), space=space).play(mean)
    np.testing.assert_array_equal(down[:, 1], mean[:, 1] - np.float32(6.0))
    assert bent.control.leash_pull > 1.0


def test_variation_is_noise_that_the_model_knows_and_is_left_alone() -> None:
    space = replace(make_space(), radius=0.1)
    mean = np.repeat(space.mean[None], 200, axis=0)
    takes = [
        Bent(settings(variation=1.0, leash=leash, latent__1__offset=1e-6), space=space).play(mean)
        for leash in (0.0, 1.0)
    ]
    np.testing.assert_allclose(takes[1], takes[0], atol=1e-5)


def test_more_is_firmer_and_further_out_stays_further_out() -> None:
    for excess in (0.1, 1.0, 10.0):
        reins = [reined(excess, amount) for amount in (0.0, 0.2, 0.5, 0.8, 1.0)]
        assert reins == sorted(reins, reverse=True)
        assert reins[0] == excess
        assert reins[-1] == 0.0
    assert reined(2.0, 0.5) > reined(1.0, 0.5)
    assert reined(1e-6, 0.5) == pytest.approx(1e-6, rel=1e-3)


def test_it_takes_hold_without_a_jump() -> None:
    space = make_space()
    mean = np.repeat(space.mean[None], 400, axis=0)
    path = []
    for amount in (0.0, 1.0):
        bent = Bent(settings(leash=amount), space=space)
        bent.play(mean[:10])
        bent.set(latent__3__offset=8.0)
        path.append(np.abs(np.diff(bent.play(mean), axis=0)).max())
    assert path[1] <= path[0] * 1.01


def test_without_a_space_there_is_none() -> None:
    mean = noise(50)
    out = Bent(settings(leash=1.0, latent__1__offset=8.0)).play(mean)
    np.testing.assert_array_equal(out[:, 0], mean[:, 0] + np.float32(8.0))


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_what_is_no_number_is_left_to_the_guard(broken: float) -> None:
    space = make_space()
    mean = inside(space, 20)
    mean[5, 1] = broken
    with np.errstate(all="ignore"):
        out = Bent(settings(leash=1.0, latent__1__offset=0.5), space=space).play(mean)
    assert not np.isfinite(out[5]).all()
    assert np.isfinite(np.delete(out, 5, axis=0)).all()
