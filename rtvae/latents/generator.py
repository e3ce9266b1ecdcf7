"""Generator: latents from nothing, for playing without an input.

From the unit Gaussian: each latent passes a second order filter of noise,

    speed' = keep * speed + sqrt(1 - keep^2) * noise
    place' = keep * place + (1 - keep^2) / sqrt(1 + keep^2) * speed'

so that it moves smoothly and its variance is 1 at any pace. Or by a walker, such as the prior that
a model learned. Where the player changes from one to the other they fade into each other.
"""

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rtvae.latents.glide import glided

Floats = NDArray[np.float32]

TIME_CONSTANT_S = 0.12
"""Of the Gaussian's latents at a pace of 1."""


class Walker(Protocol):
    """What gives one row of latents after the other."""

    def reset(self) -> None:
        """Begin anew, with the same noise."""
        ...

    def step(self, out: Floats, pace: float, spread: float) -> None:
        """Fill `out`, float32 `(latents,)`, with the next hop; a pace of 1 is the usual one."""
        ...


class Gaussian:
    """The walker through the unit Gaussian; a pace of 0 stands still."""

    def __init__(self, latents: int, hop_s: float, seed: int) -> None:
        self._hop_s = hop_s
        self._random = np.random.Generator(np.random.PCG64(seed))
        self._begin = self._random.bit_generator.state
        self._speed, self._place, self._noise = np.zeros((3, latents), np.float32)
        self.reset()

    def reset(self) -> None:
        """See Walker. Real-time safe, but not meant for every block."""
        self._random.bit_generator.state = self._begin
        self._random.standard_normal(dtype=np.float32, out=self._speed)
        self._random.standard_normal(dtype=np.float32, out=self._noise)
        # As if it had always run, slowly: place and speed go together by this much.
        together = math.sqrt(0.5)
        np.multiply(self._speed, together, out=self._place)
        self._noise *= together
        self._place += self._noise

    def step(self, out: Floats, pace: float, spread: float) -> None:
        """See Walker. Real-time: eight NumPy calls."""
        if pace > 0.0:
            keep = math.exp(-self._hop_s * pace / TIME_CONSTANT_S)
            noise, fresh = self._noise, 1.0 - keep**2
            self._random.standard_normal(dtype=np.float32, out=noise)
            noise *= math.sqrt(fresh)
            self._speed *= keep
            self._speed += noise
            np.multiply(self._speed, fresh / math.sqrt(1.0 + keep**2), out=noise)
            self._place *= keep
            self._place += noise
        np.multiply(self._place, spread, out=out)


class Generator:
    """Fades between the Gaussian and what was learned; without `learned` it is the former."""

    def __init__(self, gaussian: Walker, learned: Walker | None, latents: int, pull: float) -> None:
        self._gaussian, self._learned, self._pull = gaussian, learned, pull
        self._row, self._other = np.zeros((2, latents), np.float32)
        self._share = self._target = 0.0
        self._pace = 1.0

    def land(self) -> None:
        """Begin anew. Real-time safe, but not meant for every block."""
        self._gaussian.reset()
        if self._learned is not None:
            self._learned.reset()
        self._share = self._target

    def aim(self, *, learned: bool, pace: float) -> None:
        """Generate from what was learned, if that is so, at a pace. Real-time safe."""
        self._target = float(learned and self._learned is not None)
        self._pace = pace

    def mix(self, row: Floats, share: float, spread: float) -> None:
        """Go on by one hop and mix it into float32 `(latents,)`; `share` is how much of it.

        A row that is no number stays none. Real-time: some 15 NumPy calls, a walker's own beside.
        """
        made, other = self._row, self._other
        self._share = glided(self._share, self._target, self._pull)
        if self._share < 1.0 or self._learned is None:
            self._gaussian.step(made, self._pace, spread)
        else:
            self._learned.step(made, self._pace, spread)
        if 0.0 < self._share < 1.0 and self._learned is not None:
            self._learned.step(other, self._pace, spread)
            other -= made
            other *= self._share
            made += other
        made -= row
        made *= share
        row += made
