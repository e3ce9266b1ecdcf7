"""Reader: what one core multiplies and reads, measured with NumPy alone.

    python -m rtvae.bench.reader WEIGHTS

A lane of the bench in a process of its own (see `answers`), because NumPy's library may only be
held to one thread from outside. Each block it reads as many float32 numbers as the model has
weights. Two ways of reading are tried, a sum of squares and a matrix times a vector, and the one
that takes less after a rest is taken: both read every number once and come within a tenth of what
a compiled loop reads (62 and 58 GB/s were measured for 17 MB).
"""

import math
import sys
from collections.abc import Callable
from time import perf_counter, sleep

import numpy as np
from numpy.typing import NDArray

from rtvae.bench.answers import answer, claim_answers

MATRIX = 512
COLUMNS = 256
TRIES = 40
REST_S = 1e-3

Read = Callable[[], object]


class Reader:
    """Reads `weights` numbers a block."""

    def __init__(self, weights: int) -> None:
        self._bytes = 4.0 * weights
        self._read = fastest(ways_to_read(weights))
        self._hot_s = math.inf
        self._operations_per_s = 0.0
        self._took_s = 0.0

    def prepare(self) -> None:
        """See Lane."""

    def play(self) -> None:
        """See Lane."""
        start = perf_counter()
        self._read()
        self._took_s = perf_counter() - start

    def parts_s(self) -> tuple[float, float, float]:
        """See Lane: reading stands in for the encoder."""
        return self._took_s, 0.0, 0.0

    def rates(self) -> dict[str, float]:
        """Measure again what a loop multiplies and reads; return the best that was ever seen.

        Others can only take from it, and the more is possible the stricter is the limit.
        """
        self._operations_per_s = max(self._operations_per_s, matrix_rate())
        self._hot_s = min(self._hot_s, *_costs_s(self._read))
        return {
            "operations_per_s": self._operations_per_s,
            "bytes_per_s": self._bytes / self._hot_s,
        }


def ways_to_read(weights: int) -> list[Read]:
    """Return functions that each read so many float32 numbers once."""
    numbers = np.random.default_rng(3).random(weights, np.float32)
    ways: list[Read] = [lambda: np.dot(numbers, numbers)]
    if weights >= COLUMNS:
        rows = numbers[: weights // COLUMNS * COLUMNS].reshape(-1, COLUMNS)
        vector, sums = numbers[:COLUMNS].copy(), np.empty(len(rows), np.float32)
        ways.append(lambda: np.dot(rows, vector, out=sums))
    return ways


def fastest(ways: list[Read]) -> Read:
    """Return the way that usually takes least, where each try follows a rest as a block does."""
    costs = [float(np.median(_costs_s(way, REST_S))) for way in ways]
    return ways[int(np.argmin(costs))]


def matrix_rate() -> float:
    """Return operations per second of a product of two matrices in the cache."""
    left: NDArray[np.float32] = np.random.default_rng(4).random((MATRIX, MATRIX), np.float32)
    right, product = left.T.copy(), np.empty_like(left)
    return 2.0 * MATRIX**3 / min(_costs_s(lambda: np.matmul(left, right, out=product)))


def _costs_s(work: Read, rest_s: float = 0.0) -> list[float]:
    costs = []
    for _ in range(TRIES):
        if rest_s:
            sleep(rest_s)
        start = perf_counter()
        work()
        costs.append(perf_counter() - start)
    return costs


def main() -> None:
    """Answer until nobody asks."""
    answers = claim_answers()
    reader = Reader(int(sys.argv[1]))
    hello = {"title": "reading the weights once"}
    answer(hello, lambda frames: reader, sys.stdin, answers, facts=reader.rates)


if __name__ == "__main__":
    main()
