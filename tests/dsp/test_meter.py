"""The meter: peaks stay long enough to be seen, and rms is that of the sound."""

import numpy as np
import pytest

from rtvae.dsp.meter import Meter

RATE_HZ = 48_000


@pytest.mark.parametrize("size", [16, 64, 500])
def test_a_steady_tone_shows_its_own_level(size: int) -> None:
    meter = Meter(RATE_HZ)
    tone = 0.5 * np.sin(2 * np.pi * 480.0 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    for start in range(0, RATE_HZ - size, size):
        block = tone[start : start + size]
        meter.take(size, float(np.abs(block).max()), float(block @ block))
    assert meter.peak == pytest.approx(0.5, rel=0.02)
    assert meter.rms == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


def test_a_peak_falls_slowly_and_is_not_hidden_by_what_follows() -> None:
    meter = Meter(RATE_HZ)
    meter.take(480, peak=0.8, energy=0.64)
    assert (meter.peak, meter.block_peak) == (pytest.approx(0.8), pytest.approx(0.8))
    assert meter.block_power == pytest.approx(0.64 / 480)
    for _ in range(10):
        meter.take(480, 0.0, 0.0)
    assert 0.5 < meter.peak < 0.6
    assert meter.block_peak == meter.block_power == 0.0
