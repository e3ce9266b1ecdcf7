"""The peak is the largest magnitude, and a fault is never overlooked."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.dsp.peak import peak_of

SAMPLES = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=70)


@given(SAMPLES)
def test_the_peak_is_the_largest_magnitude(samples: list[float]) -> None:
    audio = np.array(samples, np.float32)
    assert peak_of(audio) == np.abs(audio).max()


@given(SAMPLES, st.integers(0, 69), st.sampled_from([math.nan, math.inf, -math.inf]))
def test_one_sample_that_is_no_number_is_enough(
    samples: list[float], place: int, fault: float
) -> None:
    audio = np.array(samples, np.float32)
    audio[place % audio.shape[0]] = fault
    assert not peak_of(audio) < math.inf


def test_nan_wins_over_infinity() -> None:
    assert math.isnan(peak_of(np.array([math.inf, math.nan, -math.inf], np.float32)))
    assert peak_of(np.array([-math.inf], np.float32)) == pytest.approx(math.inf)
