"""From the costs of many blocks to the few numbers that are shown."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TAIL_PERCENT = 99.9
QUIET_PERCENT = 10.0
ENOUGH_BLOCKS = 1000
"""With fewer, the 99.9th percentile is simply the longest block."""


@dataclass(frozen=True)
class Summary:
    """One part of the cost over many blocks, and as shares of the block's period."""

    median_us: float
    tail_us: float
    median_share: float
    tail_share: float


def summarise(cost_s: NDArray[np.float64], period_s: float) -> Summary:
    """Return median and 99.9th percentile of costs in seconds, `(blocks,)`, blocks >= 1.

    The percentile is a block that was measured, the longer one of two: never better than real.
    """
    median = float(np.median(cost_s))
    tail = float(np.percentile(cost_s, TAIL_PERCENT, method="higher"))
    return Summary(1e6 * median, 1e6 * tail, median / period_s, tail / period_s)


def quiet_ratio(ours_s: NDArray[np.float64], peer_s: NDArray[np.float64]) -> float:
    """Return the ratio of the 10th percentiles: of the moments when nobody else was at work."""
    ours, peer = (np.percentile(cost_s, QUIET_PERCENT) for cost_s in (ours_s, peer_s))
    return float(ours / peer)


def ratio_of_medians(ours_s: NDArray[np.float64], peer_s: NDArray[np.float64]) -> float:
    """Return how much of a peer's median cost is ours, both measured in turns in one run."""
    return float(np.median(ours_s) / np.median(peer_s))


def ratio_of_tails(ours_s: NDArray[np.float64], peer_s: NDArray[np.float64]) -> float:
    """Return how much of a peer's 99.9th percentile is ours."""
    ours, peer = (np.percentile(c, TAIL_PERCENT, method="higher") for c in (ours_s, peer_s))
    return float(ours / peer)


def closed_share(before: float, after: float, goal: float) -> float:
    """Return how much of the way from `before` down to `goal` has been gone at `after`."""
    return (before - after) / (before - goal) if before > goal else 1.0
