"""The oscilloscope's trigger: a tone stands still, whatever else is in it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.window.scope import trigger

SHOWN = 960


def tone(phase: float, period: float = 109.0, frames: int = 4096) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * (np.arange(frames) / period + phase))).astype(np.float32)


@pytest.mark.parametrize("phase", np.linspace(0, 1, 17).tolist())
def test_a_tone_stands_still(phase: float) -> None:
    sound = tone(phase)
    start = trigger(sound, SHOWN)
    assert start is not None
    shown = sound[start : start + SHOWN]
    assert shown.size == SHOWN
    assert np.abs(shown - tone(0.0)[:SHOWN]).max() < 0.3 * 2 * np.pi / 109 + 1e-6


def test_it_takes_the_newest_place_that_leaves_room() -> None:
    start = trigger(tone(0.0), SHOWN)
    assert start is not None
    assert 4096 - SHOWN - 110 <= start <= 4096 - SHOWN


def test_ripples_around_zero_do_not_trigger() -> None:
    sound = tone(0.0, 400.0) + 0.02 * np.sin(np.arange(4096)).astype(np.float32)
    start = trigger(sound.astype(np.float32), SHOWN)
    assert start is not None
    assert min(start % 400, 400 - start % 400) < 25


@pytest.mark.parametrize(
    "sound",
    [np.zeros(4096), np.full(4096, 0.5), np.full(4096, 1e-6), np.zeros(0), np.zeros(SHOWN)],
)
def test_where_nothing_rises_there_is_no_trigger(sound: np.ndarray) -> None:
    assert trigger(sound.astype(np.float32), SHOWN) is None


@given(st.lists(st.floats(-1, 1, width=32), max_size=200), st.integers(0, 100))
def test_any_sound_gives_a_rising_place_with_room_or_none(values: list[float], shown: int) -> None:
    sound = np.array(values, np.float32)
    start = trigger(sound, shown)
    if start is not None:
        assert 0 < start <= sound.size - shown
        assert sound[start - 1] < 0 <= sound[start]
