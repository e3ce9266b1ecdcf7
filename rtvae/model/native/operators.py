"""Operators: what each ONNX operator becomes. A table; what is not in it is left to ONNX Runtime.

Whole numbers and truth values are float32 too: indices are far below 2^24, where those are exact.
"""

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from rtvae.model.native.gathers import gather
from rtvae.model.native.gemm import gemm
from rtvae.model.native.lower import Lowering, Value
from rtvae.model.native.maps import Largest
from rtvae.model.native.products import Pending, emit, unpacked
from rtvae.model.native.read import Node
from rtvae.model.native.reasons import Unsupported
from rtvae.model.native.steps import Address, Expression, Operand, expression
from rtvae.model.native.views import Shape, View, whole

ONNX_FLOATS, ONNX_WHOLE = (1,), (3, 6, 7)  # float32; int8, int32, int64

Handler = Callable[[Lowering, Node], Value]


def lower_node(low: Lowering, node: Node) -> None:
    """Give a node's result a value. Raises Unsupported."""
    handler = HANDLERS.get(node.operator)
    if handler is None or len(node.outputs) != 1:
        raise Unsupported(f"it uses the operator {node.operator}")
    result = handler(low, node)
    name = node.outputs[0]
    if name in low.values:
        raise Unsupported("it names two values alike")
    low.values[name] = result


def _plain(operation: str) -> Handler:
    def handler(low: Lowering, node: Node) -> Value:
        return low.apply(operation, *node.inputs)

    return handler


def _identity(low: Lowering, node: Node) -> Value:
    return _reshaped(low, node.inputs[0], low.shape(node.inputs[0]))


def _reshape(low: Lowering, node: Node) -> Value:
    if node.attributes.get("allowzero"):
        raise Unsupported("it uses an unusual Reshape")
    shape = low.shape(node.inputs[0])
    wanted = [int(n) for n in low.constant(node.inputs[1])]
    wanted = [shape[k] if n == 0 else n for k, n in enumerate(wanted)]
    if -1 in wanted:
        known = prod(n for n in wanted if n != -1)
        wanted[wanted.index(-1)] = prod(shape) // known
    return _reshaped(low, node.inputs[0], tuple(wanted))


def _reshaped(low: Lowering, name: str, shape: Shape) -> Value:
    if prod(shape) != prod(low.shape(name)) or any(n < 1 for n in shape):
        raise ValueError("a reshape to another size")
    value = low.values[name]
    if isinstance(value, np.ndarray):
        return value.reshape(shape)
    if isinstance(value, Pending) and low.alone(name):
        return value.reshaped(shape)
    return low.view(name).reshaped(shape)


def _leaky_relu(low: Lowering, node: Node) -> Value:
    leak = float(node.attributes.get("alpha", 0.01))
    x = low.values[node.inputs[0]]
    if isinstance(x, Pending) and low.alone(node.inputs[0]) and x.leak == 1.0 and x.scale is None:
        return replace(x, leak=leak)
    operand, shape = low.operand(node.inputs[0]), low.shape(node.inputs[0])
    if not 0.0 <= leak <= 1.0:
        raise Unsupported("it uses an unusual LeakyRelu")
    return expression("max", [operand, expression("mul", [operand, leak], shape)], shape)


def _relu(low: Lowering, node: Node) -> Value:
    x = low.operand(node.inputs[0])
    return expression("max", [x, 0.0], low.shape(node.inputs[0]))


def _mul(low: Lowering, node: Node) -> Value:
    """A product times one number for each row is that product with a scale."""
    for name, other in (node.inputs, node.inputs[::-1]):
        x = low.values[name]
        if not isinstance(x, Pending) or not low.alone(name) or x.scale is not None:
            continue
        if x.shape != (x.rows, x.columns) or isinstance(low.values[other], Pending):
            continue
        shape = low.shape(other)
        if len(shape) <= 2 and shape[-1:] in ((), (1,)) and prod(shape) in (1, x.rows):
            scale = low.view(other)
            if prod(shape) == 1:
                dims = ((x.rows, 0),)
                return replace(x, scale=replace(scale, dims=dims, shape=(x.rows, 1)))
            return replace(x, scale=scale)
    return low.apply("mul", *node.inputs)


def _clip(low: Lowering, node: Node) -> Value:
    shape = low.shape(node.inputs[0])
    x: Operand = low.operand(node.inputs[0])
    for k, operation in ((1, "max"), (2, "min")):
        if len(node.inputs) > k and node.inputs[k]:
            bound = float(low.constant(node.inputs[k]).reshape(-1)[0])
            x = expression(operation, [x, bound], shape)
    return x if isinstance(x, Expression) else expression("max", [x, -np.inf], shape)


