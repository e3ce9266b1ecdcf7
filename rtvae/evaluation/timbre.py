"""Timbre over a whole recording: the long-term spectrum, freed of its level."""

import numpy as np

from rtvae.dsp.distance import MEL_FLOOR, mel_bank
from rtvae.evaluation.frames import Floats, Track, spectra

WINDOW_FRAMES = 2048
RANGE_DB = 80.0


def long_term_spectrum_db(sound: Floats, sample_rate_hz: int) -> Track | None:
    """Return the mean power of each of 80 mel bands in dB, less their mean; None for silence.

    Bands count down to 80 dB below the strongest.
    """
    bank = mel_bank(sample_rate_hz, WINDOW_FRAMES)
    power = np.zeros(bank.shape[0])
    count = 0
    for rows in spectra(sound, WINDOW_FRAMES, WINDOW_FRAMES // 2):
        power += ((rows @ bank.T) ** 2).sum(axis=0)
        count += rows.shape[0]
    if power.max() / count <= MEL_FLOOR**2:
        return None
    level_db: Track = 10.0 * np.log10(np.maximum(power, power.max() * 10.0 ** (-RANGE_DB / 10.0)))
    level_db -= level_db.mean()
    return level_db


def spectrum_distance_db(a: Track, b: Track) -> float:
    """Return the mean absolute difference of two long-term spectra in dB."""
    return float(np.mean(np.abs(a - b)))
