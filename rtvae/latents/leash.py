"""Leash: draws latents back toward where the model is at home, when they are led too far away.

The training set lies in a box, `least` to `most` of each latent, and 99.9 % of it in a ball of
`radius` about its middle, once whitened. A latent outside the box is drawn to it; then, if all of
them together are outside the ball, straight to its middle. What was e times further out than the
edge, e = d / edge - 1, becomes

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
    """Return what an excess over the edge, in edges, becomes at an amount from 0 to 1."""
    firmness = firmness_of(amount)
    if math.isinf(firmness):
        return 0.0
    return math.log1p(firmness * excess) / firmness if firmness > LOOSE else excess


class Leash:
    """Holds rows of latents where a training set lies. `whiten`, `(latents, latents)`, makes the
    covariance of latents less `mean` 1; all else is `(latents,)`.

    pull    by how much it drew in the last hop, in units, rms over the latents
    """

    def __init__(
        self, mean: Floats, least: Floats, most: Floats, whiten: Floats, radius: float
    ) -> None:
        self._mean, self._whiten, self._radius = mean, whiten, radius
        self._middle, self._half = 0.5 * (most + least), 0.5 * (most - least)
        self._each = 1.0 / self._half
        self._before, self._away, self._white, self._out, self._edge = np.zeros(
            (5, mean.shape[0]), np.float32
        )
        self._outside = np.zeros(mean.shape[0], bool)
        self.pull = 0.0

    def hold(self, row: Floats, encoded: Floats, amount: float) -> None:
        """Draw float32 `(latents,)` in place; `encoded` is the row that the input gave.

        What is no number is left to the guard. Real-time: some seven NumPy calls, thirty where it
        draws.
        """
        self.pull = 0.0
        distance = self._distance(row)
        if not (amount > 0.0 and math.isfinite(distance)):
            return
        self._from_middle(row, self._out)
        boxed = float(np.maximum.reduce(self._out, initial=0.0)) <= 1.0
        if boxed and distance <= self._radius:
            return
        self._before[:] = row
        if not boxed:
            self._draw_to_box(row, encoded, amount)
        self._draw_to_ball(row, encoded, amount)
        np.subtract(self._before, row, out=self._away)
        self.pull = math.sqrt(float(self._away.dot(self._away)) / row.shape[0])

    def _draw_to_box(self, row: Floats, encoded: Floats, amount: float) -> None:
        """Draw each latent; `_out` says where it is, in half widths from the middle."""
        out, edge = self._out, self._edge
        self._from_middle(encoded, edge)
        np.maximum(edge, 1.0, out=edge)
        np.greater(out, edge, out=self._outside)
        out /= edge
        out -= 1.0
        np.maximum(out, 0.0, out=out)
        firmness = firmness_of(amount)
        if math.isinf(firmness):
            out.fill(0.0)
        elif firmness > LOOSE:
            out *= firmness
            np.log1p(out, out=out)
            out /= firmness
        out += 1.0
        out *= edge
        out *= self._half
        np.subtract(row, self._middle, out=self._away)
        np.copysign(out, self._away, out=out)
        out += self._middle
        np.copyto(row, out, where=self._outside)

    def _draw_to_ball(self, row: Floats, encoded: Floats, amount: float) -> None:
        """Draw all latents together."""
        distance = self._distance(row)
        if distance <= self._radius:
            return
        radius = max(self._radius, self._distance(encoded))
        if not distance > radius:
            return
        share = (1.0 + reined(distance / radius - 1.0, amount)) * radius / distance
        row -= self._mean
        row *= share
        row += self._mean

    def _from_middle(self, row: Floats, out: Floats) -> None:
        np.subtract(row, self._middle, out=out)
        out *= self._each
        np.abs(out, out=out)

    def _distance(self, row: Floats) -> float:
        np.subtract(row, self._mean, out=self._away)
        np.dot(self._whiten, self._away, out=self._white)
        return math.sqrt(float(self._white.dot(self._white)))
