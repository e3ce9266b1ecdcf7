"""Steps: what a lowered graph does, kernel by kernel, and how maps and products become steps.

Values that are not in memory yet are expressions: they are computed where they are needed, in one
pass and straight to their place.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from rtvae.model.native.maps import Instruction, LookUp, Map, Take
from rtvae.model.native.maps import Largest as LargestKernel
from rtvae.model.native.pool import Pool
from rtvae.model.native.product import Product as ProductKernel
from rtvae.model.native.reasons import Unsupported
from rtvae.model.native.views import (
    Buffer,
    Dims,
    Shape,
    View,
    aligned,
    broadcast,
    merged,
    split,
    whole,
)

MAX_LEAVES = 8
MAX_OPERATIONS = 24


@dataclass(frozen=True)
class Address:
    """Where a word points to."""

    buffer: Buffer
    floats: int


@dataclass(frozen=True)
class Step:
    """One kernel with its words."""

    kernel: ProductKernel | Map | Take | LookUp | LargestKernel
    words: tuple[int | Address, ...]


@dataclass(frozen=True, eq=False)
class Expression:
    """An operation of maps.OPERATIONS on views, numbers and other expressions."""

    operation: str
    operands: tuple["Operand", ...]
    shape: Shape
    leaves: int = 1
    operations: int = 1


Operand = Expression | View | float


def expression(operation: str, operands: Iterable[Operand], shape: Shape) -> Expression:
    """Return an expression with its size."""
    operands = tuple(operands)
    inner = [x for x in operands if isinstance(x, Expression)]
    leaves = sum(isinstance(x, View) for x in operands) + sum(x.leaves for x in inner)
    return Expression(operation, operands, shape, leaves, 1 + sum(x.operations for x in inner))


class Steps:
    """Collects the steps of one graph."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.steps: list[Step] = []
        self.buffers: list[Buffer] = []

    def scratch(self, shape: Shape) -> View:
        """Return room for a value of this graph."""
        buffer = Buffer(prod(shape), "scratch")
        self.buffers.append(buffer)
        return whole(buffer, shape)

    def add(self, kernel: object, *words: int | Address) -> None:
        """Append a step and remember when it touches which buffer."""
        now = len(self.steps)
        for word in words:
            if isinstance(word, Address):
                word.buffer.first = min(word.buffer.first, now)
                word.buffer.last = max(word.buffer.last, now)
        self.steps.append(Step(kernel, words))  # type: ignore[arg-type]

    def contiguous(self, view: View) -> View:
        """Return the same numbers without gaps, copied if they have some."""
        if merged(view.dims) in ((), ((prod(view.shape), 1),)):
            return view
        copy = self.scratch(view.shape)
        last = merged(view.dims)[-1][1]
        if len(merged(view.dims)) <= 3 and last in (0, 1):
            numbers = (prod(view.shape),)
            self.map(view.reshaped(numbers), copy.reshaped(numbers))
        else:
            self._take(view, copy)
        return copy

    def _take(self, view: View, to: View) -> None:
        at = np.zeros((), np.int64)
        for size, step in view.dims:
            at = at[..., None] + np.arange(size) * step
        everything = whole(view.buffer, (view.buffer.floats,))
        self.take(everything, at.reshape(-1) + view.offset, to)

    def take(self, source: View, places: NDArray[np.int64], to: View) -> None:
        """Fill a view without gaps with the numbers at these places of another without gaps."""
        if places.min() < 0 or places.max() >= prod(source.shape):
            raise Unsupported("it looks up numbers outside of a value")
        if places.size != prod(to.shape):
            raise ValueError("a copy of another size")
        table = self.pool.raw(places.astype(np.int32))
        self.add(
            Take(),
            Address(to.buffer, to.offset),
            Address(source.buffer, source.offset),
            Address(table, 0),
            places.size,
        )

    def map(self, value: Operand, to: View, fold: str = "", shape: Shape | None = None) -> None:
        """Compute an expression into a view, or fold its last axis (then `shape` is its own)."""
        shape = shape or to.shape
        if shape[-1:] == (1,):
            fold = ""
        program, leaves = _program(value)
        found = self._dims(leaves, to, shape, bool(fold))
        if found is None:
            packed = {leaf: self.contiguous(leaf) for leaf in leaves}
            leaves = [packed[leaf] for leaf in leaves]
            found = self._dims(leaves, to, shape, bool(fold))
        if found is None:
            raise Unsupported("a value is laid out in too many dimensions")
        sizes, steps = found
        kinds = iter(steps[1:])
        typed = tuple(
            ("leaf", 1 if next(kinds)[2] else 0) if i[0] == "leaf" else i for i in program
        )
        words: list[int | Address] = [*sizes, Address(to.buffer, to.offset), *steps[0][:2]]
        for leaf, step in zip(leaves, steps[1:], strict=True):
            words += [Address(leaf.buffer, leaf.offset), *step[:2]]
        self.add(Map(typed, fold), *words)

    def _dims(
        self, leaves: list[View], to: View, shape: Shape, fold: bool
    ) -> tuple[list[int], list[list[int]]] | None:
        """Return outer, rows, columns, and the steps of the result and each leaf, if they suit."""
        groups = [broadcast(view, shape) for view in (to, *leaves)]
        known = [group for group in groups if group is not None]
        together = aligned(known) if len(known) == len(groups) else None
        if together is None:
            return None
        if fold and (sum(step == 0 for _, step in together[0]) > 1 or not together[0]):
            return None
        last = [dims[-1][1] if dims else 0 for dims in together]
        if any(step not in (0, 1) for step in last) or last[0] != (0 if fold else 1):
            if fold:
                return None
            together = [(*dims, (1, 1)) for dims in together]
        if len(together[0]) > 3:
            return None
        padded = [((1, 0),) * (3 - len(dims)) + dims for dims in together]
        return [n for n, _ in padded[0]], [[step for _, step in dims] for dims in padded]


def _program(value: Operand) -> tuple[list[Instruction], list[View]]:
    """Write an expression as instructions; what is used twice is computed once."""
    program: list[Instruction] = []
    leaves: list[View] = []
    _write(value, program, leaves, {})
    return program, leaves


def _write(
    x: Operand, program: list[Instruction], leaves: list[View], places: dict[object, int]
) -> int:
    """Append what computes `x`, if it is not there yet; return its place in the program."""
    key: object = x if isinstance(x, View | float) else id(x)
    if key not in places:
        if isinstance(x, View):
            leaves.append(x)
            instruction: Instruction = ("leaf",)
        elif isinstance(x, float):
            instruction = ("number", x)
        else:
            places_of = [_write(y, program, leaves, places) for y in x.operands]
            instruction = (x.operation, *places_of)
        places[key] = len(program)
        program.append(instruction)
    return places[key]


def matrix(view: View, rows: int, columns: int) -> tuple[int, Dims] | None:
    """Return the step of the rows and the dims of a row, if the rows lie regularly."""
    groups = split(view.dims, (rows, columns))
    if groups is None:
        return None
    across, along = merged(groups[0]), merged(groups[1])
    if len(across) > 1:
        return None
    return (across[0][1] if across else 0), along


def same_place(x: View, y: View) -> bool:
    """Whether two views are the same numbers in the same order."""
    same = x.buffer is y.buffer and x.offset == y.offset
    return same and merged(x.dims) == merged(y.dims)


def moved(view: View, floats: int, dims: Dims, shape: Shape) -> View:
    """Return another view of the same buffer, `floats` further on."""
    return replace(view, offset=view.offset + floats, dims=dims, shape=shape)
