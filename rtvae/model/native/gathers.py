"""Gather: rows that are known beforehand are a view, others are looked up when it plays."""

from math import prod

import numpy as np
from numpy.typing import NDArray

from rtvae.model.native.lower import Lowering, Value
from rtvae.model.native.maps import LookUp
from rtvae.model.native.read import Node
from rtvae.model.native.reasons import Unsupported
from rtvae.model.native.steps import Address
from rtvae.model.native.views import Dims, Shape, View, merged, split

MAX_WHOLE = 1 << 24  # float32 holds every whole number up to here


def gather(low: Lowering, node: Node) -> Value:
    """Lower a Gather."""
    data, index = node.inputs
    shape = low.shape(data)
    axis = int(node.attributes.get("axis", 0)) % max(1, len(shape))
    made = (*shape[:axis], *low.shape(index), *shape[axis + 1 :])
    places = low.values[index]
    if isinstance(places, np.ndarray):
        numbers = places.astype(np.int64)
        if not shape or numbers.min() < -shape[axis] or numbers.max() >= shape[axis]:
            raise Unsupported("it gathers rows that are not there")
        return _known(low, low.view(data), axis, numbers % shape[axis], made)
    if axis != 0:
        raise Unsupported("it looks up columns while it plays")
    return _looked_up(low, data, index, made)


def _known(low: Lowering, data: View, axis: int, places: NDArray[np.int64], shape: Shape) -> Value:
    groups = split(data.dims, data.shape)
    regular = _regular(places.reshape(-1))
    if groups is not None and regular is not None and len(merged(groups[axis])) <= 1:
        step = merged(groups[axis])[0][1] if merged(groups[axis]) else 0
        first, pattern = regular
        dims: Dims = (
            *(d for group in groups[:axis] for d in group),
            *((n, by * step) for n, by in pattern),
            *(d for group in groups[axis + 1 :] for d in group),
        )
        if not any(by < 0 for _, by in pattern):
            return View(data.buffer, data.offset + first * step, dims, shape)
    source = low.steps.contiguous(data)
    every = np.arange(prod(data.shape)).reshape(data.shape)
    room = low.steps.scratch(shape)
    low.steps.take(source, np.take(every, places, axis).reshape(-1), room)
    return room


def _regular(places: NDArray[np.int64]) -> tuple[int, Dims] | None:
    """Return the first place and (count, step) pairs, two at most, if they make these places."""
    steps = np.diff(places)
    if not steps.size or (steps == steps[0]).all():
        return int(places[0]), ((places.size, int(steps[0]) if steps.size else 0),)
    inner = int(np.argmax(steps != steps[0])) + 1
    if places.size % inner:
        return None
    rows = places.reshape(-1, inner)
    by = int(rows[1, 0] - rows[0, 0])
    wanted = rows[0, 0] + np.arange(rows.shape[0])[:, None] * by + np.arange(inner) * steps[0]
    if not (rows == wanted).all():
        return None
    return int(places[0]), ((rows.shape[0], by), (inner, int(steps[0])))


def _looked_up(low: Lowering, data: str, index: str, shape: Shape) -> Value:
    table = low.values[data]
    rows = low.shape(data)[0]
    if rows < 1:
        raise Unsupported("it looks up rows of an empty table")
    if isinstance(table, np.ndarray):
        small = table.dtype == np.int8
        if not small and table.dtype.kind in "iu" and np.abs(table).max() >= MAX_WHOLE:
            raise Unsupported("it looks up whole numbers that are too large")
        buffer, offset = low.pool.raw(table if small else table.astype(np.float32)), 0
    else:
        view = low.steps.contiguous(low.view(data))
        small, buffer, offset = False, view.buffer, view.offset
    where = low.view(index)
    line = merged(where.dims) or ((1, 0),)
    if len(line) > 1:
        where = low.steps.contiguous(where)
        line = merged(where.dims)
    count = prod(where.shape)
    made = low.steps.scratch(shape)
    low.steps.add(
        LookUp(small),
        Address(made.buffer, made.offset),
        Address(buffer, offset),
        rows,
        prod(shape) // count,
        Address(where.buffer, where.offset),
        line[0][1],
        count,
    )
    return made
