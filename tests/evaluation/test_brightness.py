"""Brightness: the centroid of known spectra, in octaves."""

import numpy as np
import pytest

from rtvae.evaluation.attributes import measure_attributes
from tests.support.tones import RATE_HZ, seconds, steady


def brightness(hz: float) -> float:
    sine = (0.1 * np.sin(2 * np.pi * hz * seconds(1.0))).astype(np.float32)
    return float(np.nanmedian(measure_attributes(sine, RATE_HZ, None).brightness))


def test_a_sine_is_as_bright_as_it_is_high() -> None:
    assert brightness(1000.0) == pytest.approx(0.0, abs=0.03)
    assert brightness(4000.0) - brightness(1000.0) == pytest.approx(2.0, abs=0.05)


def test_a_faint_hiss_does_not_brighten_a_tone() -> None:
    hiss = 1e-4 * np.random.default_rng(0).standard_normal(RATE_HZ)
    tone = steady(220.0, 1.0)
    clean, noisy = (
        np.nanmedian(measure_attributes(s.astype(np.float32), RATE_HZ, None).brightness)
        for s in (tone, tone + hiss)
    )
    assert noisy == pytest.approx(clean, abs=0.05)


def test_level_does_not_matter_and_silence_has_none() -> None:
    noise = np.random.default_rng(0).standard_normal(RATE_HZ).astype(np.float32)
    loud, soft = (measure_attributes(g * noise, RATE_HZ, None).brightness for g in (0.3, 0.003))
    np.testing.assert_allclose(loud, soft, atol=1e-4)
    assert np.isnan(measure_attributes(0 * noise, RATE_HZ, None).brightness).all()
