"""Distances of sounds that differ in a known way."""

import numpy as np
import pytest

from rtvae.evaluation.stft_distance import stft_distance
from rtvae.evaluation.timbre import long_term_spectrum_db, spectrum_distance_db
from rtvae.evaluation.waveform import HIGHEST_DB, match_waveform
from tests.support.tones import RATE_HZ, Sound, steady


def noise(seed: int, frames: int = RATE_HZ) -> Sound:
    return (0.1 * np.random.default_rng(seed).standard_normal(frames)).astype(np.float32)


def test_equal_sounds_are_no_distance_apart() -> None:
    found = stft_distance(noise(0), noise(0))
    assert (found.convergence, found.log_magnitude) == (0.0, 0.0)


@pytest.mark.parametrize("gain", [0.5, 2.0])
def test_a_gain_is_what_the_formulas_say(gain: float) -> None:
    found = stft_distance(noise(0), (gain * noise(0)).astype(np.float32))
    assert found.convergence == pytest.approx(abs(1.0 - gain), abs=1e-6)
    assert found.log_magnitude == pytest.approx(abs(np.log(gain)), abs=1e-3)


@pytest.mark.parametrize("frames", [100, 700, 2048])
def test_silence_and_scraps_can_be_measured(frames: int) -> None:
    silence = np.zeros(frames, np.float32)
    found = stft_distance(silence, silence)
    assert (found.convergence, found.log_magnitude) == (None, 0.0)
    assert stft_distance(noise(0, frames), silence).convergence == pytest.approx(1.0)


@pytest.mark.parametrize("ratio_db", [0.0, 20.0, 40.0])
@pytest.mark.parametrize("gain", [1.0, 0.1])
def test_si_sdr_is_the_ratio_of_known_noise_at_any_gain(ratio_db: float, gain: float) -> None:
    sound = noise(1, 10 * RATE_HZ)
    spoiled = gain * (sound + 10 ** (-ratio_db / 20) * noise(2, 10 * RATE_HZ))
    found = match_waveform(sound, spoiled.astype(np.float32))
    assert found.si_sdr_db == pytest.approx(ratio_db, abs=0.1)
    assert found.reason == ""


def test_si_sdr_of_a_perfect_copy_is_the_most_there_is() -> None:
    assert match_waveform(noise(1), noise(1)).si_sdr_db == pytest.approx(HIGHEST_DB)


def test_si_sdr_keeps_silent_about_other_waveforms_and_says_why() -> None:
    for other in (noise(5), -noise(1)):
        found = match_waveform(noise(1), other)
        assert found.si_sdr_db is None
        assert "does not follow the waveform" in found.reason
    nothing = match_waveform(noise(1), np.zeros(RATE_HZ, np.float32))
    assert nothing.si_sdr_db is None
    assert "silence" in nothing.reason


def test_the_long_term_spectrum_knows_timbre_but_neither_level_nor_time() -> None:
    sound = np.concatenate([steady(220.0, 1.0), noise(1)])
    turned = np.concatenate([noise(2), steady(220.0, 1.0)])
    dull = np.convolve(sound, np.ones(8) / 8, "same").astype(np.float32)
    spectra = [long_term_spectrum_db(s, RATE_HZ) for s in (sound, 0.1 * turned, dull)]
    first, same, other = (s for s in spectra if s is not None)
    assert spectrum_distance_db(first, same) < 1.0
    assert spectrum_distance_db(first, other) > 3.0
    assert long_term_spectrum_db(np.zeros(5000, np.float32), RATE_HZ) is None
