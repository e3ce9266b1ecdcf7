"""Pitch: known glides are tracked within a few cents, known errors are reported as they are."""

import numpy as np
import pytest

from rtvae.evaluation.frames import frame_hop
from rtvae.evaluation.pitch import match_pitch, praat_pitch_hz
from tests.support.tones import RATE_HZ, Curve, seconds, steady, tone, vibrato


def worst_cents(f0_hz: Curve, rate_hz: int = RATE_HZ) -> float:
    found = praat_pitch_hz(tone(f0_hz, rate_hz), rate_hz)
    places = np.minimum(np.arange(found.size) * frame_hop(rate_hz), f0_hz.size - 1)
    inner = slice(6, -6)
    assert np.isfinite(found[inner]).all()
    return float(np.max(np.abs(1200 * np.log2(found[inner] / f0_hz[places[inner]]))))


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 48_000])
def test_a_glide_over_two_octaves_is_followed(rate_hz: int) -> None:
    time = seconds(3.0, rate_hz)
    assert worst_cents(110.0 * 2.0 ** (2.0 * time / 3.0), rate_hz) < 5.0


def test_vibrato_is_followed() -> None:
    assert worst_cents(vibrato()) < 10.0
    found = praat_pitch_hz(tone(vibrato()), RATE_HZ)
    places = np.arange(found.size) * frame_hop(RATE_HZ)
    inner = slice(6, -6)
    wanted = vibrato()[np.minimum(places, vibrato().size - 1)]
    assert np.median(np.abs(1200 * np.log2(found[inner] / wanted[inner]))) < 5.0


@pytest.mark.parametrize("cents", [-100.0, 30.0, 250.0])
def test_a_shifted_copy_is_off_by_that_many_cents(cents: float) -> None:
    curve = vibrato()
    wanted, played = (
        praat_pitch_hz(tone(c), RATE_HZ) for c in (curve, curve * 2 ** (cents / 1200))
    )
    found = match_pitch(wanted, played)
    assert found.bias_cents == pytest.approx(cents, abs=2.0)
    assert found.error_cents == pytest.approx(abs(cents), abs=2.0)
    assert found.kept_share == pytest.approx(1.0, abs=0.03)
    assert found.gross_share == 0.0


def test_an_octave_is_gross_and_forgiven_when_folded() -> None:
    wanted = np.full(100, 200.0)
    found = match_pitch(wanted, np.where(np.arange(100) < 25, 400.0, 202.0))
    assert found.gross_share == pytest.approx(0.25)
    assert found.folded_cents == pytest.approx(1200 * np.log2(1.01))
    assert match_pitch(wanted, wanted * 2).folded_cents == pytest.approx(0.0)


def test_what_is_lost_in_the_output_is_counted_not_scored() -> None:
    wanted = np.full(100, 200.0)
    played = wanted.copy()
    played[:40] = np.nan
    found = match_pitch(wanted, played)
    assert found.voiced_frames == 100
    assert found.kept_share == pytest.approx(0.6)
    assert found.error_cents == 0.0


def test_too_little_voice_gives_no_figures() -> None:
    nothing = np.full(100, np.nan)
    found = match_pitch(nothing, nothing)
    assert (found.voiced_frames, found.error_cents, found.kept_share) == (0, None, None)
    lost = match_pitch(np.full(100, 200.0), nothing)
    assert (lost.kept_share, lost.error_cents) == (0.0, None)


@pytest.mark.parametrize("frames", [1, 100, 5000])
def test_silence_noise_and_scraps_are_unvoiced(frames: int) -> None:
    random = np.random.default_rng(0)
    for sound in (np.zeros(frames), random.standard_normal(frames) * 0.1):
        found = praat_pitch_hz(sound.astype(np.float32), RATE_HZ)
        assert found.size == frames // frame_hop(RATE_HZ) + 1
        assert np.isnan(found).mean() > 0.9


def test_voice_is_told_from_the_pause_after_it() -> None:
    sound = np.concatenate([steady(180.0, 1.0), np.zeros(RATE_HZ, np.float32)])
    found = praat_pitch_hz(sound, RATE_HZ)
    assert np.isfinite(found[10:90]).all()
    assert np.isnan(found[110:]).all()
