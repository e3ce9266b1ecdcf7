"""The shapes of an LFO: its value, -1 to 1, at a place in its cycle, 0 to 1. Each begins a cycle
where control/parameters.py's LFO_SHAPES names it."""

import math
from collections.abc import Callable

from rtvae.control.parameters import LFO_SHAPES


def sine(place: float) -> float:
    """Up from the middle."""
    return math.sin(2.0 * math.pi * place)


def triangle(place: float) -> float:
    """Up from the middle, in straight lines."""
    return 1.0 - 4.0 * abs((place + 0.25) % 1.0 - 0.5)


def saw_up(place: float) -> float:
    """Up all the time, then down at once."""
    return 2.0 * place - 1.0


def saw_down(place: float) -> float:
    """Down all the time, then up at once."""
    return 1.0 - 2.0 * place


def square(place: float) -> float:
    """Up for one half, down for the other."""
    return 1.0 if place < 0.5 else -1.0


_BY_NAME: dict[str, Callable[[float], float]] = {
    "sine": sine,
    "triangle": triangle,
    "saw up": saw_up,
    "saw down": saw_down,
    "square": square,
}
SHAPES = tuple(_BY_NAME[name] for name in LFO_SHAPES)
