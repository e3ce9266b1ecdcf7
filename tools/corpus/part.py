"""One part of a clip: what every kind of sound is asked to render."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SAMPLE_RATE_HZ = 48_000


@dataclass(frozen=True)
class Part:
    """`source` played for `seconds`; `key` seeds everything random about it."""

    source: str
    seconds: float
    key: tuple[int, ...]

    @property
    def frames(self) -> int:
        """Length in frames at 48 kHz."""
        return round(self.seconds * SAMPLE_RATE_HZ)

    def generator(self) -> np.random.Generator:
        """A fresh generator: the same part always sounds the same."""
        return np.random.default_rng(self.key)
