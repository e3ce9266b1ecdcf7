"""Rates of several loops measured in turns, so that whatever else a machine does meets them all."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WARM_UP_STEPS = 3

Rates = dict[str, list[float]]
"""Examples per second of each lane, round by round."""


@dataclass(frozen=True)
class Lane:
    """Something that is done again and again; `examples` is what one step gets through."""

    name: str
    step: Callable[[], None]
    examples: int


def examples_per_second(
    lanes: Sequence[Lane],
    rounds: int,
    turn_s: float,
    clock: Callable[[], float],
    finish: Callable[[], None],
) -> Rates:
    """Return each lane's rate in each round.

    In a round every lane has one turn of whole steps that lasts at least `turn_s`; every other
    round goes backwards, so that no lane always follows the same one. `finish` waits until a
    device has done what it was asked; it counts.
    """
    rates: Rates = {lane.name: [] for lane in lanes}
    for lane in lanes:
        for _ in range(WARM_UP_STEPS):
            lane.step()
    finish()
    for number in range(rounds):
        for lane in lanes if number % 2 == 0 else reversed(lanes):
            started, steps = clock(), 0
            while steps == 0 or clock() - started < turn_s:
                lane.step()
                steps += 1
            finish()
            rates[lane.name].append(steps * lane.examples / (clock() - started))
    return rates


def ratio(rates: Sequence[float], to: Sequence[float]) -> tuple[float, float, float]:
    """Return lowest, median and highest of the ratios round by round."""
    each = [a / b for a, b in zip(rates, to, strict=True)]
    return min(each), statistics.median(each), max(each)
