"""Roofline: the least that a block can cost one core, whoever computes it.

    limit = the larger of { multiply-adds / what the core multiplies
                          { bytes of weights / what it reads per second

Every weight has to come to the core once per block, and every product has to be made. Source:
Williams, Waterman and Patterson, Roofline (2009). Both rates are measured here, by `reader`, in a
process with one thread: the matrix rate hot, as a product of two matrices that fit the cache; the
reading paced and in turns with all other lanes, because a callback that has slept finds its
weights where others left them. The hot reading is shown too: it is what a loop would get. Of the
rates the best counts that was seen in the run, so a busy machine does not raise the limit.
"""

from dataclasses import dataclass

import numpy as np

from rtvae.bench.pacing import Record
from rtvae.bench.statistics import TAIL_PERCENT

BYTES_PER_WEIGHT = 4
OPERATIONS_PER_MULTIPLY_ADD = 2


@dataclass(frozen=True)
class Rates:
    """What one core does when nothing else is asked of it."""

    operations_per_s: float
    bytes_per_s: float


@dataclass(frozen=True)
class Roofline:
    """The limit of one block.

    `read_us` and `read_tail_us` are the paced reading of all weights (median and 99.9th
    percentile), `hot_read_us` that in a loop, `compute_us` the multiply-adds at the matrix rate.
    """

    read_us: float
    read_tail_us: float
    hot_read_us: float
    compute_us: float

    @property
    def limit_us(self) -> float:
        """The median limit."""
        return max(self.read_us, self.compute_us)

    @property
    def tail_us(self) -> float:
        """The limit's 99.9th percentile."""
        return max(self.read_tail_us, self.compute_us)

    @property
    def hot_limit_us(self) -> float:
        """The limit of a loop that never sleeps."""
        return max(self.hot_read_us, self.compute_us)


def roofline(reading: Record, rates: Rates, weights: int, multiply_adds: float) -> Roofline:
    """Return the limit of a block of so many multiply-adds over so many weights."""
    took_s = reading.played_s
    return Roofline(
        read_us=1e6 * float(np.median(took_s)),
        read_tail_us=1e6 * float(np.percentile(took_s, TAIL_PERCENT, method="higher")),
        hot_read_us=1e6 * weights * BYTES_PER_WEIGHT / rates.bytes_per_s,
        compute_us=1e6 * multiply_adds * OPERATIONS_PER_MULTIPLY_ADD / rates.operations_per_s,
    )
