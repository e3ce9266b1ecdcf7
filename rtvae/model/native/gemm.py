"""Gemm and MatMul: a pending product, or an expression where that is less work.

x [M, K] with constant weights     a product with packed weights
constant [M, K] with x [K, N]      a product whose weights are read where they are
constant [M, K] with x [K, 1]      the same product turned over: one row with packed weights
K = 1                              an expression: a column times a row
N = 1                              an expression, folded row by row
"""

import numpy as np

from rtvae.model.native.lower import Lowering, Value
from rtvae.model.native.products import Floats, Pending, packed, unpacked
from rtvae.model.native.read import Node
from rtvae.model.native.reasons import Unsupported
from rtvae.model.native.steps import Expression, Operand, expression, matrix
from rtvae.model.native.views import Shape, View, split

FEW_COLUMNS = 1


def gemm(low: Lowering, node: Node) -> Value:
    """Lower a Gemm or MatMul of two-dimensional values."""
    a, b = node.inputs[:2]
    c = node.inputs[2] if len(node.inputs) > 2 else ""
    flags = node.attributes
    if len(low.shape(a)) != 2 or len(low.shape(b)) != 2:
        raise Unsupported(f"it uses {node.operator} in other than two dimensions")
    if flags.get("transA") or (c and flags.get("beta", 1.0) != 1.0):
        raise Unsupported("it uses an unusual Gemm")
    alpha, turned = float(flags.get("alpha", 1.0)), bool(flags.get("transB"))
    rows, depth = low.shape(a)
    columns = low.shape(b)[0 if turned else 1]
    if low.shape(b)[1 if turned else 0] != depth:
        raise ValueError("a Gemm of sizes that do not fit")
    shape = (rows, columns)
    weight, left = _weight(low, b, turned, alpha), _weight(low, a, False, alpha)
    if depth == 1 and (weight is not None or left is not None):
        return _plus(low, _outer(low, a, b, weight, left, shape), c, shape)
    if weight is not None:
        if columns == FEW_COLUMNS and _foldable(low, a):
            terms = expression("mul", [low.operand(a), low.pool.view(weight.T)], (rows, depth))
            return _plus(low, low.fold(terms, (rows, depth), "fadd"), c, shape)
        lanes = low.target.lanes
        return Pending(
            low.view(a),
            packed(weight, low.pool, lanes),
            _addend(low, c, shape),
            *_sizes(shape, depth),
        )
    if columns == 1 and left is not None:
        weights = packed(np.ascontiguousarray(left.T), low.pool, low.target.lanes)
        x = low.view(b).reshaped((1, depth))
        addend = _addend(low, c, shape).reshaped((1, rows))
        return Pending(x, weights, addend, 1, depth, rows, shape)
    if rows == columns == 1:
        line = low.view(b).reshaped((1, depth))
        terms = expression("mul", [low.operand(a), line], (1, depth))
        made: Operand = low.fold(terms, (1, depth), "fadd")
        made = made if alpha == 1.0 else expression("mul", [made, alpha], shape)
        return _plus(low, made, c, shape)
    if turned or (left is None and alpha != 1.0):
        raise Unsupported("it multiplies two computed matrices")
    return _in_place(low, a, b, c, left, shape)


def _sizes(shape: Shape, depth: int) -> tuple[int, int, int, Shape]:
    return shape[0], depth, shape[1], shape


def _weight(low: Lowering, name: str, turned: bool, alpha: float) -> Floats | None:
    value = low.values[name]
    if not isinstance(value, np.ndarray):
        return None
    weight = np.asarray(value.T if turned else value, np.float32)
    return weight if alpha == 1.0 else np.asarray(weight * np.float32(alpha), np.float32)


def _outer(
    low: Lowering,
    a: str,
    b: str,
    weight: Floats | None,
    left: Floats | None,
    shape: Shape,
) -> Operand:
    x = low.operand(a) if left is None else _number_or_view(low, left)
    y = low.operand(b) if weight is None else _number_or_view(low, weight)
    return expression("mul", [x, y], shape)


def _number_or_view(low: Lowering, value: Floats) -> Operand:
    return float(value.reshape(-1)[0]) if value.size == 1 else low.pool.view(value)


def _foldable(low: Lowering, a: str) -> bool:
    """Whether each row is an expression or lies in one stretch."""
    value = low.values[a]
    if isinstance(value, Expression) and low.alone(a):
        return True
    found = matrix(low.view(a), *low.shape(a))
    return found is not None and len(found[1]) == 1


def _plus(low: Lowering, x: Operand, c: str, shape: Shape) -> Value:
    if c:
        return expression("add", [x, low.operand(c)], shape)
    return x if isinstance(x, View | Expression) else expression("add", [x, 0.0], shape)


def _addend(low: Lowering, c: str, shape: Shape) -> View:
    """Return what a product starts from as a view of its shape."""
    value = low.values[c] if c else np.zeros((1, 1), np.float32)
    if isinstance(value, np.ndarray):
        line = np.asarray(value, np.float32)
        if line.size not in (1, shape[1]) or line.shape[-1:] not in ((), (1,), (shape[1],)):
            return low.pool.view(np.broadcast_to(line, shape))
        line = np.broadcast_to(line.reshape(-1), (shape[1],))
        return _every_row(low.pool.view(line), shape)
    view = low.view(c)
    if view.shape == shape:
        return view
    return low.computed(expression("add", [view, 0.0], shape), shape)


def _every_row(line: View, shape: Shape) -> View:
    return View(line.buffer, line.offset, ((shape[0], 0), (shape[1], 1)), shape)


def _in_place(low: Lowering, a: str, b: str, c: str, left: Floats | None, shape: Shape) -> Pending:
    x = low.view(a) if left is None else low.pool.view(left)
    y = low.view(b)
    groups = split(y.dims, y.shape)
    found = matrix(y, *y.shape)
    if groups is None or found is None or found[1] not in ((), ((shape[1], 1),)) or found[0] < 0:
        y = low.steps.contiguous(y)
        found = matrix(y, *y.shape)
    if found is None:
        raise Unsupported("a product's operand has an unforeseen form")
    depth = x.shape[1]
    weights = unpacked(y, found[0], depth, shape[1], low.target.lanes)
    return Pending(x, weights, _addend(low, c, shape), *_sizes(shape, depth))
