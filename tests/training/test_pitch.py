"""The pitch latent follows notes, glides and voices without a fundamental, and stays in silence."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from rtvae.training.pitch import REFERENCE_HZ, Pitch

RATE, HOP = 48000, 64
PITCH = Pitch(HOP, RATE)


def _octaves(sound: NDArray[np.float64]) -> NDArray[np.float32]:
    sound = sound[: sound.shape[0] // HOP * HOP]
    heard: NDArray[np.float32] = PITCH(torch.from_numpy(sound.astype(np.float32))[None, None])
    return np.asarray(heard)[0, 0]


def _note(hz: NDArray[np.float64], partials: list[int]) -> NDArray[np.float64]:
    phase = 2 * np.pi * np.cumsum(hz) / RATE
    return np.asarray(sum(0.2 / k * np.sin(k * phase) for k in partials), np.float64)


def _cents(octaves: NDArray[np.float32], hz: float) -> NDArray[np.float32]:
    return np.asarray(1200 * (octaves - np.log2(hz / REFERENCE_HZ)), np.float32)


@pytest.mark.parametrize("hz", [65, 82.4, 110, 196, 220, 440, 659.3, 880, 1318.5])
def test_a_note_is_known_within_a_tenth_of_a_semitone_after_60_ms(hz: float) -> None:
    octaves = _octaves(_note(np.full(RATE // 2, hz), [1, 2, 3, 4, 5]))
    assert np.abs(_cents(octaves[int(0.06 * RATE / HOP) :], hz)).max() < 10


def test_a_voice_without_its_fundamental_has_the_pitch_that_is_heard() -> None:
    octaves = _octaves(_note(np.full(RATE // 2, 120.0), [3, 4, 5, 6]))
    assert np.abs(_cents(octaves[100:], 120.0)).max() < 15


def test_the_level_does_not_matter() -> None:
    note = _note(np.full(RATE // 4, 300.0), [1, 2, 3])
    loud, soft = _octaves(note), _octaves(0.003 * note)
    np.testing.assert_allclose(loud[60:], soft[60:], atol=0.01)


def test_a_glide_is_followed_with_a_lag_of_less_than_20_ms() -> None:
    time = np.arange(RATE) / RATE
    hz = 200.0 * 2.0**time
    octaves = _octaves(_note(hz, [1, 2, 3, 4]))
    wanted = np.log2(hz[HOP - 1 :: HOP] / REFERENCE_HZ)
    late = (wanted[: octaves.shape[0]] - octaves)[100:]
    assert 0.0 <= late.mean() < 0.020


def test_the_last_note_is_held_in_silence_and_left_for_the_next() -> None:
    notes = [_note(np.full(RATE // 4, hz), [1, 2, 3]) for hz in (330.0, 247.0)]
    octaves = _octaves(np.concatenate([notes[0], np.zeros(RATE // 4), notes[1]]))
    assert np.abs(_cents(octaves[60 : RATE // 2 // HOP], 330.0)).max() < 15
    assert np.abs(_cents(octaves[RATE // 2 // HOP + 50 :], 247.0)).max() < 15
