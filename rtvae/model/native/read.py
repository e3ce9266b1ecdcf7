"""Read: a graph file as plain data: nodes in order, constants as arrays, sizes of what goes in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from rtvae.model.native.reasons import Unsupported
from rtvae.model.native.weights import take_apart

Constant = NDArray[np.generic]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """One operation of a graph."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]


@dataclass(frozen=True)
class Graph:
    """A graph: nodes in an order in which they can run, and the names that go in and come out."""

    nodes: tuple[Node, ...]
    constants: dict[str, Constant]
    inputs: dict[str, Shape]
    outputs: dict[str, Shape]


def read_graph(path: Path) -> Graph:
    """Read a graph that admission has let in. Raises Unsupported if it cannot be read here."""
    try:
        light, weights = take_apart(path.read_bytes())
        graph = onnx.load_model_from_string(light).graph
        constants = {t.name: _array(t, weights.get(t.name)) for t in graph.initializer}
        nodes = []
        for node in graph.node:
            named = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "Constant" and "value" in named:
                constants[node.output[0]] = onnx.numpy_helper.to_array(named["value"])
            else:
                nodes.append(Node(node.op_type, tuple(node.input), tuple(node.output), named))
        inputs = {v.name: _shape(v) for v in graph.input if v.name not in constants}
        outputs = {v.name: _shape(v) for v in graph.output}
    except Exception as error:  # onnx raises exceptions of many kinds
        raise Unsupported(f"{path.name} cannot be read") from error
    if any(size < 1 for shape in (*inputs.values(), *outputs.values()) for size in shape):
        raise Unsupported(f"an input or output of {path.name} has no fixed size")
    return Graph(tuple(nodes), constants, inputs, outputs)


def _array(tensor: Any, raw: memoryview | None) -> Constant:
    """Return an initializer's numbers, which lie in `raw` as little-endian bytes if not in it."""
    if raw is None:
        return onnx.numpy_helper.to_array(tensor)
    kind = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type).newbyteorder("<")
    return np.frombuffer(raw, kind).reshape(tuple(tensor.dims))


def _shape(value: Any) -> Shape:
    return tuple(int(d.dim_value) for d in value.type.tensor_type.shape.dim)
