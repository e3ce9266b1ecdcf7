"""Load is cost over block length, robust against rubbish."""

import numpy as np
import pytest

from rtvae.window.load import block_load


def timing(totals_us: list[float]) -> np.ndarray:
    rows = np.zeros((len(totals_us), 5), np.float32)
    rows[:, 0] = totals_us
    return rows


def test_load_is_the_share_of_each_blocks_own_length() -> None:
    frames = np.array([48, 96, 480], np.uint32)
    load = block_load(timing([250.0, 500.0, 2500.0]), frames, 48_000)
    assert load.median == pytest.approx(0.25)
    assert load.p99 == pytest.approx(0.25)


def test_rare_late_blocks_show_in_the_99th_percentile_only() -> None:
    load = block_load(timing([100.0] * 97 + [2000.0] * 3), np.full(100, 48, np.uint32), 48_000)
    assert load.median == pytest.approx(0.1)
    assert load.p99 == pytest.approx(2.0)


def test_rubbish_is_left_out() -> None:
    rows = timing([np.nan, np.inf, -1.0, 500.0, 500.0])
    load = block_load(rows, np.array([48, 48, 48, 0, 48], np.uint32), 48_000)
    assert load.median == pytest.approx(0.5)


def test_nothing_known() -> None:
    assert np.isnan(block_load(timing([]), np.zeros(0, np.uint32), 48_000).median)
