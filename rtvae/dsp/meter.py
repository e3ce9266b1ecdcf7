"""Meter: how loud one stream is, as a peak that falls slowly and a short-term rms."""

import math

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.peak import peak_of

Audio = NDArray[np.float32]

FALL_MS = 300.0
RMS_MS = 100.0


class Meter:
    """Measures one mono stream block by block.

    `peak` falls so slowly that a slow reader misses none; `rms` is over the last 100 ms.
    `block_peak` and `block_power` are the last block's own largest magnitude and mean square.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        self._rate_hz = sample_rate_hz
        self._power = 0.0
        self._frames = 0
        self._fall = self._keep = 1.0
        self.peak = self.block_peak = self.block_power = 0.0

    @property
    def rms(self) -> float:
        """The short-term rms level."""
        return math.sqrt(self._power)

    def take(self, audio: Audio, peak: float | None = None) -> None:
        """Measure one block, float32 `(frames,)`, finite, frames >= 1; `peak` if it is known.

        Real-time: no allocation that stays.
        """
        frames = audio.shape[0]
        if frames != self._frames:
            self._frames = frames
            self._fall = math.exp(-frames / (FALL_MS * 1e-3 * self._rate_hz))
            self._keep = math.exp(-frames / (RMS_MS * 1e-3 * self._rate_hz))
        if peak is None:
            peak = peak_of(audio)
        power = float(audio.dot(audio)) / frames
        fallen = self.peak * self._fall
        self.peak = peak if peak > fallen else fallen
        self._power = power + self._keep * (self._power - power)
        self.block_peak, self.block_power = peak, power
