"""What the bench plays: tones, noise and knocks that never rest, the same in every run."""

import numpy as np
from numpy.typing import NDArray

LOUD = 0.25
KNOCKS_HZ = 4


def sound(seconds: float, rate_hz: int) -> NDArray[np.float32]:
    """Return `seconds` of test sound, mono float32 `(frames,)`, peaks below full scale.

    Never silent, so that no block is cheaper or dearer for it, and quiet enough that the guard's
    limiter has as little to do as on stage.
    """
    frames = round(seconds * rate_hz)
    time = np.arange(frames) / rate_hz
    melody = 220.0 * 2.0 ** (np.floor(3.0 * time) % 12 / 12.0)
    tone = np.sin(2.0 * np.pi * np.cumsum(melody) / rate_hz)
    hiss = np.random.default_rng(11).standard_normal(frames)
    knock = np.exp(-(KNOCKS_HZ * time % 1.0) * 40.0)
    return (LOUD * (0.6 * tone + 0.1 * hiss * (0.2 + knock))).astype(np.float32)
