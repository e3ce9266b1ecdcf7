"""Leash: draws latents back toward where the model is at home, when they are led too far away.

How far a row is out is its whitened distance d from the middle of the training set; 99.9 % of that
lies within `radius`. A row further out than that, and further than the input itself has led it, is
drawn straight to the middle until its distance is

    r (1 + ln(1 + firmness e) / firmness),   e = d / r - 1,   firmness = 4 a / (1 - a)

with r the larger of the two and a the amount: 0 lets it go, 1 stops it at r. Inside it is left as
it is, bit for bit, and so is an input that nothing bends.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def reined(excess: float, amount: float) -> float:
    """Return what an excess over the radius, in radii, becomes at an amount from 0 to 1."""
    if amount >= 1.0:
        return 0.0
    firmness = 4.0 * amount / (1.0 - amount)
    return math.log1p(firmness * excess) / firmness if firmness > 1e-6 else excess


class Leash:
    """Holds rows of latents near `mean`; `whiten` `(latents, latents)` makes their covariance 1.

    pull      by how much it drew in the last hop, in sd, rms over the latents
    before    `(latents,)`, the last row that it drew as that was before
    """

    def __init__(self, mean: Floats, whiten: Floats, radius: float) -> None:
        self._mean, self._whiten, self._radius = mean, whiten, radius
        self._away, self._white = np.zeros((2, mean.shape[0]), np.float32)
        self.before = np.zeros_like(mean)
        self.pull = 0.0

    def hold(self, row: Floats, encoded: Floats, amount: float) -> bool:
        """Draw float32 `(latents,)` in place, and return whether that was needed.

        `encoded` is the row that the input gave.

        Real-time: three NumPy calls, some ten where it draws.
        """
        self.pull = 0.0
        distance = self._distance(row) if amount > 0.0 else 0.0
        if not self._radius < distance < math.inf:
            return False
        radius = max(self._radius, self._distance(encoded))
        if not distance > radius:
            return False
        share = (1.0 + reined(distance / radius - 1.0, amount)) * radius / distance
        self.before[:] = row
        away = self._away
        np.subtract(row, self._mean, out=away)
        self.pull = (1.0 - share) * math.sqrt(float(away.dot(away)) / row.shape[0])
        away *= share
        np.add(away, self._mean, out=row)
        return True

    def _distance(self, row: Floats) -> float:
        np.subtract(row, self._mean, out=self._away)
        np.dot(self._whiten, self._away, out=self._white)
        return math.sqrt(float(self._white.dot(self._white)))
