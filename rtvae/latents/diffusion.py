"""Diffusion: noise on all latents at once, from new in each hop to a slow drift.

    drift' = keep * drift + sqrt(1 - keep^2) * noise

is of unit variance whatever `keep` is, and stays so while it is turned.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SLOWEST_S = 4.0
QUICKEST_S = 0.25e-3


class Diffusion:
    """Seeded noise of unit variance in every latent; it stands still while nobody asks for it."""

    def __init__(self, latents: int, hop_s: float, seed: int) -> None:
        self._hop_s = hop_s
        self._random = np.random.Generator(np.random.PCG64(seed))
        self._begin = self._random.bit_generator.state
        self._drift = np.zeros(latents, np.float32)
        self._noise = np.zeros(latents, np.float32)
        self._keep = self._fresh = 0.0
        self._begun = False

    def land(self) -> None:
        """Begin anew. Real-time safe, but not meant for every block."""
        self._random.bit_generator.state = self._begin
        self._begun = False

    def aim(self, colour: float) -> None:
        """Be of a colour: 0 is white, 1 remembers for SLOWEST_S, between them by octaves."""
        remembered_s = QUICKEST_S * (SLOWEST_S / QUICKEST_S) ** colour
        self._keep = math.exp(-self._hop_s / remembered_s) if colour > 0.0 else 0.0
        self._fresh = math.sqrt(1.0 - self._keep**2)

    def add(self, row: Floats, deviation: float) -> None:
        """Go on by one hop and add it to float32 `(latents,)`. Real-time: five NumPy calls."""
        noise, drift = self._noise, self._drift
        self._random.standard_normal(dtype=np.float32, out=noise)
        if self._begun:
            drift *= self._keep
            noise *= self._fresh
            drift += noise
        else:
            self._begun = True
            drift[:] = noise
        np.multiply(drift, deviation, out=noise)
        row += noise
