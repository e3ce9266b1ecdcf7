"""Rates of several loops measured in turns, so that whatever else a machine does meets them all."""

import statistics
from collections.abc import Callable, Mapping, Sequence

Rates = dict[str, list[float]]
"""Examples per second of each lane, round by round."""

Turn = Callable[[float], float]
"""Goes on for at least so many seconds in whole steps; returns examples per second."""


def rates_in_turns(lanes: Mapping[str, Turn], rounds: int, turn_s: float) -> Rates:
    """Return each lane's rate in each round.

    In a round every lane has one turn; every other round goes backwards, so that no lane always
    follows the same one.
    """
    rates: Rates = {name: [] for name in lanes}
    for number in range(rounds):
        for name in lanes if number % 2 == 0 else reversed([*lanes]):
            rates[name].append(lanes[name](turn_s))
    return rates


def rate_of(
    step: Callable[[], None],
    examples: int,
    turn_s: float,
    clock: Callable[[], float],
    finish: Callable[[], None],
) -> float:
    """Do whole steps of so many examples for at least `turn_s`; return examples per second.

    `finish` waits until a device has done what it was asked; it counts.
    """
    started, steps = clock(), 0
    while steps == 0 or clock() - started < turn_s:
        step()
        steps += 1
    finish()
    return steps * examples / (clock() - started)


def ratio(rates: Sequence[float], to: Sequence[float]) -> tuple[float, float, float]:
    """Return lowest, median and highest of the ratios round by round."""
    each = [a / b for a, b in zip(rates, to, strict=True)]
    return min(each), statistics.median(each), max(each)
