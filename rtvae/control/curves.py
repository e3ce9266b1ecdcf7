"""Curves: from where a control stands to a parameter's value, and back. Pure.

A position is 0 to 1. Each curve bends it; `low` and `high` are what its ends give, in either
order. An exponential curve multiplies by equal factors over equal ways where both ends have one
sign, as rates and times want it; where they do not, it starts slowly.
"""

import itertools
import math
from collections.abc import Sequence

CURVES = ("linear", "exponential", "s", "points")
STEEPNESS = 32.0

Points = Sequence[tuple[float, float]]


def value_at(curve: str, points: Points, position: float, low: float, high: float) -> float:
    """Return the value for a position; it lies between `low` and `high`, both exact at the ends.

    `points` are the corners of the curve "points", (position, share) from (0, .) to (1, .).
    """
    position = _held(position)
    if curve == "exponential" and low * high > 0.0:
        if position in (0.0, 1.0):
            return high if position else low
        value = math.copysign(abs(low) ** (1.0 - position) * abs(high) ** position, low)
    else:
        share = _share(curve, points, position)
        value = low * (1.0 - share) + high * share
    return min(max(value, min(low, high)), max(low, high))


def position_of(curve: str, points: Points, value: float, low: float, high: float) -> float:
    """Return the position that gives a value, the nearest end for one outside, 0 for NaN."""
    if math.isnan(value):
        return 0.0
    value = min(max(value, min(low, high)), max(low, high))
    if low == high:
        return 0.0
    if curve == "exponential" and low * high > 0.0:
        # No quotient of the ends: that of a very small one and a large one is nought.
        start, end = math.log(abs(low)), math.log(abs(high))
        return _held((math.log(abs(value)) - start) / (end - start)) if start != end else 0.0
    return _held(_unshare(curve, points, (value - low) / (high - low)))


def _share(curve: str, points: Points, position: float) -> float:
    if curve == "exponential":
        return float((STEEPNESS**position - 1.0) / (STEEPNESS - 1.0))
    if curve == "s":
        return position * position * (3.0 - 2.0 * position)
    if curve == "points":
        for (x, y), (next_x, next_y) in itertools.pairwise(points):
            if position <= next_x:
                return y + (next_y - y) * (position - x) / (next_x - x)
    return position


def _unshare(curve: str, points: Points, share: float) -> float:
    if curve == "exponential":
        return math.log1p(share * (STEEPNESS - 1.0)) / math.log(STEEPNESS)
    if curve == "s":
        return 0.5 - math.sin(math.asin(_held(1.0 - 2.0 * share, -1.0)) / 3.0)
    if curve == "points":
        return _crossing(points, share)
    return share


def _crossing(points: Points, share: float) -> float:
    """The first position at which the corners reach a share, else the corner nearest to it."""
    for (x, y), (next_x, next_y) in itertools.pairwise(points):
        if min(y, next_y) <= share <= max(y, next_y):
            return x if y == next_y else x + (next_x - x) * (share - y) / (next_y - y)
    return min(points, key=lambda point: abs(point[1] - share))[0]


def _held(number: float, low: float = 0.0) -> float:
    return min(max(number, low), 1.0)
