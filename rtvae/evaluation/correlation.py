"""Pearson's correlation, where there is one."""

import numpy as np
from numpy.typing import NDArray

FEWEST = 10


def correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    """Return the correlation of two arrays of equal length, over the places where both have a
    value; None for fewer than FEWEST of those, or if either hardly moves."""
    there = np.isfinite(a) & np.isfinite(b)
    if there.sum() < FEWEST:
        return None
    a, b = a[there] - a[there].mean(), b[there] - b[there].mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 1e-9 * there.sum() else None
