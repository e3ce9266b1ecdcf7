"""Products: a Gemm before it is a step, so that what follows it can be folded into it."""

from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from rtvae.model.native.pool import Pool, panels
from rtvae.model.native.product import Product
from rtvae.model.native.reasons import Unsupported
from rtvae.model.native.steps import Address, Steps, matrix
from rtvae.model.native.views import Buffer, Dims, Shape, View

Floats = NDArray[np.float32]

SHORT, LONG = 32, 128  # of a stretch that is summed by itself
WIDTHS = (4, 3, 2, 1)
ROWS = {32: {4: 4, 3: 8, 2: 8, 1: 8}, 16: {4: 2, 3: 4, 2: 4, 1: 8}}
"""How many rows at once for a panel of so many vectors, by the number of vector registers."""


@dataclass(frozen=True)
class Panels:
    """Columns of a matrix from `first` on, in panels of `width` vectors; `lanes` if masked."""

    first: int
    width: int
    count: int
    buffer: Buffer
    offset: int
    step: int
    panel: int
    lanes: int = 0


@dataclass(frozen=True, eq=False)
class Pending:
    """leaky(c + a @ b) * scale, not computed yet: `[rows, columns]`, whatever `shape` says."""

    a: View
    b: tuple[Panels, ...]
    c: View
    rows: int
    depth: int
    columns: int
    shape: Shape
    leak: float = 1.0
    scale: View | None = None

    def reshaped(self, shape: Shape) -> "Pending":
        """The same numbers under another shape."""
        return replace(self, shape=shape)


def _groups(columns: int, lanes: int) -> list[tuple[int, int, int, int]]:
    """Cut columns into (first, width in vectors, panels, lanes of a masked vector)."""
    full, rest = divmod(columns, lanes)
    groups = []
    first = 0
    while full:
        width = next((w for w in WIDTHS[:-1] if full % w == 0), min(full, WIDTHS[0]))
        count = full // width
        groups.append((first, width, count, 0))
        first += width * count * lanes
        full -= width * count
    if rest:
        groups.append((first, 1, 1, rest))
    return groups


def packed(weight: Floats, pool: Pool, lanes: int) -> tuple[Panels, ...]:
    """Store constant weights `[K, N]` in the order in which the kernel reads them."""
    depth, columns = weight.shape
    result = []
    for first, width, count, rest in _groups(columns, lanes):
        wide = width * lanes
        part = panels(weight[:, first : first + wide * count], wide)
        result.append(Panels(first, width, count, pool.raw(part), 0, wide, depth * wide, rest))
    return tuple(result)


def unpacked(matrix_: View, step: int, depth: int, columns: int, lanes: int) -> tuple[Panels, ...]:
    """Read weights where they are: rows `step` floats apart, columns side by side."""
    last = matrix_.offset + (depth - 1) * step + columns
    if last > matrix_.buffer.floats or step < 0:
        raise ValueError("a matrix reaches out of its buffer")
    return tuple(
        Panels(first, w, count, matrix_.buffer, matrix_.offset + first, step, w * lanes, rest)
        for first, w, count, rest in _groups(columns, lanes)
    )


def emit(steps: Steps, product: Pending, to: View, registers: int, lanes: int) -> None:
    """Add the steps that compute a product into a view."""
    rows, columns = product.rows, product.columns
    out = matrix(to, rows, columns)
    if out is None or out[1] not in ((), ((columns, 1),)):
        room = steps.scratch(product.shape)
        emit(steps, product, room, registers, lanes)
        steps.map(room, to)
        return
    a, (a_row, along) = _operand(steps, product.a, rows, product.depth, stretches=2)
    taps, a_tap, depth = _stretches(along)
    c, (c_row, _) = _operand(steps, product.c, rows, columns, stretches=1)
    ones = product.scale or steps.pool.filled(1.0, (rows, 1))
    scale, (scale_row, _) = _operand(steps, ones, rows, 1, stretches=1)
    leak = int(np.float32(product.leak).view(np.int32))
    for group in product.b:
        row = 0
        for height in _heights(rows - row, ROWS[registers][group.width]):
            steps.add(
                Product(group.width, height, bool(group.lanes)),
                Address(a.buffer, a.offset + row * a_row),
                a_row,
                taps,
                a_tap,
                depth,
                Address(group.buffer, group.offset),
                group.step,
                group.count,
                group.panel,
                Address(c.buffer, c.offset + row * c_row + group.first),
                c_row,
                Address(to.buffer, to.offset + row * out[0] + group.first),
                out[0],
                (rows - row) // height,
                leak,
                Address(scale.buffer, scale.offset + row * scale_row),
                scale_row,
                group.lanes,
            )
            row += (rows - row) // height * height


def _stretches(dims: Dims) -> tuple[int, int, int]:
    """Return taps, their step and the depth of each; one long stretch is cut into several."""
    if len(dims) == 2:
        return dims[0][0], dims[0][1], dims[1][0]
    depth = prod(size for size, _ in dims)
    taps = next(
        (n for n in range(1, depth // SHORT + 1) if depth % n == 0 and depth // n <= LONG), 1
    )
    return taps, depth // taps, depth // taps


def _heights(rows: int, most: int) -> list[int]:
    """Cut rows into blocks: as many of the most, then halves of it as they fit."""
    heights = []
    while rows:
        while most > rows:
            most //= 2
        heights.append(most)
        rows %= most
    return heights


def _operand(
    steps: Steps, view: View, rows: int, columns: int, stretches: int
) -> tuple[View, tuple[int, Dims]]:
    """Return a view whose rows are at most so many stretches, copied if need be, and its steps."""
    found = matrix(view, rows, columns)
    if found is None or not _readable(found[1], stretches):
        view = steps.contiguous(view)
        found = matrix(view, rows, columns)
    if found is None or not _readable(found[1], stretches):
        raise Unsupported("a product's operand has an unforeseen form")
    return view, found


def _readable(along: Dims, stretches: int) -> bool:
    return len(along) <= stretches and (not along or along[-1][1] == 1)
