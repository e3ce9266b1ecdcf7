"""What the native executor does not know it refuses with a reason; nothing reads out of bounds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from rtvae.model.native.compile import compiler
from rtvae.model.native.lower import Target
from rtvae.model.native.pool import Pool
from rtvae.model.native.program import MAX_NODES, Half
from rtvae.model.native.read import read_graph
from rtvae.model.native.reasons import Unsupported
from tests.support.toy_model import Graph

Floats = NDArray[np.float32]
ROWS, COLUMNS = 3, 5

Build = Callable[[Graph, str], str]


def half(path: Path) -> Half:
    machine, pool = compiler(), Pool()
    target = Target(machine.lanes, machine.registers)
    made = Half({1: read_graph(path)}, (), "x", ("y",), pool, target)
    made.link(machine, pool.finish())
    return made


def graph(folder: Path, build: Build, *shape: int) -> Path:
    made = Graph("part")
    result = build(made, made.input("x", ROWS, COLUMNS))
    made.reshape(result, *shape, to=made.output("y", *shape))
    made.save(folder / "part.onnx")
    return folder / "part.onnx"


def run(path: Path, x: Floats, *shape: int) -> Floats:
    y = np.empty(shape, np.float32)
    half(path).run(1, x, (y,))
    return y


def index(graph: Graph, *values: int) -> str:
    return graph.constant(np.array(values, np.int64))


def number(graph: Graph, value: float) -> str:
    return graph.constant(np.array(value, np.float32))


def cast(graph: Graph, x: str, kind: int) -> str:
    name = f"{x} as {kind}"
    graph.nodes.append(onnx.helper.make_node("Cast", [x], [name], to=kind))
    return name


def largest(graph: Graph, x: str) -> str:
    return graph.node("ArgMax", x, axis=1)


REFUSED: dict[str, Build] = {
    "Erf": lambda g, x: g.node("Erf", x),
    "maximum of all": lambda g, x: g.node("ReduceMax", x, keepdims=1),
    "first axis": lambda g, x: g.node("Softmax", x, axis=0),
    "odd power": lambda g, x: g.node("Pow", x, number(g, 1.7)),
    "computed columns": lambda g, x: g.node(
        "Gather", x, cast(g, g.node("ArgMax", x, axis=1), 7), axis=1
    ),
    "double": lambda g, x: cast(g, cast(g, x, 11), 1),
    "two computed matrices": lambda g, x: g.node("Gemm", x, x, transB=1),
    "turned": lambda g, x: g.node("Gemm", x, x, transA=1),
    "long": lambda g, x: _long(g, x),
}
SHAPES = {"maximum of all": (1, 1), "computed columns": (45,), "turned": (5, 5)}
SHAPES["two computed matrices"] = (3, 3)


def _long(graph: Graph, x: str) -> str:
    for _ in range(MAX_NODES):
        x = graph.node("Neg", x)
    return x


@pytest.mark.parametrize("name", REFUSED)
def test_what_it_does_not_know_is_refused(name: str, tmp_path: Path) -> None:
    path = graph(tmp_path, REFUSED[name], *SHAPES.get(name, (ROWS, COLUMNS)))
    with pytest.raises(Unsupported):
        half(path)


def test_an_empty_table_is_refused(tmp_path: Path) -> None:
    def build(g: Graph, x: str) -> str:
        at = cast(g, x, 7)
        return g.node("Gather", g.constant(np.zeros((0,), np.float32)), at, axis=0)

    with pytest.raises(Unsupported):
        half(graph(tmp_path, build, ROWS, COLUMNS))


def test_rows_beyond_a_table_are_held_in_it(tmp_path: Path) -> None:
    table = np.arange(100, 110, dtype=np.float32)

    def build(g: Graph, x: str) -> str:
        return g.node("Gather", g.constant(table), cast(g, x, 7), axis=0)

    x = np.zeros((ROWS, COLUMNS), np.float32)
    x[0] = [3.9, -1.0, 1e9, -1e9, np.inf]
    y = run(graph(tmp_path, build, ROWS, COLUMNS), x, ROWS, COLUMNS)
    np.testing.assert_array_equal(y[0], [103, 109, 109, 100, 109])
    x[0] = np.nan
    y = run(graph(tmp_path, build, ROWS, COLUMNS), x, ROWS, COLUMNS)
    np.testing.assert_array_equal(y[0], 100)


KNOWN: dict[str, Build] = {
    "abs": lambda g, x: g.node("Abs", x),
    "ceil": lambda g, x: g.node("Ceil", x),
    "cos": lambda g, x: g.node("Cos", x),
    "round": lambda g, x: g.node("Round", g.node("Mul", x, number(g, 5.0))),
    "reciprocal": lambda g, x: g.node("Reciprocal", x),
    "square": lambda g, x: g.node("Pow", x, number(g, 2.0)),
    "relu": lambda g, x: g.node("Relu", x),
    "leaky": lambda g, x: g.node("LeakyRelu", x, alpha=0.3),
    "sigmoid": lambda g, x: g.node("Sigmoid", x),
    "softmax": lambda g, x: g.node("Softmax", x, axis=1),
    "minimum": lambda g, x: g.node("Min", x, number(g, 0.1)),
    "half a clip": lambda g, x: g.node("Clip", x, "", number(g, 0.2)),
    "sum": lambda g, x: g.node("ReduceSum", x, index(g, 1), keepdims=1),
    "mean": lambda g, x: g.node("ReduceMean", x, axes=[1], keepdims=0),
    "least": lambda g, x: g.node("ReduceMin", x, axes=[-1], keepdims=1),
    "largest place": lambda g, x: cast(g, largest(g, x), 1),
    "where": lambda g, x: g.node("Where", g.node("Less", x, number(g, 0.0)), number(g, 7.0), x),
    "equal": lambda g, x: cast(g, g.node("Equal", x, x), 1),
    "backwards": lambda g, x: g.node("Gather", x, index(g, 4, 3, 2, 1, 0), axis=1),
    "from the end": lambda g, x: g.node("Gather", x, index(g, -1, 0, 1), axis=0),
    "columns": lambda g, x: g.node("Gather", x, index(g, 1, 3), axis=1),
    "any rows": lambda g, x: g.node("Gather", x, index(g, 0, 2, 2, 1), axis=0),
    "side by side": lambda g, x: g.node("Concat", x, g.node("Neg", x), axis=1),
    "one below the other": lambda g, x: g.node("Concat", x, x, x, axis=0),
    "product": lambda g, x: g.node("MatMul", x, g.constant(weights(COLUMNS, 7))),
    "turned weights": lambda g, x: g.node("Gemm", x, g.constant(weights(7, COLUMNS)), transB=1),
    "from the left": lambda g, x: g.node("MatMul", g.constant(weights(6, ROWS)), x),
    "scaled": lambda g, x: g.node("Gemm", x, g.constant(weights(COLUMNS, 4)), alpha=0.5),
    "a column added": lambda g, x: g.node(
        "Gemm", x, g.constant(weights(COLUMNS, 4)), g.node("ReduceMax", x, axes=[1], keepdims=1)
    ),
    "two results of one": lambda g, x: _twice(g, x),
}
SIZES = {
    "sum": 3,
    "mean": 3,
    "least": 3,
    "largest place": 3,
    "columns": 6,
    "any rows": 20,
    "side by side": 30,
    "one below the other": 45,
    "product": 21,
    "turned weights": 21,
    "from the left": 30,
    "scaled": 12,
    "a column added": 12,
}


def weights(*shape: int) -> Floats:
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


def _twice(graph: Graph, x: str) -> str:
    y = graph.node("Gemm", x, graph.constant(weights(COLUMNS, COLUMNS)))
    return graph.node("Sub", graph.node("Tanh", y), graph.node("Exp", y))


@pytest.mark.parametrize("name", KNOWN)
def test_an_operator_does_what_it_does_in_onnx_runtime(name: str, tmp_path: Path) -> None:
    size = SIZES.get(name, ROWS * COLUMNS)
    path = graph(tmp_path, KNOWN[name], size)
    x = np.random.default_rng(0).standard_normal((ROWS, COLUMNS)).astype(np.float32)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    wanted = session.run(["y"], {"x": x})[0]
    np.testing.assert_allclose(run(path, x, size), wanted, rtol=1e-5, atol=1e-6)


def test_a_file_that_is_no_graph_is_refused(tmp_path: Path) -> None:
    (tmp_path / "part.onnx").write_bytes(b"\x00\x01 no graph")
    with pytest.raises(Unsupported, match=r"part\.onnx"):
        read_graph(tmp_path / "part.onnx")


def test_an_input_without_a_size_is_refused(tmp_path: Path) -> None:
    path = graph(tmp_path, KNOWN["abs"], ROWS * COLUMNS)
    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "any"
    onnx.save(model, path)
    with pytest.raises(Unsupported, match="no fixed size"):
        read_graph(path)
