"""Meter: how loud one stream is, as a peak that falls slowly and a short-term rms."""

import math

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

    def take(self, frames: int, peak: float, energy: float) -> None:
        """Take one block of `frames` >= 1 by its largest magnitude and its sum of squares.

        Real-time: no allocation that stays.
        """
        if frames != self._frames:
            self._frames = frames
            self._fall = math.exp(-frames / (FALL_MS * 1e-3 * self._rate_hz))
            self._keep = math.exp(-frames / (RMS_MS * 1e-3 * self._rate_hz))
        power = energy / frames
        fallen = self.peak * self._fall
        self.peak = peak if peak > fallen else fallen
        self._power = power + self._keep * (self._power - power)
        self.block_peak, self.block_power = peak, power
