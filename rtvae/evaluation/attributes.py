"""The attributes of a sound, frame by frame: loudness in dB, brightness in octaves, pitch."""

from dataclasses import dataclass

import numpy as np

from rtvae.evaluation.brightness import brightness_octaves
from rtvae.evaluation.frames import Floats, Track, centred_spectra
from rtvae.evaluation.loudness import SILENCE_DB, loudness_db
from rtvae.evaluation.pitch import PitchTracker
from rtvae.spec import ATTRIBUTES

UNITS = dict(zip(ATTRIBUTES, ("dB", "octaves", "cents"), strict=True))


@dataclass(frozen=True)
class Attributes:
    """Three tracks of equal length, one value each 10 ms.

    `loudness` is never NaN; `brightness` is NaN in silence, `pitch` (cents above 1 Hz) where
    unvoiced, and everywhere without a tracker; `pitch_hz` is the same in Hz.
    """

    loudness: Track
    brightness: Track
    pitch_hz: Track

    @property
    def pitch(self) -> Track:
        """Cents above 1 Hz."""
        cents: Track = 1200.0 * np.log2(self.pitch_hz)
        return cents

    def named(self, attribute: str) -> Track:
        """Return one of ATTRIBUTES."""
        return {
            "loudness": self.loudness,
            "brightness": self.brightness,
            "pitch": self.pitch,
        }[attribute]


def measure_attributes(
    sound: Floats, sample_rate_hz: int, tracker: PitchTracker | None
) -> Attributes:
    """Return the attributes of mono `sound` `(frames,)`; any length, silence included."""
    loudness, brightness = [], []
    for magnitudes in centred_spectra(sound, sample_rate_hz):
        loudness.append(loudness_db(magnitudes, sample_rate_hz))
        brightness.append(brightness_octaves(magnitudes, sample_rate_hz))
    loud, bright = np.concatenate(loudness), np.concatenate(brightness)
    bright[loud <= SILENCE_DB] = np.nan
    unvoiced = np.full(loud.shape, np.nan)
    return Attributes(loud, bright, tracker(sound, sample_rate_hz) if tracker else unvoiced)