def _pow(low: Lowering, node: Node) -> Value:
    exponent = float(low.constant(node.inputs[1]).reshape(-1)[0])
    shape, x = low.shape(node.inputs[0]), low.operand(node.inputs[0])
    if low.constant(node.inputs[1]).size != 1 or exponent not in (-1.0, -0.5, 0.5, 1.0, 2.0):
        raise Unsupported(f"it raises to a power other than a half, a whole or two ({exponent:g})")
    if exponent == 2.0:
        return expression("mul", [x, x], shape)
    result = x if abs(exponent) == 1.0 else expression("sqrt", [x], shape)
    return expression("div", [1.0, result] if exponent < 0 else [result, 1.0], shape)


def _reciprocal(low: Lowering, node: Node) -> Value:
    return expression("div", [1.0, low.operand(node.inputs[0])], low.shape(node.inputs[0]))


def _of_two(operation: str) -> Handler:
    def handler(low: Lowering, node: Node) -> Value:
        if len(node.inputs) != 2:
            raise Unsupported(f"it uses {node.operator} of other than two values")
        return low.apply(operation, *node.inputs)

    return handler


def _cast(low: Lowering, node: Node) -> Value:
    to = int(node.attributes["to"])
    value = low.values[node.inputs[0]]
    if to not in ONNX_FLOATS + ONNX_WHOLE:
        raise Unsupported("it casts to an unusual type")
    if isinstance(value, np.ndarray):
        raise Unsupported("it casts a constant")
    if to in ONNX_FLOATS:
        return _reshaped(low, node.inputs[0], low.shape(node.inputs[0]))
    return low.apply("trunc", node.inputs[0])


def _concat(low: Lowering, node: Node) -> Value:
    window = low.window(node)
    if window is not None:
        state, rows = low.shape(node.inputs[0]), low.shape(node.inputs[1])
        if window.shape != (state[0] + rows[0], state[1]) or rows[1:] != state[1:]:
            raise ValueError("a window of another size")
        place = replace(whole(window.buffer, rows), offset=prod(state))
        low.put(low.values[node.inputs[1]], place)
        if not isinstance(low.values[node.inputs[1]], np.ndarray):
            low.values[node.inputs[1]] = place
        return window
    shapes = [low.shape(name) for name in node.inputs]
    axis = int(node.attributes["axis"]) % len(shapes[0])
    shape = (*shapes[0][:axis], sum(s[axis] for s in shapes), *shapes[0][axis + 1 :])
    made = low.steps.scratch(shape)
    start = 0
    for name, part in zip(node.inputs, shapes, strict=True):
        step = prod(shape[axis + 1 :])
        place = View(made.buffer, start * step, _dims_within(part, shape), part)
        low.put(low.values[name] if low.alone(name) else low.view(name), place)
        start += part[axis]
    return made


def _dims_within(part: Shape, shape: Shape) -> tuple[tuple[int, int], ...]:
    steps = [prod(shape[k + 1 :]) for k in range(len(shape))]
    return tuple(zip(part, steps, strict=True))


def _last_axis(low: Lowering, node: Node) -> Shape:
    """Check that a node works along the last axis of its input; return the input's shape."""
    shape = low.shape(node.inputs[0])
    axes: Any = node.attributes.get("axes", node.attributes.get("axis"))
    if axes is None and len(node.inputs) > 1:
        axes = low.constant(node.inputs[1])
    if axes is None:  # what ONNX means by none: the last, the first, or all of them
        axes = {"Softmax": [-1], "ArgMax": [0]}.get(node.operator, range(len(shape)))
    axes = [int(axis) for axis in np.atleast_1d(np.asarray(axes))]
    if axes not in ([-1], [len(shape) - 1]) or not shape:
        raise Unsupported(f"it uses {node.operator} along another axis than the last")
    return shape


def _fold(how: str) -> Handler:
    def handler(low: Lowering, node: Node) -> Value:
        shape = _last_axis(low, node)
        folded = low.fold(low.operand(node.inputs[0]), shape, how)
        keep = node.attributes.get("keepdims", 1)
        result = folded if keep else folded.reshaped(shape[:-1])
        if node.operator == "ReduceMean":
            return expression("mul", [result, 1.0 / shape[-1]], result.shape)
        return result

    return handler


