"""The test tone: quiet, of one pitch, without a click, alike each time, and gone when it is off."""

import numpy as np
import pytest

from rtvae.dsp.tone import TONE_HZ, Tone

RATE_HZ = 48_000


def play(tone: Tone, seconds: float, wanted: bool, size: int = 64) -> np.ndarray:
    out = np.zeros(round(seconds * RATE_HZ / size) * size, np.float32)
    for at in range(0, out.shape[0], size):
        tone.add(out[at : at + size], wanted)
    return out


def test_it_is_a_quiet_sine_of_440_hz() -> None:
    tone = Tone(RATE_HZ, 8192)
    play(tone, 0.2, True)
    heard = play(tone, 1.0, True)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(heard.shape[0])))
    assert np.argmax(spectrum) * RATE_HZ / heard.shape[0] == pytest.approx(TONE_HZ, abs=1.0)
    assert np.abs(heard).max() == pytest.approx(0.1, rel=1e-3)
    peak = int(np.argmax(spectrum))
    spectrum[peak - 8 : peak + 9] = 0.0
    assert spectrum.max() < 1e-3 * 0.1 * heard.shape[0] / 4


def test_it_comes_and_goes_without_a_click_and_is_gone() -> None:
    tone = Tone(RATE_HZ, 8192)
    path = np.concatenate([play(tone, 0.2, True), play(tone, 0.2, False)])
    assert path[0] == 0.0
    assert np.abs(np.diff(path)).max() < 0.1 * 2 * np.pi * TONE_HZ / RATE_HZ * 1.05
    assert tone.silent
    assert not path[-RATE_HZ // 10 :].any()


def test_it_is_the_same_in_blocks_of_any_size_and_each_time() -> None:
    one, other = Tone(RATE_HZ, 8192), Tone(RATE_HZ, 8192)
    first = play(one, 0.2, True)
    np.testing.assert_allclose(play(other, 0.2, True, 480), first, atol=1e-6)
    play(one, 0.2, False)
    np.testing.assert_array_equal(play(one, 0.2, True), first)


def test_it_is_added_to_what_plays() -> None:
    audio = np.full(64, 0.5, np.float32)
    tone = Tone(RATE_HZ, 8192)
    tone.add(audio, True)
    again = np.zeros(64, np.float32)
    Tone(RATE_HZ, 8192).add(again, True)
    np.testing.assert_allclose(audio, 0.5 + again, atol=1e-7)
