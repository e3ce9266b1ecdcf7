"""What a recording suffers from is found, and what only looks like it is not."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from rtvae.dsp.sound_check import SoundCheck, SoundFacts

RATE_HZ = 48_000
SECONDS = np.arange(8 * RATE_HZ) / RATE_HZ
Sound = NDArray[np.float64]


def facts(sound: Sound, pieces: int = 1, rate_hz: int = RATE_HZ) -> SoundFacts:
    whole = np.asarray(sound if sound.ndim == 2 else sound[:, None], np.float32)
    check = SoundCheck(rate_hz, whole.shape[1])
    for piece in np.array_split(whole, pieces):
        check.add(np.ascontiguousarray(piece))
    return check.facts()


def sung(level: float = 0.2) -> Sound:
    """A gliding tone with overtones up to 12 kHz that swells, and a little breath."""
    pitch_hz = 150 + 20 * np.sin(2 * np.pi * 0.7 * SECONDS)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    tone = sum(np.sin(k * phase) / k for k in range(1, 70))
    breath = 0.01 * np.random.default_rng(3).standard_normal(SECONDS.shape[0])
    return np.asarray(level * (0.5 + 0.5 * np.sin(3 * SECONDS)) * tone + breath)


def noise() -> Sound:
    return 0.1 * np.random.default_rng(1).standard_normal(SECONDS.shape[0])


def cut_off(sound: Sound, hz: float) -> Sound:
    """As an MP3 encoder or a resampler does it: nothing is left above `hz`."""
    spectrum = np.fft.rfft(sound)
    spectrum[np.fft.rfftfreq(sound.shape[0], 1 / RATE_HZ) > hz] *= 1e-4
    return np.fft.irfft(spectrum, sound.shape[0])


def rolled_off(sound: Sound, per_octave_db: float) -> Sound:
    spectrum = np.fft.rfft(sound)
    octaves = np.log2(np.maximum(np.fft.rfftfreq(sound.shape[0], 1 / RATE_HZ), 500) / 500)
    return np.fft.irfft(spectrum * 10 ** (-per_octave_db * octaves / 20), sound.shape[0])


@pytest.mark.parametrize("hz", [4000, 8000, 11_025, 16_000])
@pytest.mark.parametrize("make", [sung, noise])
def test_where_the_treble_was_cut_off_is_found(make: Callable[[], Sound], hz: int) -> None:
    if make is sung and hz > 11_025:
        hz = 10_000  # it has no overtones further up
    assert facts(cut_off(make(), hz)).edge_hz == pytest.approx(hz, rel=0.03)


@pytest.mark.parametrize(
    "sound",
    [
        noise(),
        rolled_off(noise(), 12.0),
        rolled_off(noise(), 24.0),
        0.5 * np.sin(2 * np.pi * 440 * SECONDS),
        0.5 * np.sin(2 * np.pi * 5000 * SECONDS),
        0.1 * np.sign(np.sin(2 * np.pi * 100 * SECONDS)),
    ],
    ids=["noise", "12 dB per octave", "24 dB per octave", "tone", "high tone", "square wave"],
)
def test_what_fades_out_by_itself_has_no_edge(sound: Sound) -> None:
    assert facts(sound).edge_hz == 0.0


@pytest.mark.parametrize("ceiling", [0.3, 1.0])
def test_clipping_is_measured_as_the_share_of_flat_samples(ceiling: float) -> None:
    tone = np.sin(2 * np.pi * 220.3 * SECONDS)
    share = 1.0 - 2.0 / np.pi * np.arcsin(0.8)
    found = facts(np.clip(ceiling / 0.8 * tone, -ceiling, ceiling))
    assert found.clipped_share == pytest.approx(share, rel=0.05)
    assert facts(0.9 * ceiling * tone).clipped_share < 1e-4


def test_a_slow_tone_of_sixteen_bits_whose_level_moves_is_not_clipped() -> None:
    tone = 0.02 * (1.0 + 0.2 * np.sin(0.9 * SECONDS)) * np.sin(2 * np.pi * 41.2 * SECONDS)
    assert facts(np.round(tone * 32768) / 32768).clipped_share < 1e-4


def test_what_exceeds_full_scale_in_floating_point_is_not_clipped() -> None:
    found = facts(1.5 * np.sin(2 * np.pi * 220.3 * SECONDS))
    assert found.peak == pytest.approx(1.5, rel=1e-3)
    assert found.clipped_share == 0.0


@pytest.mark.parametrize(
    ("second", "low", "high"),
    [(1.0, -0.1, 0.1), (0.0, 2.9, 3.1), (-1.0, 60.0, 300.0), (-0.9, 20.0, 30.0)],
    ids=["the same", "nothing", "the opposite", "nearly the opposite"],
)
def test_how_much_the_channels_cancel(second: float, low: float, high: float) -> None:
    sound = sung()
    assert low <= facts(np.stack([sound, second * sound], 1)).mono_loss_db <= high


def test_a_constant_offset_is_no_sound() -> None:
    found = facts(np.full(RATE_HZ, 0.3))
    assert found.peak == pytest.approx(0.3)
    assert found.swing == 0.0


def test_values_that_are_no_numbers_are_found_and_spoil_nothing_else() -> None:
    sound = sung()
    sound[1000] = np.nan
    found = facts(sound)
    assert not found.finite
    assert 0.1 < found.peak < 1.0


def test_the_pieces_make_no_difference() -> None:
    sound = np.clip(np.stack([sung(0.5), noise()], 1), -0.4, 0.4)
    whole, many = facts(sound), facts(sound, 7)
    assert many.digest == whole.digest != facts(sound[:-1]).digest
    assert many.frames == whole.frames
    assert many.clipped_share == pytest.approx(whole.clipped_share, rel=0.02)
    assert many.mono_loss_db == pytest.approx(whole.mono_loss_db)
