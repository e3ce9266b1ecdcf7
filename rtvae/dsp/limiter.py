"""Limiter: nothing leaves above the ceiling, without look-ahead and so without latency.

The attenuation in dB follows a peak at once and falls again by a fixed number of dB per frame:

    e[i] = max(needed[i], e[i-1] - r)     hence     e[i] + r*i = running maximum of needed[i] + r*i

so one `maximum.accumulate` computes it, and the result does not depend on the block size. The
gain is continuous wherever the signal is; a peak that rises over the ceiling is held flat at it.
"""

import math

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]

CEILING_DB = -1.0
CEILING = float(np.nextafter(np.float32(10 ** (CEILING_DB / 20)), np.float32(0)))
RELEASE_DB_PER_S = 40.0


class Limiter:
    """Ceiling of -1 dBFS for one mono stream; bit-exact pass-through for audio below it."""

    def __init__(self, max_block: int, sample_rate_hz: int) -> None:
        self._fall_db = RELEASE_DB_PER_S / sample_rate_hz
        self._slope_db = (np.arange(1, max_block + 1) * self._fall_db).astype(np.float32)
        self._scratch = np.empty(max_block, np.float32)
        self.attenuation_db = 0.0

    def process(self, audio: Audio, peak: float) -> bool:
        """Limit `audio`, float32 `(frames,)`, finite, in place; `peak` is its largest magnitude.

        Returns whether any attenuation was at work. Real-time: no allocation that stays.
        """
        if peak <= CEILING and self.attenuation_db == 0.0:
            return False
        frames = audio.shape[0]
        slope = self._slope_db[:frames]
        db = self._scratch[:frames]
        np.abs(audio, out=db)
        np.maximum(db, CEILING, out=db)
        np.log10(db, out=db)
        db -= math.log10(CEILING)
        db *= 20.0
        np.maximum(db, 0.0, out=db)
        db += slope
        db[0] = max(float(db[0]), self.attenuation_db)
        np.maximum.accumulate(db, out=db)
        db -= slope
        self.attenuation_db = float(db[-1])
        db *= -math.log(10) / 20
        np.exp(db, out=db)
        audio *= db
        # The logarithm is rounded; the ceiling is a promise.
        np.minimum(audio, CEILING, out=audio)
        np.maximum(audio, -CEILING, out=audio)
        return True
