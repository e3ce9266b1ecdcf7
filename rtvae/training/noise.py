"""Noise that is the same live and offline: a table of random numbers, read round and round."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

NOISE_ROWS = 4096
NOISE_UNIT = 1.0 / 32.0


def noise_table(channels: int) -> NDArray[np.int8]:
    """The fixed random numbers of every model: Gaussian, standard deviation 32, int8."""
    draw = np.random.default_rng(20260001).normal(0.0, 32.0, (NOISE_ROWS, channels))
    return np.clip(np.round(draw), -127, 127).astype(np.int8)


def table_noise(table: NDArray[np.int8], rows: int) -> Tensor:
    """Return the first `rows` rows of the endless table, unit deviation, `[1, channels, rows]`."""
    at = np.arange(rows) % NOISE_ROWS
    return torch.from_numpy(table[at].T.astype(np.float32) * NOISE_UNIT)[None]
