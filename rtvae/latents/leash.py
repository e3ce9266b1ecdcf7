"""Leash: draws latents back toward where the model is at home, when they are led too far away.

The training set lies in a box, `least` to `most` of each latent, and 99.9 % of it in a ball of
`radius` about its middle, once whitened. A latent outside the box is drawn to it; then, if all of
them together are outside the ball, straight to its middle. What was e sd outside becomes

    ln(1 + firmness e) / firmness,   firmness = 4 a / (1 - a)

with a the amount: 0 lets it go, 1 stops it at the edge. Inside it is left as it is, bit for bit.
Where the input itself leads further out than the edge, that is the edge: what nothing bends is left
alone.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


LOOSE = 1e-6
"""A firmness below this holds nothing."""


def firmness_of(amount: float) -> float:
    """Return how firmly an amount from 0 to 1 holds, 0 to infinity."""
    return math.inf if amount >= 1.0 else 4.0 * amount / (1.0 - amount)


def reined(excess: float, amount: float) -> float:
    """Return what an excess over the edge, in sd, becomes at an amount from 0 to 1."""
    firmness = firmness_of(amount)
    if math.isinf(firmness):
        return 0.0
    return math.log1p(firmness * excess) / firmness if firmness > LOOSE else excess


class Leash:
    """Holds rows of latents where a training set lies. `whiten`, `(latents, latents)`, makes the
    covariance of latents less `mean` 1; all else is `(latents,)`.

    pull    by how much it drew in the last hop, in sd, rms over the latents
    """

    def __init__(
        self, mean: Floats, least: Floats, most: Floats, whiten: Floats, radius: float
    ) -> None:
        self._mean, self._whiten, self._radius = mean, whiten, radius
        self._least, self._most = least, most
        self._before, self._away, self._white, self._inside, self._edge = np.zeros(
            (5, mean.shape[0]), np.float32
        )
        self.pull = 0.0

    def hold(self, row: Floats, encoded: Floats, amount: float) -> None:
        """Draw float32 `(latents,)` in place; `encoded` is the row that the input gave.

        What is no number is left to the guard. Real-time: some seven NumPy calls, thirty where it
        draws.
        """
        self.pull = 0.0
        if not amount > 0.0:
            return
        distance = self._distance(row)
        if not math.isfinite(distance):
            return
        inside, away = self._inside, self._away
        np.maximum(row, self._least, out=inside)
        np.minimum(inside, self._most, out=inside)
        np.subtract(row, inside, out=away)
        boxed = float(away.dot(away)) == 0.0
        if boxed and distance <= self._radius:
            return
        self._before[:] = row
        if not boxed:
            self._draw_to_box(row, encoded, amount)
        self._draw_to_ball(row, encoded, amount)
        np.subtract(self._before, row, out=self._away)
        self.pull = math.sqrt(float(self._away.dot(self._away)) / row.shape[0])

    def _draw_to_box(self, row: Floats, encoded: Floats, amount: float) -> None:
        """Draw each latent that is outside."""
        inside, away, edge = self._inside, self._away, self._edge
        np.fmin(encoded, self._least, out=edge)
        np.maximum(row, edge, out=inside)
        np.fmax(encoded, self._most, out=edge)
        np.minimum(inside, edge, out=inside)
        np.subtract(row, inside, out=away)
        firmness = firmness_of(amount)
        if math.isinf(firmness):
            row[:] = inside
        elif firmness > LOOSE:
            np.abs(away, out=row)
            row *= firmness
            np.log1p(row, out=row)
            row /= firmness
            np.copysign(row, away, out=row)
            row += inside

    def _draw_to_ball(self, row: Floats, encoded: Floats, amount: float) -> None:
        """Draw all latents together."""
        distance = self._distance(row)
        if distance <= self._radius:
            return
        radius = max(self._radius, self._distance(encoded))
        if not distance > radius:
            return
        share = (radius + reined(distance - radius, amount)) / distance
        row -= self._mean
        row *= share
        row += self._mean

    def _distance(self, row: Floats) -> float:
        np.subtract(row, self._mean, out=self._away)
        np.dot(self._whiten, self._away, out=self._white)
        return math.sqrt(float(self._white.dot(self._white)))
