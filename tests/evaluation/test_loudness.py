"""Loudness: the standard's reference tone, and courses of known shape."""

import numpy as np
import pytest

from rtvae.evaluation.attributes import measure_attributes
from rtvae.evaluation.frames import frame_hop
from rtvae.evaluation.loudness import SILENCE_DB, match_loudness
from tests.support.tones import RATE_HZ, Sound, seconds, steady


def course(sound: Sound, rate_hz: int = RATE_HZ) -> np.ndarray:
    return measure_attributes(sound, rate_hz, None).loudness


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_the_reference_tone_reads_as_the_standard_says(rate_hz: int) -> None:
    sine = np.sin(2 * np.pi * 997.0 * seconds(1.0, rate_hz)).astype(np.float32)
    assert np.median(course(sine, rate_hz)) == pytest.approx(-3.01, abs=0.05)


def test_the_ear_is_duller_at_the_bottom_than_at_the_top() -> None:
    low, high = (
        np.median(course(np.sin(2 * np.pi * hz * seconds(1.0)).astype(np.float32)))
        for hz in (30.0, 5000.0)
    )
    assert high - low > 10.0


def test_a_known_curve_is_measured_back() -> None:
    time = seconds(4.0)
    curve_db = -12.0 + 10.0 * np.sin(2 * np.pi * 0.5 * time)
    sound = (steady(440.0, 4.0) * 10 ** (curve_db / 20.0)).astype(np.float32)
    found = course(sound)
    at_frames = np.interp(np.arange(found.size) * frame_hop(RATE_HZ) / RATE_HZ, time, curve_db)
    inner = slice(5, -5)
    rest = found[inner] - at_frames[inner]
    assert np.ptp(rest) < 0.5


def test_twice_the_level_is_six_decibels_off_and_perfectly_correlated() -> None:
    time = seconds(2.0)
    sound = (steady(300.0, 2.0) * (0.2 + 0.1 * np.sin(2 * np.pi * time))).astype(np.float32)
    found = match_loudness(course(sound), course(2 * sound))
    assert found.error_db == pytest.approx(6.02, abs=0.01)
    assert found.correlation == pytest.approx(1.0, abs=1e-6)


def test_silence_has_a_floor_and_nothing_to_compare() -> None:
    silence = course(np.zeros(RATE_HZ, np.float32))
    assert (silence == SILENCE_DB).all()
    found = match_loudness(silence, silence)
    assert found.error_db is None
    assert found.correlation is None


def test_a_steady_tone_has_an_error_but_no_correlation() -> None:
    level = np.full(100, -20.0)
    found = match_loudness(level, level - 3.0)
    assert found.error_db == pytest.approx(3.0)
    assert found.correlation is None
