"""A lag is found to the frame, or there is said to be none."""

import numpy as np
import pytest

from rtvae.latency.correlation import (
    BURST_FRAMES,
    BURST_LEVEL,
    SILENT_DB,
    burst,
    difference_db,
    find_lag,
    find_onset,
)
from tests.support.rig import noise


def test_the_burst_has_no_mean_and_stays_within_its_level() -> None:
    assert abs(float(burst().sum())) < 1e-6
    assert np.abs(burst()).max() == BURST_LEVEL


@pytest.mark.parametrize("frames", [0, 1, 63, 64, 777, 4800])
def test_a_lag_is_exact_to_the_frame(frames: int) -> None:
    came = np.zeros(BURST_FRAMES + 4800, np.float32)
    came[frames : frames + BURST_FRAMES] = burst()
    lag = find_lag(burst(), came)
    assert lag.frames == frames
    assert lag.clarity == pytest.approx(1.0)


def test_level_polarity_and_noise_do_not_move_it() -> None:
    came = noise(BURST_FRAMES + 2000, level=0.005)
    came[321 : 321 + BURST_FRAMES] -= 0.1 * burst()
    lag = find_lag(burst(), came)
    assert lag.frames == 321
    assert lag.clarity > 0.9


def test_what_is_not_the_burst_is_not_clear() -> None:
    assert find_lag(burst(), np.zeros(2000, np.float32)).clarity == 0.0
    assert find_lag(burst(), noise(4000)).clarity < 0.4


def test_an_onset_is_where_a_sound_begins() -> None:
    came = np.zeros(3000, np.float32)
    came[1234:] = 0.5
    assert find_onset(came, 1000) == 234
    came[700] = 0.2
    assert find_onset(came, 1000) is None
    assert find_onset(np.zeros(100, np.float32), 50) is None


def test_differences_are_told_in_decibels() -> None:
    audio = noise(4800)
    assert difference_db(audio, audio) == SILENT_DB
    assert difference_db(audio, 0.5 * audio) == pytest.approx(-6.02, abs=0.01)
    assert difference_db(audio, np.float32(1.0001) * audio) == pytest.approx(-80.0, abs=0.1)
