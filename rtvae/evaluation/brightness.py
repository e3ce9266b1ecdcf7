"""Brightness frame by frame: the spectral centroid on a logarithmic scale, in octaves."""

import numpy as np

from rtvae.dsp.distance import LOWEST_HZ
from rtvae.evaluation.frames import WINDOW_FRAMES, Track

REFERENCE_HZ = 1000.0


def brightness_octaves(magnitudes: Track, sample_rate_hz: int) -> Track:
    """Return log2(centroid / 1 kHz) of each frame of `centred_spectra`, NaN for pure zeros.

    The centroid is the mean frequency from 40 Hz up, weighted by power: weighted by magnitude,
    the faint hiss of a recording would outweigh a tone.
    """
    hz = np.fft.rfftfreq(WINDOW_FRAMES, 1 / sample_rate_hz)
    audible = hz >= LOWEST_HZ
    weight = magnitudes[:, audible] ** 2
    total = weight.sum(axis=1)
    centroid = np.full(total.shape, np.nan)
    np.divide(weight @ hz[audible], total, out=centroid, where=total > 0.0)
    octaves: Track = np.log2(centroid / REFERENCE_HZ)
    return octaves
