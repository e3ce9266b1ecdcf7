"""Latents through a LatentControl, as a test wants to see them."""

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import defaults, index_of
from rtvae.model.latent_control import LatentControl
from rtvae.model.space import Space

Floats = NDArray[np.float32]

LATENTS = 4
HOP = 64
RATE_HZ = 48_000
HOPS_A_SECOND = RATE_HZ / HOP


def settings(changes: dict[str, float] | None = None, **more: float) -> Floats:
    """The control block's values at rest, but for what is changed; `__` stands for a point."""
    values = np.array(defaults(), np.float32)
    for name, value in {**(changes or {}), **more}.items():
        values[index_of(name.replace("__", "."))] = value
    return values


def noise(rows: int, seed: int = 0, latents: int = LATENTS) -> Floats:
    """Latents as if from an encoder."""
    return np.random.default_rng(seed).standard_normal((rows, latents)).astype(np.float32)


def hops(seconds: float) -> int:
    """So many hops of the control below."""
    return round(seconds * HOPS_A_SECOND)


class Bent:
    """A LatentControl that begins with `values`; its latents range from -3 to 3.

    The first of them is the loudness.
    """

    def __init__(
        self, values: Floats, latents: int = LATENTS, *, space: Space | None = None, seed: int = 0
    ) -> None:
        self.values = values
        self.latents = latents
        widest = np.full(latents, 3.0, np.float32)
        self.control = LatentControl(
            latents,
            HOP,
            RATE_HZ,
            seed,
            ranges=(-widest, widest),
            attributes=tuple("loudness" if k == 0 else "" for k in range(latents)),
            space=space,
        )
        self.control.land(values)
        self._serial = 0

    def set(self, **changes: float) -> None:
        """Turn knobs from the next call on."""
        for name, value in changes.items():
            self.values[index_of(name.replace("__", "."))] = value
        self._serial += 1

    def play(
        self,
        mean: Floats | int,
        sound: Floats | None = None,
        sizes: tuple[int, ...] = (),
        std: float = 0.5,
    ) -> Floats:
        """Bend latents `(rows, latents)`, or so many rows of silence, in blocks of `sizes` hops."""
        if isinstance(mean, int):
            mean = np.zeros((mean, self.latents), np.float32)
        out, at, block = np.empty_like(mean), 0, 0
        while at < mean.shape[0]:
            size = sizes[block % len(sizes)] if sizes else mean.shape[0]
            rows = slice(at, at + size)
            heard = None if sound is None else sound[at * HOP : (at + size) * HOP]
            spread = np.full_like(mean[rows], std)
            self.control.apply(mean[rows], spread, self.values, out[rows], self._serial, heard)
            at, block = at + size, block + 1
        return out
