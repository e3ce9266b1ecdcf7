"""A harmonic decoder plays the pitch it is given, keeps its vowel, and never clicks."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from rtvae.training.harmonic import HIGHEST_HZ, LOWEST_HZ, HarmonicDecoder, step_table
from rtvae.training.pitch import REFERENCE_HZ
from tests.support.small_vae import SMALL_INSTRUMENT

RATE, HOP, HOPS = 48000, 64, 600
PITCH = SMALL_INSTRUMENT.attributes.index("pitch")


@pytest.fixture
def decoder() -> HarmonicDecoder:
    """A decoder whose curve stands still, without noise."""
    torch.manual_seed(4)
    decoder = HarmonicDecoder(SMALL_INSTRUMENT).eval()
    with torch.no_grad():
        decoder.first.weight.zero_()
        for gains in (decoder.gains, decoder.low_gains):
            gains.weight.zero_()
            assert gains.bias is not None
            gains.bias.fill_(-40.0)
        assert decoder.curve.bias is not None
        decoder.curve.bias.copy_(-2.0 - 3.0 * torch.cos(torch.arange(48) / 4.0))
    return decoder


def _play(decoder: HarmonicDecoder, hz: NDArray[np.float64]) -> NDArray[np.float32]:
    latent = torch.zeros(1, SMALL_INSTRUMENT.latents, hz.shape[0])
    latent[0, PITCH] = torch.from_numpy(np.log2(hz / REFERENCE_HZ))
    with torch.no_grad():
        played: NDArray[np.float32] = decoder(latent)[0, 0].numpy()
    return played


def _peaks_hz(sound: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    sound = sound[4096 : 4096 + 32768]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.shape[0])))
    inner = spectrum[1:-1]
    at = 1 + np.flatnonzero(
        (inner > spectrum[:-2]) & (inner > spectrum[2:]) & (inner > 1e-3 * inner.max())
    )
    return at * RATE / sound.shape[0], spectrum[at]


@pytest.mark.parametrize("hz", [55.0, 123.4, 440.0, 987.0])
def test_every_partial_lies_at_a_multiple_of_the_pitch(decoder: HarmonicDecoder, hz: float) -> None:
    found, _ = _peaks_hz(_play(decoder, np.full(HOPS, hz)))
    # The pitch is played to the nearest cent.
    multiples = np.round(found / hz)
    assert (np.abs(found - multiples * hz) / found).max() < 2.0 ** (1 / 1200) - 1 + 1.5 / found[0]
    assert len(found) > 4


def test_another_pitch_keeps_the_curve_over_frequency(decoder: HarmonicDecoder) -> None:
    low_hz, low = _peaks_hz(_play(decoder, np.full(HOPS, 100.0)))
    high_hz, high = _peaks_hz(_play(decoder, np.full(HOPS, 150.0)))
    expected = np.interp(high_hz, low_hz, 20 * np.log10(low))
    inside = (high_hz > 200) & (high_hz < 3000)
    assert np.abs(expected - 20 * np.log10(high))[inside].max() < 2.0


def test_a_leap_of_pitch_bends_the_wave_without_a_step(decoder: HarmonicDecoder) -> None:
    hz = np.where(np.arange(HOPS) % 50 < 25, 110.0, 311.0)
    leaping, steady = _play(decoder, hz), _play(decoder, np.full(HOPS, 311.0))
    # Partials pile up at other moments in a low note: twice the steepest slope is no click.
    assert np.abs(np.diff(leaping)).max() < 2.0 * np.abs(np.diff(steady)).max()


def test_pitches_beyond_the_range_are_played_at_its_ends(decoder: HarmonicDecoder) -> None:
    for hz, end in ((5.0, LOWEST_HZ), (9000.0, HIGHEST_HZ)):
        found, _ = _peaks_hz(_play(decoder, np.full(HOPS, hz)))
        assert abs(found[0] - end) < 3.0


def test_steps_add_up_exactly_for_hours() -> None:
    steps = step_table(HOP, RATE)
    for step in (steps[100], steps[2500], steps[-1]):
        phase, exact = np.float32(0.0), 0.0
        for _ in range(4000):
            phase = np.float32((phase + step) % np.float32(1.0))
            exact = (exact + float(step)) % 1.0
        assert float(phase) == exact