def _arg_max(low: Lowering, node: Node) -> Value:
    shape = _last_axis(low, node)
    if node.attributes.get("select_last_index"):
        raise Unsupported("it uses an unusual ArgMax")
    x = low.steps.contiguous(low.view(node.inputs[0]))
    rows, columns = prod(shape[:-1]), shape[-1]
    made = low.steps.scratch((*shape[:-1], 1))
    to, source = Address(made.buffer, made.offset), Address(x.buffer, x.offset)
    low.steps.add(Largest(), to, source, rows, columns, columns)
    return made if node.attributes.get("keepdims", 1) else made.reshaped(shape[:-1])


def _softmax(low: Lowering, node: Node) -> Value:
    shape = _last_axis(low, node)
    x = low.view(node.inputs[0])
    most = low.fold(x, shape, "fmaximum")
    raised = expression("exp", [expression("sub", [x, most], shape)], shape)
    shares = low.computed(raised, shape)
    return expression("div", [shares, low.fold(shares, shape, "fadd")], shape)


def _correlate(low: Lowering, node: Node) -> Value:
    """A convolution of each row with its own kernel: products with shifted views of the row."""
    shape, kernel = low.shape(node.inputs[0]), low.shape(node.inputs[1])
    plain = {"group": shape[1], "kernel_shape": list(kernel[2:])}
    odd = {k for k, v in node.attributes.items() if plain.get(k, v) != v or _unusual(k, v)}
    if (
        len(shape) != 3
        or shape[0] != 1
        or kernel[:2] != (shape[1], 1)
        or odd
        or len(node.inputs) > 2
    ):
        raise Unsupported("it uses a Conv that is no plain correlation row by row")
    if node.attributes.get("group", 1) != shape[1]:
        raise Unsupported("it uses a Conv that is no plain correlation row by row")
    x = low.steps.contiguous(low.view(node.inputs[0]))
    taps = low.steps.contiguous(low.view(node.inputs[1]))
    groups, length, depth = shape[1], shape[2], kernel[2]
    columns = length - depth + 1
    if columns < 1:
        raise ValueError("a Conv of sizes that do not fit")
    made = low.steps.scratch((1, groups, columns))
    target = low.target
    for g in range(groups):
        line = whole(x.buffer, (length,), x.offset + g * length)
        product = Pending(
            a=whole(taps.buffer, (1, depth), taps.offset + g * depth),
            b=unpacked(line, 1, depth, columns, target.lanes),
            c=low.pool.view(np.zeros((1, columns), np.float32)),
            rows=1,
            depth=depth,
            columns=columns,
            shape=(1, columns),
        )
        to = whole(made.buffer, (1, columns), made.offset + g * columns)
        emit(low.steps, product, to, target.registers, target.lanes)
    return made


def _unusual(name: str, value: Any) -> bool:
    if name in ("strides", "dilations"):
        return any(n != 1 for n in value)
    if name == "pads":
        return any(n != 0 for n in value)
    return name == "auto_pad" and value not in (b"NOTSET", "NOTSET", b"VALID", "VALID")


HANDLERS: dict[str, Handler] = {
    **{
        name: _plain(operation)
        for name, operation in {
            "Abs": "abs",
            "Add": "add",
            "Ceil": "ceil",
            "Cos": "cos",
            "Div": "div",
            "Equal": "eq",
            "Exp": "exp",
            "Floor": "floor",
            "Greater": "gt",
            "GreaterOrEqual": "ge",
            "Less": "lt",
            "LessOrEqual": "le",
            "Log": "log",
            "Neg": "neg",
            "Round": "round",
            "Sigmoid": "sigmoid",
            "Sin": "sin",
            "Softplus": "softplus",
            "Sqrt": "sqrt",
            "Sub": "sub",
            "Tanh": "tanh",
            "Where": "where",
        }.items()
    },
    "ArgMax": _arg_max,
    "Cast": _cast,
    "Clip": _clip,
    "Concat": _concat,
    "Conv": _correlate,
    "Gather": gather,
    "Gemm": gemm,
    "Identity": _identity,
    "LeakyRelu": _leaky_relu,
    "MatMul": gemm,
    "Max": _of_two("max"),
    "Min": _of_two("min"),
    "Mul": _mul,
    "Pow": _pow,
    "Reciprocal": _reciprocal,
    "ReduceMax": _fold("fmaximum"),
    "ReduceMean": _fold("fadd"),
    "ReduceMin": _fold("fminimum"),
    "ReduceSum": _fold("fadd"),
    "Relu": _relu,
    "Reshape": _reshape,
    "Softmax": _softmax,
}
