"""How much of its time the engine uses: a block's cost as a share of the block's own length."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Load:
    """Shares of the block period, 1.0 = all of it; NaN while nothing is known."""

    median: float
    p99: float


UNKNOWN = Load(float("nan"), float("nan"))


def block_load(
    timing_us: NDArray[np.float32], frames: NDArray[np.uint32], sample_rate_hz: int
) -> Load:
    """Return the median and 99th percentile of `total cost / block length`.

    `timing_us` is `(blocks, 5)` as in TIMING_COLUMNS, `frames` `(blocks,)`. Blocks without
    frames and costs that are no numbers are left out.
    """
    period_us = frames.astype(np.float64) * (1e6 / max(sample_rate_hz, 1))
    total_us = timing_us[:, 0].astype(np.float64)
    good = (period_us > 0) & np.isfinite(total_us) & (total_us >= 0)
    if not good.any():
        return UNKNOWN
    median, p99 = np.percentile(total_us[good] / period_us[good], (50, 99))
    return Load(float(median), float(p99))
