"""Views: where the numbers of a value lie in a buffer, and how loops can walk over them.

`dims` are (size, step) pairs, outermost first, that list the numbers in order; `shape` is what
the graph calls the same numbers. So reshaping moves nothing, and the rows of a window that a
dilated convolution looks at are a view with one dimension more than its shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import prod

Dims = tuple[tuple[int, int], ...]
Shape = tuple[int, ...]


@dataclass(eq=False)
class Buffer:
    """Memory for `floats` numbers; `place` says where it ends up, in bytes within its region.

    `first` and `last` are the steps between which a scratch buffer must stay as it is.
    """

    floats: int
    region: str
    place: int = -1
    first: int = field(default=1 << 30)
    last: int = -1


@dataclass(frozen=True)
class View:
    """Numbers in a buffer: the first at `offset`, the others as `dims` says; all in floats."""

    buffer: Buffer
    offset: int
    dims: Dims
    shape: Shape

    def __post_init__(self) -> None:
        if prod(n for n, _ in self.dims) != prod(self.shape):
            raise ValueError("a view's dims and shape differ")
        steps = [(n - 1) * step for n, step in self.dims if n > 0]
        low = self.offset + sum(s for s in steps if s < 0)
        high = self.offset + sum(s for s in steps if s > 0)
        if low < 0 or high >= self.buffer.floats or not prod(self.shape):
            raise ValueError("a view reaches out of its buffer")

    def reshaped(self, shape: Shape) -> "View":
        """The same numbers under another shape."""
        return replace(self, shape=shape)


def row_major(shape: Shape) -> Dims:
    """Return the dims of numbers without gaps."""
    steps = [prod(shape[k + 1 :]) for k in range(len(shape))]
    return tuple(zip(shape, steps, strict=True))


def whole(buffer: Buffer, shape: Shape, offset: int = 0) -> View:
    """Return a view without gaps."""
    return View(buffer, offset, row_major(shape), shape)


def merged(dims: Dims) -> Dims:
    """Return the fewest dims that walk the same way."""
    result: list[tuple[int, int]] = []
    for size, step in dims:
        if size == 1:
            continue
        if result and result[-1][1] == size * step:
            result[-1] = (result[-1][0] * size, step)
        else:
            result.append((size, step))
    return tuple(result)


def split(dims: Dims, sizes: Sequence[int]) -> list[Dims] | None:
    """Cut dims into groups with these products, outermost first; None if they do not divide."""
    rest = [d for d in dims if d[0] != 1]
    groups: list[Dims] = []
    for size in reversed(sizes):
        group: list[tuple[int, int]] = []
        left = size
        while left > 1:
            if not rest:
                return None
            n, step = rest.pop()
            if left % n == 0:
                group.insert(0, (n, step))
                left //= n
            elif n % left == 0:
                group.insert(0, (left, step))
                rest.append((n // left, step * left))
                left = 1
            else:
                return None
        groups.insert(0, tuple(group))
    return groups if not rest else None


def broadcast(view: View, shape: Shape) -> list[Dims] | None:
    """Return the view's dims for each axis of a shape that it is broadcast to."""
    own = (1,) * (len(shape) - len(view.shape)) + view.shape
    if len(own) != len(shape) or any(a not in (1, b) for a, b in zip(own, shape, strict=True)):
        raise ValueError("shapes do not broadcast")
    groups = split(view.dims, own)
    if groups is None:
        return None
    return [
        ((n, 0),) if size == 1 and n > 1 else group
        for group, size, n in zip(groups, own, shape, strict=True)
    ]


def aligned(groups: Sequence[Sequence[Dims]]) -> list[Dims] | None:
    """Cut the dims of several operands, given for each axis, at the same places.

    Returns the dims of each operand, all with the same sizes, in the fewest dims that suit all.
    """
    together: list[list[tuple[int, int]]] = [[] for _ in groups]
    for axis in zip(*groups, strict=True):
        cuts = sorted({c for dims in axis for c in _inner_products(dims)} | {1})
        if any(b % a for a, b in pairwise(cuts)):
            return None
        sizes = [b // a for a, b in pairwise(cuts)][::-1]
        for steps, dims in zip(together, axis, strict=True):
            pieces = split(dims, sizes)
            if pieces is None:
                return None
            steps += [piece[0] for piece in pieces]
    return _merged_together(together)


def _inner_products(dims: Dims) -> list[int]:
    return [prod(n for n, _ in dims[k:]) for k in range(len(dims))]


def _merged_together(operands: list[list[tuple[int, int]]]) -> list[Dims]:
    result: list[list[tuple[int, int]]] = [[] for _ in operands]
    for column in zip(*operands, strict=True):
        if column[0][0] == 1:
            continue
        fits = all(r and r[-1][1] == n * s for r, (n, s) in zip(result, column, strict=True))
        for r, (n, s) in zip(result, column, strict=True):
            if fits:
                r[-1] = (r[-1][0] * n, s)
            else:
                r.append((n, s))
    return [tuple(r) for r in result]
