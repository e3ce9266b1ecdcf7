"""The delay line gives back exactly what it was given, as late as asked."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rtvae.dsp.delay_line import DelayLine


@given(st.integers(0, 200), st.lists(st.integers(0, 90), min_size=1, max_size=40))
def test_delays_exactly(delay: int, sizes: list[int]) -> None:
    line = DelayLine(200, 90)
    inp = np.arange(1, sum(sizes) + 1, dtype=np.float32)
    out = np.empty_like(inp)
    at = 0
    for size in sizes:
        line.process(inp[at : at + size], out[at : at + size], delay)
        at += size
    np.testing.assert_array_equal(out, np.concatenate([np.zeros(delay, "f"), inp])[: inp.size])


def test_one_line_can_be_read_at_two_delays() -> None:
    line = DelayLine(10, 8)
    line.write(np.arange(8, dtype=np.float32))
    near, far = np.empty(4, np.float32), np.empty(4, np.float32)
    line.read(near, 0)
    line.read(far, 3)
    np.testing.assert_array_equal(near, [4, 5, 6, 7])
    np.testing.assert_array_equal(far, [1, 2, 3, 4])


def test_reset_leaves_silence() -> None:
    line = DelayLine(10, 8)
    line.write(np.ones(8, np.float32))
    line.reset()
    out = np.empty(8, np.float32)
    line.process(np.ones(8, np.float32), out, 8)
    assert not out.any()
