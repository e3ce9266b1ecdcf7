"""Costs become medians, tails, shares and ratios."""

import numpy as np
import pytest

from rtvae.bench.statistics import quiet_ratio, ratio_of_medians, summarise


def test_the_median_and_the_tail_of_known_costs() -> None:
    cost_s = np.arange(1, 1002) * 1e-6
    np.random.default_rng(0).shuffle(cost_s)
    got = summarise(cost_s, period_s=2e-3)
    assert got.median_us == pytest.approx(501)
    # Of 1,001 blocks two may stand for it, as rounding falls; both are among the longest.
    assert 999.9 < got.tail_us < 1001.1
    assert got.median_share == pytest.approx(501 / 2000)
    assert got.tail_share == pytest.approx(got.tail_us / 2000)


def test_the_tail_of_few_blocks_is_the_longest_of_them() -> None:
    assert summarise(np.array([1e-6, 2e-6, 9e-6]), 1e-3).tail_us == pytest.approx(9)


def test_ratios_are_ours_over_theirs() -> None:
    ours, theirs = np.array([1.0, 2.0, 30.0]), np.array([4.0, 8.0, 9.0])
    assert ratio_of_medians(ours, theirs) == pytest.approx(0.25)
    # The 10th percentiles lie a fifth of the way from the least to the middle.
    assert quiet_ratio(ours, theirs) == pytest.approx(1.2 / 4.8)
