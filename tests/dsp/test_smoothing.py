"""A gain glides to its target in the time given, whatever the block size, and then rests."""

import numpy as np
import pytest

from rtvae.dsp.smoothing import Ramp


@pytest.mark.parametrize("block_size", [1, 7, 64, 500])
def test_glides_evenly_and_then_rests(block_size: int) -> None:
    ramp = Ramp(1.0, 100, 500)
    audio = np.ones(500, np.float32)
    for at in range(0, 500, block_size):
        ramp.apply(audio[at : at + block_size], 0.0)
    expected = np.maximum(1 - np.arange(1, 501) / 100, 0)
    np.testing.assert_allclose(audio, expected, atol=1e-6)
    assert not audio[100:].any()
    assert ramp.settled and ramp.value == 0.0


def test_at_one_the_sound_is_left_as_it_is() -> None:
    ramp = Ramp(0.5, 10, 64)
    audio = np.random.default_rng(0).standard_normal(64).astype(np.float32)
    ramp.apply(audio.copy(), 1.0)
    before = audio.copy()
    ramp.apply(audio, 1.0)
    np.testing.assert_array_equal(audio, before)


def test_a_new_target_is_taken_up_without_a_step() -> None:
    ramp = Ramp(0.0, 100, 64)
    audio = np.ones(192, np.float32)
    for at, target in ((0, 1.0), (64, -1.0), (128, 0.3)):
        ramp.apply(audio[at : at + 64], target)
    assert np.abs(np.diff(audio)).max() < 0.02


def test_a_resting_value_is_told_by_none() -> None:
    ramp = Ramp(0.25, 10, 64)
    assert ramp.advance(0.25, 64) is None
    assert ramp.advance(0.5, 64) is not None
    assert ramp.advance(0.5, 64) is None
    assert ramp.value == 0.5
