"""The compiled loops measure and copy what NumPy does, at every size and over every seam."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvae.dsp.address import address_of
from rtvae.engine.samples import ENERGY, LAST, PEAK, SUM, Samples
from rtvae.model.native.compile import compiler
from tests.support.rig import Audio, noise

FIGURES = 4


@pytest.fixture(scope="module")
def samples() -> Samples:
    return Samples(compiler())


def measured(samples: Samples, audio: Audio) -> Audio:
    figures = np.full(FIGURES, np.nan, np.float32)
    samples.measure(address_of(audio), audio.shape[0], address_of(figures))
    return figures


@pytest.mark.parametrize("frames", [1, 2, 7, 8, 9, 64, 100, 441, 8192])
def test_a_block_is_measured(samples: Samples, frames: int) -> None:
    audio = noise(frames, seed=frames)
    found = measured(samples, audio)
    assert found[PEAK] == np.abs(audio).max()
    assert found[LAST] == audio[-1]
    assert found[SUM] == pytest.approx(audio.sum(dtype=np.float64), abs=1e-4)
    assert found[ENERGY] == pytest.approx(np.square(audio, dtype=np.float64).sum(), rel=1e-5)


@pytest.mark.parametrize("place", [0, 5, 63, 99])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_shows(samples: Samples, place: int, value: float) -> None:
    audio = noise(100)
    audio[place] = value
    assert not np.isfinite(measured(samples, audio)[ENERGY])


@settings(max_examples=50, deadline=None)
@given(length=st.integers(1, 300), start=st.integers(0, 299), count=st.integers(1, 40))
def test_what_is_heard_follows_itself_in_the_line(
    samples: Samples, length: int, start: int, count: int
) -> None:
    frames, line = min(24, length), np.zeros(length, np.float32)
    quiet = np.zeros(4, np.uint64)
    at = start % length
    heard = np.zeros(frames, np.float32)
    hear = samples.hear(
        heard=heard,
        frames=frames,
        figures=np.zeros(FIGURES, np.float32),
        line=line,
        line_frames=length,
        line_at=at,
        written=quiet,
        panic=quiet,
        played=quiet,
        scope_count=quiet,
    )
    audio = noise(frames * count, seed=length)
    for block in audio.reshape(count, frames):
        heard[:] = block
        assert hear.done()
    end = (at + frames * count) % length
    newest = np.roll(line, -end)[-min(length, audio.shape[0]) :]
    np.testing.assert_array_equal(newest, audio[-newest.shape[0] :])
    heard[0] = np.nan
    assert not hear.done()
    np.testing.assert_array_equal(np.roll(line, -end)[-newest.shape[0] :], newest)
