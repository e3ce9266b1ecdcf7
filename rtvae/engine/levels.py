"""Levels: how loud it is on both sides, shown, judged for a howl, and turned down if it is one."""

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.howl import Howl
from rtvae.dsp.meter import Meter
from rtvae.dsp.peak import peak_of
from rtvae.dsp.smoothing import Ramp
from rtvae.link.telemetry import TelemetryWriter

Audio = NDArray[np.float32]
Level = tuple[float, float]
"""Largest magnitude and sum of squares."""

DUCK_MS = 10.0


def level_of(audio: Audio) -> Level:
    """Measure float32 `(frames,)`, finite, frames >= 1. Real-time: no allocation that stays."""
    return peak_of(audio), float(audio.dot(audio))


class Levels:
    """Shows how loud it is. `howl` judges it, and what howls is turned down.

    Set `limited` where the limiter was at work since the last `take`.
    """

    def __init__(self, sample_rate_hz: int, max_block: int, telemetry: TelemetryWriter) -> None:
        self.howl = Howl(sample_rate_hz)
        self.limited = False
        self._duck = Ramp(1.0, round(DUCK_MS * 1e-3 * sample_rate_hz), max_block)
        self._heard, self._played = Meter(sample_rate_hz), Meter(sample_rate_hz)
        self._telemetry = telemetry

    @property
    def settled(self) -> bool:
        """Whether the sound stands where it is to be turned to."""
        return self._duck.settled

    @property
    def at_rest(self) -> bool:
        """Whether nothing is turned down or is to be."""
        return self.howl.gain == 1.0 and self._duck.value == 1.0 and self._duck.settled

    def turn_down(self, audio: Audio) -> None:
        """Turn a block of the sound down, float32 `(frames,)`, in place. Real-time safe."""
        if self.howl.gain != 1.0 or self._duck.value != 1.0:
            self._duck.apply(audio, self.howl.gain)

    def take(self, frames: int, heard: Level, played: Level) -> None:
        """Take and show one stretch of `frames` >= 1 of what was heard, and of what was played.

        Real-time: no allocation that stays.
        """
        inlet, outlet, telemetry, howl = self._heard, self._played, self._telemetry, self.howl
        gain, limited = self._duck.value, self.limited
        inlet.take(frames, *heard)
        outlet.take(frames, *played)
        telemetry.set("input_peak", inlet.peak)
        telemetry.set("input_rms", inlet.rms)
        telemetry.set("output_peak", outlet.peak)
        telemetry.set("output_rms", outlet.rms)
        howls = howl.howls
        howl.advance(
            frames,
            inlet.block_peak,
            inlet.block_power,
            outlet.block_peak / gain,
            outlet.block_power / gain**2,
            limited,
        )
        self.limited = False
        if howl.howls != howls:
            telemetry.add("howls")
