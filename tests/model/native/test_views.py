"""Views list the numbers they claim to list, and never reach out of their buffer."""

from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.model.native.arena import lay_out
from rtvae.model.native.views import (
    Buffer,
    Dims,
    View,
    aligned,
    broadcast,
    merged,
    row_major,
    split,
    whole,
)

SIZES = st.lists(st.sampled_from([1, 2, 3, 4, 6]), min_size=1, max_size=4)
DIMS = st.lists(st.tuples(st.sampled_from([1, 2, 3, 4]), st.integers(0, 9)), min_size=1, max_size=4)


def places(dims: Dims) -> list[int]:
    at = np.zeros((), np.int64)
    for size, step in dims:
        at = at[..., None] + np.arange(size) * step
    return [int(place) for place in at.reshape(-1)]


@given(DIMS)
def test_merging_changes_nothing_but_the_count(dims: list[tuple[int, int]]) -> None:
    assert places(merged(tuple(dims))) == places(tuple(dims))
    assert len(merged(tuple(dims))) <= len(dims)


@given(DIMS, SIZES)
def test_splitting_lists_the_same_places(dims: list[tuple[int, int]], sizes: list[int]) -> None:
    groups = split(tuple(dims), sizes)
    if prod(n for n, _ in dims) != prod(sizes):
        assert groups is None
    elif groups is not None:
        assert [prod(n for n, _ in group) for group in groups] == sizes
        assert places(tuple(d for group in groups for d in group)) == places(tuple(dims))


@given(SIZES, st.data())
def test_aligned_operands_are_walked_as_numpy_broadcasts(
    sizes: list[int], data: st.DataObject
) -> None:
    shape = tuple(sizes)
    shapes = [shape, *(tuple(data.draw(st.sampled_from([1, n])) for n in shape) for _ in range(2))]
    groups = [broadcast(whole(Buffer(prod(s), "scratch"), s), shape) for s in shapes]
    together = aligned([group for group in groups if group is not None])
    assert together is not None
    assert len({tuple(n for n, _ in dims) for dims in together}) == 1
    for own, dims in zip(shapes, together, strict=True):
        wanted = np.broadcast_to(np.arange(prod(own)).reshape(own), shape).reshape(-1)
        assert places(dims) == list(wanted)


@pytest.mark.parametrize(
    ("offset", "dims"),
    [(0, ((11, 1),)), (-1, ((1, 1),)), (6, ((2, 4),)), (0, ((2, -1),)), (0, ((3, 4), (3, 1)))],
)
def test_a_view_out_of_its_buffer_is_refused(offset: int, dims: Dims) -> None:
    shape = tuple(n for n, _ in dims)
    with pytest.raises(ValueError, match="out of its buffer"):
        View(Buffer(10, "scratch"), offset, dims, shape)


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(0, 20), st.integers(0, 9)), max_size=30))
def test_buffers_that_live_together_never_share_memory(
    wanted: list[tuple[int, int, int]],
) -> None:
    buffers = [
        Buffer(floats, "scratch", first=first, last=first + length)
        for floats, first, length in wanted
    ]
    end = lay_out(buffers, 128)
    for k, one in enumerate(buffers):
        assert one.place >= 128
        assert one.place % 64 == 0
        assert one.place + 4 * one.floats <= end
        for other in buffers[:k]:
            together = one.first <= other.last and other.first <= one.last
            apart = (
                one.place + 4 * one.floats <= other.place
                or other.place + 4 * other.floats <= one.place
            )
            assert apart or not together


def test_row_major_is_numpys() -> None:
    assert places(row_major((2, 3, 4))) == list(range(24))
