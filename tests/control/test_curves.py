"""Curves: ends exact, never outside, and the way back leads where it came from."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rtvae.control.curves import CURVES, position_of, value_at

POSITIONS = st.floats(0.0, 1.0)
ENDS = st.floats(-100.0, 100.0)
BENT = ((0.0, 0.0), (0.25, 0.6), (0.5, 0.7), (1.0, 1.0))


@given(st.sampled_from(CURVES), POSITIONS, ENDS, ENDS)
def test_a_value_lies_between_the_ends(
    curve: str, position: float, low: float, high: float
) -> None:
    assert min(low, high) <= value_at(curve, BENT, position, low, high) <= max(low, high)
    assert value_at(curve, BENT, 0.0, low, high) == low
    assert value_at(curve, BENT, 1.0, low, high) == high


@given(st.sampled_from(CURVES), POSITIONS, ENDS, ENDS)
def test_the_way_back_gives_the_same_value(
    curve: str, position: float, low: float, high: float
) -> None:
    assume(abs(high - low) > 1e-3)
    value = value_at(curve, BENT, position, low, high)
    back = position_of(curve, BENT, value, low, high)
    assert 0.0 <= back <= 1.0
    assert math.isclose(value_at(curve, BENT, back, low, high), value, abs_tol=1e-6)


@given(st.sampled_from(CURVES), st.floats(), ENDS, ENDS)
def test_any_number_has_a_position(curve: str, value: float, low: float, high: float) -> None:
    assert 0.0 <= position_of(curve, BENT, value, low, high) <= 1.0


@pytest.mark.parametrize(
    ("curve", "low", "high", "middle"),
    [
        ("linear", -3.0, 3.0, 0.0),
        ("exponential", 0.01, 100.0, 1.0),
        ("exponential", 100.0, 0.01, 1.0),
        ("exponential", -1.0, -100.0, -10.0),
        ("s", 0.0, 1.0, 0.5),
        ("points", 0.0, 10.0, 7.0),
    ],
)
def test_the_middle_of_a_curve(curve: str, low: float, high: float, middle: float) -> None:
    assert value_at(curve, BENT, 0.5, low, high) == pytest.approx(middle)


def test_the_smallest_numbers_there_are_can_be_ends() -> None:
    assert position_of("exponential", (), 2.0, 2.0, 5e-324) == 0.0
    assert position_of("exponential", (), 5e-324, 2.0, 5e-324) == 1.0
    nearly = 1.0 + 2.3e-16
    assert position_of("exponential", (), nearly, 1.0, nearly) in (0.0, 1.0)


def test_an_exponential_curve_from_zero_starts_slowly() -> None:
    assert 0.1 < value_at("exponential", (), 0.5, 0.0, 1.0) < 0.2


def test_a_share_that_corners_never_reach_is_the_nearest_corner() -> None:
    hill = ((0.0, 0.2), (0.5, 0.8), (1.0, 0.4))
    assert position_of("points", hill, 1.0, 0.0, 1.0) == 0.5
    assert position_of("points", hill, 0.0, 0.0, 1.0) == 0.0
