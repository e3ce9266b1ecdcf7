"""Levels: how loud it is on both sides, shown, and judged for a howl."""

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.howl import Howl
from rtvae.dsp.meter import Meter
from rtvae.link.telemetry import TelemetryWriter

Audio = NDArray[np.float32]


class Levels:
    """Measures what was heard and played. `howl` judges it and says how far to turn it down."""

    def __init__(self, sample_rate_hz: int, telemetry: TelemetryWriter) -> None:
        self.howl = Howl(sample_rate_hz)
        self._heard, self._played = Meter(sample_rate_hz), Meter(sample_rate_hz)
        self._telemetry = telemetry

    def take(
        self, heard: Audio, played: Audio, peak: float | None, gain: float, limited: bool
    ) -> None:
        """Measure and show one stretch of both, float32 `(frames,)` each, frames >= 1.

        peak     the largest magnitude of `played`, where it is known
        gain     how far `played` was turned down at last
        limited  whether the limiter was at work
        Real-time: no allocation that stays.
        """
        inlet, outlet, telemetry, howl = self._heard, self._played, self._telemetry, self.howl
        inlet.take(heard)
        outlet.take(played, peak)
        telemetry.set("input_peak", inlet.peak)
        telemetry.set("input_rms", inlet.rms)
        telemetry.set("output_peak", outlet.peak)
        telemetry.set("output_rms", outlet.rms)
        howls = howl.howls
        howl.advance(
            heard.shape[0],
            inlet.block_peak,
            inlet.block_power,
            outlet.block_peak / gain,
            outlet.block_power / gain**2,
            limited,
        )
        if howl.howls != howls:
            telemetry.add("howls")
