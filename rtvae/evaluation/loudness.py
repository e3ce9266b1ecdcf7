"""Loudness frame by frame, K-weighted as in ITU-R BS.1770-4, and how far two courses differ.

The standard's gates measure 400 ms at a time; here a frame is one Hann window of 2048 samples,
so that the course of a note shows. What is quieter than the standard's absolute gate, -70 dB,
counts as silence.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from rtvae.evaluation.correlation import correlation
from rtvae.evaluation.frames import WINDOW_FRAMES, Track

SILENCE_DB = -70.0

# ITU-R BS.1770-4, tables 1 and 2: the shelf and the high-pass, as biquads at 48 kHz.
_TABLE_RATE_HZ = 48_000
_BIQUADS = (
    (
        (1.53512485958697, -2.69169618940638, 1.19839281085285),
        (1.0, -1.69065929318241, 0.73248077421585),
    ),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)


@dataclass(frozen=True)
class LoudnessMatch:
    """How the loudness of an output follows that of its input, over the frames with sound.

    `error_db` is the mean absolute difference. None where there is nothing to compare.
    """

    error_db: float | None
    correlation: float | None


@cache
def k_weights(sample_rate_hz: int) -> Track:
    """Return the K-weighting's power gain for each bin of a frame."""
    hz = np.minimum(np.fft.rfftfreq(WINDOW_FRAMES, 1 / sample_rate_hz), _TABLE_RATE_HZ / 2)
    delay = np.exp(-2j * np.pi * hz / _TABLE_RATE_HZ)
    gain = np.ones_like(delay)
    for above, below in _BIQUADS:
        gain *= np.polyval(above[::-1], delay) / np.polyval(below[::-1], delay)
    weights: Track = np.abs(gain) ** 2
    return weights


def loudness_db(magnitudes: Track, sample_rate_hz: int) -> Track:
    """Return the loudness of each frame of `centred_spectra`, SILENCE_DB at least.

    A 997 Hz sine at full scale is -3.01 dB.
    """
    hann_power = 0.375 * WINDOW_FRAMES  # sum of the squared window
    both_sides = np.full(magnitudes.shape[1], 2.0)
    both_sides[[0, -1]] = 1.0
    weights = both_sides * k_weights(sample_rate_hz) / (WINDOW_FRAMES * hann_power)
    power = magnitudes**2 @ weights
    floor = 10.0 ** ((SILENCE_DB + 0.691) / 10.0)
    loudness: Track = -0.691 + 10.0 * np.log10(np.maximum(power, floor))
    return loudness


def match_loudness(wanted_db: Track, played_db: Track) -> LoudnessMatch:
    """Compare two courses of equal length over the frames where either is more than silence."""
    heard = (wanted_db > SILENCE_DB) | (played_db > SILENCE_DB)
    if not heard.any():
        return LoudnessMatch(None, None)
    wanted, played = wanted_db[heard], played_db[heard]
    return LoudnessMatch(float(np.mean(np.abs(played - wanted))), correlation(wanted, played))
