"""Spectra: right place, right level, any rate, nothing but numbers."""

import numpy as np
import pytest

from rtvae.window.spectrum import FLOOR_DB, CalmCurve, LogSpectrum


@pytest.mark.parametrize("sample_rate_hz", [16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("tone_hz", [110.0, 1000.0, 6000.0])
def test_a_tone_stands_at_its_frequency_and_level(sample_rate_hz: int, tone_hz: float) -> None:
    spectrum = LogSpectrum(sample_rate_hz, 4096, 200)
    seconds = np.arange(4096) / sample_rate_hz
    levels_db = spectrum.levels_db((0.5 * np.sin(2 * np.pi * tone_hz * seconds)).astype(np.float32))
    at = int(np.argmax(levels_db))
    assert spectrum.centres_hz[at] == pytest.approx(tone_hz, rel=0.06)
    assert levels_db[at] == pytest.approx(-6.0, abs=1.6)


def test_silence_and_nothing_at_all_lie_on_the_floor() -> None:
    spectrum = LogSpectrum(48_000, 2048, 128)
    for samples in (np.zeros(2048, np.float32), np.zeros(0, np.float32)):
        assert (spectrum.levels_db(samples) == FLOOR_DB).all()


def test_a_curve_rises_quickly_and_falls_at_its_pace() -> None:
    curve = CalmCurve(1, fall_db_per_s=30.0)
    loud, quiet = np.zeros(1, np.float32), np.full(1, FLOOR_DB, np.float32)
    for frame in range(10):
        curve.update(loud, frame / 30)
    assert curve.levels_db[0] > -1.0
    before = float(curve.levels_db[0])
    curve.update(quiet, 9 / 30 + 0.5)
    assert curve.levels_db[0] == pytest.approx(before - 15.0, abs=0.01)
