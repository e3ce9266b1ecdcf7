"""Reblock returns its input exactly, late by what it says, for every block size and hop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtvae.dsp.reblock import Reblock
from tests.support.allocation import assert_no_net_allocation

BLOCK_SIZES = (1, 16, 63, 64, 65, 128, 480, 512, 8192, 8193)
HOPS = (16, 64, 100, 128)

Audio = NDArray[np.float32]


def copy(inp: Audio, out: Audio) -> None:
    out[:] = inp


def play(reblock: Reblock, sizes: list[int]) -> tuple[Audio, Audio]:
    """Play a signal without zeros in blocks of the given sizes."""
    inp = np.arange(1, sum(sizes) + 1, dtype=np.float32)
    out = np.full_like(inp, np.nan)
    at = 0
    for size in sizes:
        reblock.process(inp[at : at + size], out[at : at + size], copy)
        at += size
    return inp, out


@pytest.mark.parametrize("hop", HOPS)
@pytest.mark.parametrize("block_size", BLOCK_SIZES)
def test_identity_is_exact_after_the_least_latency(block_size: int, hop: int) -> None:
    reblock = Reblock(hop, block_size, block_size)
    blocks = max(3, 3 * hop // block_size + 1)
    inp, out = play(reblock, [block_size] * blocks)
    most_waiting = max(k * block_size % hop for k in range(2 * hop))
    assert reblock.latency_frames == most_waiting
    assert not out[:most_waiting].any()
    np.testing.assert_array_equal(out[most_waiting:], inp[: inp.size - most_waiting])
    assert reblock.growths == 0


@given(st.integers(1, 2048), st.lists(st.integers(0, 3000), min_size=1, max_size=60))
def test_unknown_sizes_have_one_constant_latency(hop: int, sizes: list[int]) -> None:
    reblock = Reblock(hop, 0, 3000)
    inp, out = play(reblock, sizes)
    assert reblock.latency_frames == hop - 1
    assert reblock.growths == 0
    np.testing.assert_array_equal(out, np.concatenate([np.zeros(hop - 1, "f"), inp])[: inp.size])


@given(
    st.integers(1, 300),
    st.integers(1, 700),
    st.lists(st.integers(0, 700), min_size=1, max_size=80),
)
def test_undeclared_sizes_grow_the_latency_once(hop: int, declared: int, sizes: list[int]) -> None:
    reblock = Reblock(hop, declared, 700)
    least = reblock.latency_frames
    inp, out = play(reblock, sizes)
    # Silence may be inserted once; no frame is lost, repeated, or made up.
    sound = out[out != 0]
    np.testing.assert_array_equal(sound, inp[: sound.size])
    assert inp.size - sound.size == min(inp.size, reblock.latency_frames)
    assert (reblock.growths, reblock.latency_frames) in ((0, least), (1, hop - 1))


def test_growth_is_reported_and_then_constant() -> None:
    reblock = Reblock(64, 128, 128)
    play(reblock, [128, 128])
    assert (reblock.latency_frames, reblock.growths) == (0, 0)
    inp, out = play(reblock, [100] + [37] * 50)
    assert (reblock.latency_frames, reblock.growths) == (63, 1)
    np.testing.assert_array_equal(out[100:], inp[37:-63])


def test_the_model_runs_at_most_once_a_block_on_whole_hops() -> None:
    calls: list[int] = []

    def run(inp: Audio, out: Audio) -> None:
        calls.append(inp.size)
        out[:] = inp

    reblock = Reblock(64, 100, 100)
    block, out = np.ones(100, np.float32), np.empty(100, np.float32)
    for _ in range(16):
        reblock.process(block, out, run)
    assert sum(calls) == 1600
    assert len(calls) <= 16
    assert all(frames % 64 == 0 and frames > 0 for frames in calls)


def test_reset_forgets_the_sound_and_the_growth() -> None:
    reblock = Reblock(64, 128, 128)
    play(reblock, [128, 50, 128, 77])
    assert reblock.latency_frames == 63
    reblock.reset()
    inp, out = play(reblock, [128] * 3)
    assert reblock.latency_frames == 0
    np.testing.assert_array_equal(out, inp)


@pytest.mark.parametrize("block_size", [64, 100, 1])
def test_no_allocation_stays(block_size: int) -> None:
    reblock = Reblock(64, block_size, block_size)
    inp, out = np.ones(block_size, np.float32), np.empty(block_size, np.float32)
    assert_no_net_allocation(lambda: reblock.process(inp, out, copy))
