"""The pictures: pitch upwards, time to the right, louder is brighter, both on one scale."""

import numpy as np

from rtvae.training.spectrogram_picture import BAND_ROWS, LINE_ROWS, spectrogram_pair
from tests.support.rig import RATE_HZ, noise, tone

ROWS = 80 * BAND_ROWS


def brightness(picture: np.ndarray) -> np.ndarray:
    return picture.astype(float).sum(2)


def test_a_tone_is_a_line_and_a_higher_one_lies_above_it() -> None:
    picture = brightness(spectrogram_pair(tone(RATE_HZ, 300.0), tone(RATE_HZ, 3000.0), RATE_HZ))
    low = picture[:ROWS].mean(1).argmax()
    high = picture[ROWS + LINE_ROWS :].mean(1).argmax()
    assert high < low - 50


def test_a_quieter_sound_is_darker() -> None:
    picture = brightness(spectrogram_pair(noise(RATE_HZ), 0.01 * noise(RATE_HZ), RATE_HZ))
    assert picture[ROWS + LINE_ROWS :].mean() < 0.8 * picture[:ROWS].mean()


def test_time_runs_to_the_right() -> None:
    late = noise(RATE_HZ)
    late[: RATE_HZ // 2] = 0.0
    picture = brightness(spectrogram_pair(late, late, RATE_HZ))[:ROWS]
    half = picture.shape[1] // 2
    assert picture[:, : half - 5].max() < picture[:, half + 5 :].min()
    assert np.array_equal(picture[:ROWS], picture[-ROWS:])


def test_silence_can_be_drawn() -> None:
    silence = np.zeros(RATE_HZ, np.float32)
    assert spectrogram_pair(silence, silence, RATE_HZ).dtype == np.uint8
