"""Invert, clamp and freeze do what they say, and nothing of it jumps."""

import numpy as np
import pytest

from tests.support.bent import Bent, hops, noise, settings
from tests.support.synth_space import make_space


def test_invert_turns_one_latent_over() -> None:
    mean = noise(50)
    out = Bent(settings(latent__2__invert=1.0)).play(mean)
    np.testing.assert_array_equal(out, mean * np.float32([1, -1, 1, 1]))


def test_invert_turns_over_before_the_offset() -> None:
    mean = noise(50)
    values = settings(latent__2__invert=1.0, latent__2__scale=2.0, latent__2__offset=1.0)
    np.testing.assert_allclose(Bent(values).play(mean)[:, 1], 1.0 - 2.0 * mean[:, 1], rtol=1e-5)


def test_clamp_holds_one_latent_in_its_range_and_leaves_it_alone_inside() -> None:
    mean = noise(300)
    values = settings(latent__1__clamp=1.0, latent__1__scale=4.0, latent__2__scale=4.0)
    out = Bent(values).play(mean)
    np.testing.assert_array_equal(out[:, 0], np.clip(4 * mean[:, 0], -3, 3))
    np.testing.assert_array_equal(out[:, 1], 4 * mean[:, 1])


def test_clamp_takes_hold_within_ten_milliseconds_and_lets_go_as_well() -> None:
    mean = np.full((hops(0.3), 4), 2.0, np.float32)
    bent = Bent(settings(latent__1__scale=3.0))
    bent.play(10)
    bent.set(latent__1__clamp=1.0)
    held = bent.play(mean)[:, 0]
    bent.set(latent__1__clamp=0.0)
    path = np.concatenate([[6.0], held, bent.play(mean)[:, 0]])
    assert held[-1] == 3.0
    assert path[-1] == 6.0
    assert np.abs(np.diff(path)).max() < 0.6


def test_clamp_holds_what_modulators_do() -> None:
    values = settings(
        mod__1__kind=1.0, mod__1__to__1=8.0, latent__1__clamp=1.0, mod__1__rate_hz=5.0
    )
    assert np.abs(Bent(values).play(1000)[:, 0]).max() == 3.0


@pytest.mark.parametrize("leash", [0.0, 1.0])
def test_freeze_holds_what_was_played_last(leash: float) -> None:
    space = make_space()
    bent = Bent(settings(leash=leash, latent__4__offset=6.0), space=space)
    mean = noise(200)
    first = bent.play(mean[:100])
    bent.set(latent__4__freeze=1.0)
    out = bent.play(mean[99:100].repeat(100, axis=0))
    np.testing.assert_array_equal(out, first[-1:].repeat(100, axis=0))


def test_a_frozen_latent_stays_whatever_the_input_and_the_knobs_do() -> None:
    bent = Bent(settings())
    first = bent.play(noise(100))
    bent.set(latent__3__freeze=1.0)
    out = [bent.play(noise(50, 1))]
    bent.set(latent__3__offset=2.0, mod__1__kind=1.0, mod__1__to__3=2.0)
    out.append(bent.play(noise(50, 2)))
    path = np.concatenate(out)
    assert (path[:, 2] == first[-1, 2]).all()
    assert np.array_equal(path[:50, 0], noise(50, 1)[:, 0])


def test_let_go_it_comes_back_within_ten_milliseconds() -> None:
    bent = Bent(settings())
    ones = np.ones((hops(0.3), 4), np.float32)
    bent.play(-ones)
    bent.set(latent__3__freeze=1.0)
    bent.play(ones)
    bent.set(latent__3__freeze=0.0)
    path = bent.play(ones)[:, 2]
    assert path[hops(0.01)] == pytest.approx(1 - 2 * np.exp(-1), abs=0.15)
    assert (np.diff(path) >= 0).all()
    assert path[-1] == 1.0
    again = noise(20)
    np.testing.assert_array_equal(bent.play(again), again)


def test_what_is_no_number_is_not_frozen() -> None:
    mean = noise(20)
    mean[0] = [np.nan, np.inf, -np.inf, 1.0]
    bent = Bent(settings({f"latent.{k + 1}.freeze": 1.0 for k in range(4)}))
    with np.errstate(invalid="ignore"):
        out = bent.play(mean)
    np.testing.assert_array_equal(out, np.tile(np.float32([0, 0, 0, 1]), (20, 1)))


def test_frozen_from_the_start_it_holds_the_first_that_comes() -> None:
    mean = noise(50)
    out = Bent(settings(latent__1__freeze=1.0)).play(mean)
    assert (out[:, 0] == mean[0, 0]).all()
    np.testing.assert_array_equal(out[:, 1:], mean[:, 1:])
