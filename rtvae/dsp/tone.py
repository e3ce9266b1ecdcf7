"""Tone: a quiet sine that is added to a sound, to find a loudspeaker by."""

import math

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.smoothing import Ramp

Audio = NDArray[np.float32]

TONE_HZ = 440.0
TONE_DBFS = -20.0
RAMP_MS = 50.0


class Tone:
    """Fades in where it is wanted, each time alike, and out where not."""

    def __init__(self, sample_rate_hz: int, max_block: int) -> None:
        self._turn = 2.0 * math.pi * TONE_HZ / sample_rate_hz
        self._gain = Ramp(0.0, round(RAMP_MS * 1e-3 * sample_rate_hz), max_block)
        self._level = 10.0 ** (TONE_DBFS / 20.0)
        self._index = np.arange(max_block, dtype=np.float64)
        self._phases, self._sine = np.empty(max_block), np.empty(max_block, np.float32)
        self._phase = 0.0

    @property
    def silent(self) -> bool:
        """Whether it has faded out."""
        return self._gain.settled and self._gain.value == 0.0

    def add(self, audio: Audio, wanted: bool) -> None:
        """Add it to float32 `(frames,)`, frames <= max_block. Real-time: six NumPy calls."""
        if self.silent:
            self._phase = 0.0
        frames = audio.shape[0]
        phases, sine = self._phases[:frames], self._sine[:frames]
        np.multiply(self._index[:frames], self._turn, out=phases)
        phases += self._phase
        np.sin(phases, out=sine, casting="same_kind")
        self._phase = (self._phase + frames * self._turn) % (2.0 * math.pi)
        self._gain.apply(sine, self._level * wanted)
        audio += sine
