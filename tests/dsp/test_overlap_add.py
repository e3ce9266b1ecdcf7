"""Overlap-add of an exact processor gives the input back, as late as it says."""

import numpy as np
import pytest
from numpy.typing import NDArray

from rtvae.dsp.overlap_add import OverlapAdd, constant_sum_weights

Audio = NDArray[np.float32]


def copy(inp: Audio, out: Audio) -> None:
    out[:] = inp


@pytest.mark.parametrize(
    ("window", "hop"), [(512, 256), (512, 128), (512, 512), (500, 170), (7, 3), (1, 1)]
)
def test_reconstructs_after_its_delay(window: int, hop: int) -> None:
    audio = np.random.default_rng(0).uniform(-1, 1, hop * (8 + 4 * window // hop))
    audio = audio.astype(np.float32)
    out = np.empty_like(audio)
    overlap_add = OverlapAdd(window, hop, copy)
    for at in range(0, audio.size, hop):
        overlap_add.process(audio[at : at + hop], out[at : at + hop])
    delay = overlap_add.delay_frames
    assert delay == window - hop
    np.testing.assert_allclose(out[delay:], audio[: audio.size - delay], atol=1e-6)
    assert not out[:delay].any()


@pytest.mark.parametrize(("window", "hop"), [(512, 256), (500, 170), (64, 1)])
def test_all_shifts_of_the_weights_sum_to_one(window: int, hop: int) -> None:
    weights = constant_sum_weights(window, hop)
    sums = np.bincount(np.arange(window) % hop, weights)
    np.testing.assert_allclose(sums, 1.0, atol=1e-6)


def test_windows_fade_into_each_other() -> None:
    """A processor whose level jumps from window to window is heard without a jump."""
    level = iter([0.0, 1.0] * 50)

    def jumpy(inp: Audio, out: Audio) -> None:
        out[:] = next(level)

    overlap_add = OverlapAdd(512, 256, jumpy)
    out = np.empty(256 * 20, np.float32)
    for at in range(0, out.size, 256):
        overlap_add.process(np.zeros(256, np.float32), out[at : at + 256])
    assert np.abs(np.diff(out)).max() < 0.01


def test_reset_forgets_the_past() -> None:
    overlap_add = OverlapAdd(512, 256, copy)
    out = np.empty(256, np.float32)
    overlap_add.process(np.ones(256, np.float32), out)
    overlap_add.reset()
    for _ in range(3):
        overlap_add.process(np.zeros(256, np.float32), out)
        assert not out.any()
