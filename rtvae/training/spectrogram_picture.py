"""Two sounds as pictures, one above the other: the bands and decibels that the distance counts.

+--------------------+
| wanted             |   80 mel bands upwards, time to the right
+--------------------+
| played             |   the same colours for the same levels
+--------------------+
"""

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.distance import log_mel_db

RANGE_DB = 80.0
BAND_ROWS = 3
LINE_ROWS = 4

# From silence to the loudest, in even steps: black, blue, violet, red, orange, pale yellow.
COLOURS = np.array(
    [(0, 0, 4), (22, 28, 92), (98, 24, 128), (200, 44, 72), (248, 140, 32), (252, 252, 190)],
    np.float64,
)


def spectrogram_pair(
    wanted: NDArray[np.float32], played: NDArray[np.float32], sample_rate_hz: int
) -> NDArray[np.uint8]:
    """Return a picture `(rows, columns, 3)` of two sounds of equal length, float32 `(frames,)`."""
    levels = [log_mel_db(sound, sample_rate_hz) for sound in (wanted, played)]
    loudest = max(float(level.max()) for level in levels)
    above, below = (_coloured(level, loudest) for level in levels)
    line = np.full((LINE_ROWS, above.shape[1], 3), 255, np.uint8)
    return np.concatenate([above, line, below])


def _coloured(level_db: NDArray[np.float64], loudest_db: float) -> NDArray[np.uint8]:
    """Colours of levels `(bands, columns)`; the lowest band comes last."""
    share = np.clip(1.0 + (level_db - loudest_db) / RANGE_DB, 0.0, 1.0)
    rows = np.repeat(share[::-1], BAND_ROWS, axis=0)
    steps = np.linspace(0.0, 1.0, len(COLOURS))
    channels = [np.interp(rows, steps, COLOURS[:, channel]) for channel in range(3)]
    return np.stack(channels, 2).round().astype(np.uint8)
