"""The learned prior: repeatable, bounded, at its pace, with the statistics it was given."""

from dataclasses import replace

import numpy as np
import pytest

from rtvae.model.prior import Prior
from tests.support.allocation import assert_no_net_allocation
from tests.support.synth_space import make_space


def rows(prior: Prior, count: int, pace: float = 1.0, spread: float = 1.0) -> np.ndarray:
    out = np.empty((count, 4), np.float32)
    prior.fill(out, pace, spread)
    return out


def test_the_same_seed_walks_the_same_way_and_reset_begins_it_anew() -> None:
    space = make_space()
    prior = Prior(space, seed=3)
    first = rows(prior, 500)
    np.testing.assert_array_equal(rows(Prior(space, seed=3), 500), first)
    assert not np.array_equal(rows(prior, 500), first)
    prior.reset()
    np.testing.assert_array_equal(rows(prior, 500), first)
    assert not np.array_equal(rows(Prior(space, seed=4), 500), first)


def test_at_pace_0_it_stays_at_its_place_and_at_pace_4_it_sees_more_of_them() -> None:
    space = make_space()
    still = replace(space.walk, motifs=np.zeros_like(space.walk.motifs))
    prior = Prior(replace(space, walk=still))
    rows(prior, 100)
    standing = rows(prior, 200, pace=0.0)
    np.testing.assert_array_equal(standing, np.repeat(standing[:1], 200, axis=0))
    way = [
        np.abs(np.diff(rows(Prior(replace(space, walk=still)), 4000, pace), axis=0)).sum()
        for pace in (0.5, 1.0, 4.0)
    ]
    assert way[0] < way[1] < way[2]


def test_at_spread_0_it_is_the_mean_and_more_spread_goes_further() -> None:
    space = make_space()
    np.testing.assert_allclose(rows(Prior(space), 50, spread=0.0), np.tile(space.mean, (50, 1)))
    near, far = (rows(Prior(space), 5000, spread=s).std(0) for s in (0.5, 1.0))
    np.testing.assert_allclose(near / far, 0.5, atol=0.1)


def test_states_follow_each_other_as_often_as_the_table_says() -> None:
    space = make_space()
    chain = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.5, 0.0, 0.5]], np.float32)
    prior = Prior(replace(space, walk=replace(space.walk, transitions=chain, grid_hops=1)))
    out = np.empty(4, np.float32)
    met = []
    for _ in range(4000):
        prior.step(out)
        met.append(prior.state)
    follows = np.zeros((3, 3))
    np.add.at(follows, (met[:-1], met[1:]), 1)
    np.testing.assert_allclose(follows / follows.sum(1, keepdims=True), chain, atol=0.05)


def test_numbers_without_end_in_the_file_stay_bounded() -> None:
    space = make_space()
    wild = replace(
        space.walk,
        stay=space.walk.stay * 1e3,
        go=space.walk.go * 1e3,
        motifs=space.walk.motifs * 1e3,
    )
    made = rows(Prior(replace(space, walk=wild)), 2000, pace=4.0, spread=2.0)
    assert np.isfinite(made).all()
    assert np.abs(made).max() <= 6.0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 1e30])
def test_a_pace_or_spread_that_is_none_is_harmless(value: float) -> None:
    made = rows(Prior(make_space()), 50, pace=value)
    assert np.isfinite(made).all()
    assert np.isfinite(rows(Prior(make_space()), 50, spread=value)).all()


def test_a_step_allocates_nothing_that_stays() -> None:
    prior, out = Prior(make_space(16)), np.empty(16, np.float32)
    assert_no_net_allocation(lambda: prior.step(out, 1.3, 0.9))
