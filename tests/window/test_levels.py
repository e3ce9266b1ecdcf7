"""The meters' needles."""

import numpy as np
import pytest

from rtvae.window.levels import FLOOR_DB, HOLD_S, Level

NOTHING = np.zeros(0, np.float32)


def sine(peak: float) -> np.ndarray:
    return (peak * np.sin(np.linspace(0, 40 * np.pi, 4800))).astype(np.float32)


def test_a_full_scale_sine_peaks_at_0_and_has_3_db_less_power() -> None:
    level = Level(clip_at=1.1)
    level.update(sine(1.0), 0.0)
    assert level.peak_db == pytest.approx(0.0, abs=0.01)
    assert level.rms_db == pytest.approx(-3.01, abs=0.01)


def test_the_needle_rises_at_once_and_falls_steadily_to_the_floor() -> None:
    level = Level(1.0)
    level.update(sine(0.5), 0.0)
    level.update(NOTHING, 0.5)
    assert level.peak_db == pytest.approx(-6.02 - 12.0, abs=0.01)
    level.update(sine(0.5), 0.6)
    assert level.peak_db == pytest.approx(-6.02, abs=0.01)
    level.update(NOTHING, 60.0)
    assert level.peak_db == level.rms_db == FLOOR_DB


def test_the_highest_peak_is_held_then_falls() -> None:
    level = Level(1.0)
    level.update(sine(0.5), 0.0)
    level.update(NOTHING, HOLD_S - 0.1)
    assert level.hold_db == pytest.approx(-6.02, abs=0.01)
    level.update(NOTHING, HOLD_S + 0.2)
    assert level.hold_db < -6.1


def test_the_clip_mark_comes_with_a_clipped_sample_and_goes_again() -> None:
    level = Level(clip_at=0.999)
    level.update(sine(0.9), 0.0)
    assert not level.clipped
    level.update(sine(1.0), 0.1)
    level.update(sine(0.1), 1.0)
    assert level.clipped
    level.update(sine(0.1), 10.0)
    assert not level.clipped
