"""Histories in columns: nothing lost, nothing doubled, the same clock for both pictures."""

import numpy as np
import pytest

from rtvae.window.trajectories import (
    HISTORY_COLUMNS,
    Columns,
    LatentHistory,
    SpectrogramHistory,
    time_scale,
)


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000, 192_000])
@pytest.mark.parametrize("hop", [1, 64, 128, 2048, 32_768])
def test_a_second_is_about_as_wide_at_any_rate_and_hop(rate_hz: int, hop: int) -> None:
    scale = time_scale(rate_hz, hop)
    assert scale.frames_per_column == scale.hops_per_column * hop
    assert scale.column_px >= 1
    assert 80 <= scale.pixels_per_s <= 400


def test_columns_keep_the_newest() -> None:
    columns = Columns(1)
    for k in range(HISTORY_COLUMNS + 5):
        columns.push(np.array([k], np.float32))
    assert columns.newest(3)[:, 0].tolist() == [HISTORY_COLUMNS + k for k in (2, 3, 4)]
    assert len(columns.newest(10**6)) == HISTORY_COLUMNS


@pytest.mark.parametrize("chunk", [1, 3, 7, 64])
def test_columns_are_means_of_hops_however_the_hops_arrive(chunk: int) -> None:
    rows = np.random.default_rng(1).standard_normal((64, 2)).astype(np.float32)
    history = LatentHistory(2, 8)
    for start in range(0, 64, chunk):
        history.push(rows[start : start + chunk], 2 * rows[start : start + chunk])
    means = rows.reshape(8, 8, 2).mean(1)
    assert np.allclose(history.encoded.newest(100), means, atol=1e-6)
    assert np.allclose(history.played.newest(100), 2 * means, atol=1e-6)


def test_no_number_spoils_its_own_column_only() -> None:
    rows = np.zeros((24, 1), np.float32)
    rows[9], rows[17] = np.nan, np.inf
    history = LatentHistory(1, 8)
    history.push(rows, rows)
    column = history.played.newest(3)[:, 0]
    assert np.isnan(column[1])
    assert np.isfinite(column[[0, 2]]).all()


@pytest.mark.parametrize("chunk", [64, 500, 5000])
def test_the_spectrogram_is_the_same_however_the_sound_arrives(chunk: int) -> None:
    sound = np.random.default_rng(2).standard_normal(20_000).astype(np.float32)
    whole, pieces = SpectrogramHistory(48_000, 512), SpectrogramHistory(48_000, 512)
    whole.push(sound)
    for start in range(0, sound.size, chunk):
        pieces.push(sound[start : start + chunk])
    assert whole.columns.count == pieces.columns.count == 20_000 // 512
    assert np.array_equal(whole.columns.newest(100), pieces.columns.newest(100))
