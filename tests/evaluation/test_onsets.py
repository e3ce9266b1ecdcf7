"""Onsets: found where notes begin, matched with those of a copy, late by its delay."""

import numpy as np
import pytest

from rtvae.evaluation.onsets import Onsets, find_onsets, match_onsets
from tests.support.tones import RATE_HZ, Sound, notes, seconds, steady, tone, vibrato

PLACES = [4000 + 9973 * k for k in range(12)]
FRAMES = 3 * RATE_HZ


def onsets(sound: Sound) -> Onsets:
    return find_onsets(sound, RATE_HZ)


def clear(*places: float) -> Onsets:
    return Onsets(np.array(places), np.ones(len(places), bool))


def test_every_note_has_one_onset_where_it_begins() -> None:
    found = onsets(notes(PLACES, FRAMES))
    assert found.clear.sum() == len(PLACES)
    np.testing.assert_allclose(found.places, PLACES, atol=0.005 * RATE_HZ)


@pytest.mark.parametrize("gain", [1.0, 0.02])
def test_level_does_not_matter(gain: float) -> None:
    assert onsets((gain * notes(PLACES, FRAMES)).astype(np.float32)).clear.sum() == len(PLACES)


@pytest.mark.parametrize("delay_frames", [0, 37, 480, 1500])
def test_a_delayed_copy_is_late_by_its_delay(delay_frames: int) -> None:
    wanted = onsets(notes(PLACES, FRAMES))
    played = onsets(notes(PLACES, FRAMES, delay_frames))
    found = match_onsets(wanted, played, RATE_HZ)
    assert found.recall == found.precision == 1.0
    assert found.delay_frames == pytest.approx(delay_frames, abs=12)
    assert found.delay_ms == pytest.approx(1e3 * delay_frames / RATE_HZ, abs=0.25)


def test_what_is_missing_lowers_recall_and_what_is_added_precision() -> None:
    wanted, half = onsets(notes(PLACES, FRAMES)), onsets(notes(PLACES[::2], FRAMES))
    lost = match_onsets(wanted, half, RATE_HZ)
    assert (lost.recall, lost.precision) == (0.5, 1.0)
    gained = match_onsets(half, wanted, RATE_HZ)
    assert (gained.recall, gained.precision) == (1.0, 0.5)


def test_an_onset_too_late_is_not_found_and_none_counts_twice() -> None:
    late = match_onsets(clear(10_000.0, 20_000.0), clear(12_880.0, 22_880.0), RATE_HZ)
    assert (late.recall, late.delay_ms) == (0.0, None)
    close = match_onsets(clear(10_000.0), clear(9_900.0, 10_200.0), RATE_HZ)
    assert (close.recall, close.precision, close.delay_frames) == (1.0, 0.5, -100.0)


def test_a_faint_onset_is_enough_where_the_other_sound_has_a_clear_one() -> None:
    faint = Onsets(np.array([10_000.0]), np.zeros(1, bool))
    found = match_onsets(clear(10_000.0), faint, RATE_HZ)
    assert (found.onsets, found.recall, found.precision) == (1, 1.0, None)
    assert match_onsets(faint, faint, RATE_HZ).onsets == 0


def test_vibrato_and_steady_noise_have_at_most_the_onset_at_their_start() -> None:
    noise = 0.1 * np.random.default_rng(1).standard_normal(2 * RATE_HZ).astype(np.float32)
    swell = steady(300.0, 2.0) * (0.2 + 0.1 * np.sin(2 * np.pi * seconds(2.0)))
    for sound in (tone(vibrato()), noise, swell.astype(np.float32)):
        found = onsets(sound)
        assert all(place < 0.02 * RATE_HZ for place in found.places[found.clear])


@pytest.mark.parametrize("frames", [1, 1000, 2000])
def test_silence_and_scraps_have_none(frames: int) -> None:
    nothing = onsets(np.zeros(frames, np.float32))
    assert nothing.places.size == 0
    found = match_onsets(nothing, nothing, RATE_HZ)
    assert (found.onsets, found.recall, found.precision, found.delay_ms) == (0, None, None, None)
