"""The oscilloscope's eye: where to begin so that a tone stands still, and what to draw of it."""

import numpy as np
from numpy.typing import NDArray

QUIET = 1e-4
# How far it must swing back before the next crossing counts, as a share of the peak.
HYSTERESIS = 0.1


def trigger(sound: NDArray[np.float32], shown: int) -> int | None:
    """Return where the newest rising crossing of zero begins that still has `shown` frames after.

    Ripples that do not swing below -HYSTERESIS of the peak first do not count. None where nothing
    rises, or all is quiet.
    """
    if sound.size <= shown:
        return None
    peak = float(np.max(np.abs(sound)))
    if not peak > QUIET:
        return None
    low = sound < -HYSTERESIS * peak
    high = sound >= 0.0
    # The last frame of a low stretch before each place; a crossing is the first high after one.
    crossing = np.flatnonzero(high[1:] & ~high[:-1]) + 1
    crossing = crossing[crossing <= sound.size - shown]
    lows = np.flatnonzero(low)
    if not crossing.size or not lows.size:
        return None
    last_low = np.searchsorted(lows, crossing) - 1
    before = np.concatenate(([-1], crossing[:-1]))
    good = crossing[(last_low >= 0) & (lows[np.maximum(last_low, 0)] >= before)]
    return int(good[-1]) if good.size else None
