"""Graphs that must never run: each entry of ATTACKS and of RUN_ATTACKS writes one into a file.

    python -m tests.support.attacks FOLDER      writes them all, and the models of model_attacks

Each takes the place of a small harmless graph, x [1, 64] -> y [1, 64], and differs from it in
the one thing its name says. Those of ATTACKS are seen through without running them; those of
RUN_ATTACKS look well and misbehave when they run.
"""

import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Write = Callable[[Path], None]
SHAPE = (1, 64)


def _value(name: str, shape: object = SHAPE, kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def _model(
    nodes: list[onnx.NodeProto],
    weights: list[onnx.TensorProto] | None = None,
    inputs: list[onnx.ValueInfoProto] | None = None,
    outputs: list[onnx.ValueInfoProto] | None = None,
    opset: int = 17,
    domain: str = "",
    ir_version: int = 8,
) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes, "g", inputs or [_value("x")], outputs or [_value("y")], weights or []
    )
    opsets = [helper.make_opsetid("", opset)]
    if domain:
        opsets.append(helper.make_opsetid(domain, 1))
    return helper.make_model(graph, opset_imports=opsets, ir_version=ir_version)


def _save(model: onnx.ModelProto, path: Path) -> None:
    path.write_bytes(model.SerializeToString())


def harmless(path: Path) -> None:
    _save(_model([helper.make_node("Tanh", ["x"], ["y"])]), path)


def external_data(path: Path) -> None:
    weight = numpy_helper.from_array(np.zeros(SHAPE, np.float32), "w")
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../../etc/passwd")
    _save(_model([helper.make_node("Add", ["x", "w"], ["y"])], [weight]), path)


def external_data_in_a_constant(path: Path) -> None:
    weight = numpy_helper.from_array(np.zeros(SHAPE, np.float32), "w")
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="other.bin")
    nodes = [
        helper.make_node("Constant", [], ["w"], value=weight),
        helper.make_node("Add", ["x", "w"], ["y"]),
    ]
    _save(_model(nodes), path)


def external_data_through_a_hard_link(path: Path) -> None:
    secret = path.with_name(f"{path.name}.secret")
    secret.write_bytes(bytes(256))
    link = path.with_name(f"{path.name}.data")
    link.unlink(missing_ok=True)
    link.hardlink_to(secret)
    weight = numpy_helper.from_array(np.zeros(SHAPE, np.float32), "w")
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value=link.name)
    _save(_model([helper.make_node("Add", ["x", "w"], ["y"])], [weight]), path)


def terabyte_weight(path: Path) -> None:
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1 << 20, 1 << 20])
    _save(_model([helper.make_node("Add", ["x", "w"], ["y"])], [weight]), path)


def negative_weight(path: Path) -> None:
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[-1, 64])
    _save(_model([helper.make_node("Add", ["x", "w"], ["y"])], [weight]), path)


def weight_without_its_data(path: Path) -> None:
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1, 64])
    _save(_model([helper.make_node("Add", ["x", "w"], ["y"])], [weight]), path)


def nothing_at_all(path: Path) -> None:
    ends = [_value(name, (1, 0)) for name in "xy"]
    _save(_model([helper.make_node("Tanh", ["x"], ["y"])], inputs=ends[:1], outputs=ends[1:]), path)


def a_branch(path: Path) -> None:
    arms = [
        helper.make_graph([helper.make_node(op, ["x"], ["v"])], op, [], [_value("v")])
        for op in ("Tanh", "Neg")
    ]
    yes = numpy_helper.from_array(np.array(True), "yes")
    node = helper.make_node("If", ["yes"], ["y"], then_branch=arms[0], else_branch=arms[1])
    _save(_model([node], [yes]), path)


def ten_thousand_graphs_deep(path: Path) -> None:
    """Protobuf within protobuf: ModelProto.graph (7), node (1), attribute (5), g (6), node, ..."""
    inside = b""
    for _ in range(10_000):
        for field in (6, 5, 1):
            inside = bytes([field << 3 | 2]) + _varint(len(inside)) + inside
        inside = inside[-60_000:]
    path.write_bytes(b"\x08\x08\x3a" + _varint(len(inside)) + inside)


def _varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def control_flow(path: Path) -> None:
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["more"], ["more_out"]),
            helper.make_node("Identity", ["v"], ["v_out"]),
        ],
        "body",
        [
            _value("i", [], TensorProto.INT64),
            _value("more", [], TensorProto.BOOL),
            _value("v"),
        ],
        [_value("more_out", [], TensorProto.BOOL), _value("v_out")],
    )
    count = numpy_helper.from_array(np.array(2**62), "n")
    go = numpy_helper.from_array(np.array(True), "go")
    _save(_model([helper.make_node("Loop", ["n", "go", "x"], ["y"], body=body)], [count, go]), path)


def foreign_domain(path: Path) -> None:
    node = helper.make_node("Gelu", ["x"], ["y"], domain="com.microsoft")
    _save(_model([node], domain="com.microsoft"), path)


def foreign_import(path: Path) -> None:
    _save(_model([helper.make_node("Tanh", ["x"], ["y"])], domain="com.example"), path)


def unlisted_operator(path: Path) -> None:
    _save(_model([helper.make_node("RandomNormalLike", ["x"], ["y"])]), path)


def sparse_weight(path: Path) -> None:
    values = numpy_helper.from_array(np.ones(1, np.float32), "w")
    place = numpy_helper.from_array(np.zeros((1, 2), np.int64), "place")
    model = _model([helper.make_node("Add", ["x", "w"], ["y"])])
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, place, [1 << 20, 64]))
    _save(model, path)


def own_function(path: Path) -> None:
    model = _model([helper.make_node("Tanh", ["x"], ["y"])])
    model.functions.append(
        helper.make_function(
            "local",
            "F",
            ["a"],
            ["b"],
            [helper.make_node("Tanh", ["a"], ["b"])],
            [helper.make_opsetid("", 17)],
        )
    )
    _save(model, path)


def terabyte_value(path: Path) -> None:
    size = numpy_helper.from_array(np.array([1 << 20, 1 << 20], np.int64), "size")
    one = numpy_helper.from_array(np.ones((1, 1), np.float32), "one")
    nodes = [
        helper.make_node("Expand", ["one", "size"], ["big"]),
        helper.make_node("ReduceSum", ["big"], ["sum"], keepdims=1),
        helper.make_node("Add", ["x", "sum"], ["y"]),
    ]
    _save(_model(nodes, [size, one]), path)


def size_known_only_at_run_time(path: Path) -> None:
    nodes = [
        helper.make_node("Cast", ["x"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Reshape", ["whole", "flat"], ["size"]),
        helper.make_node("Expand", ["one", "size"], ["big"]),
        helper.make_node("ReduceMax", ["big"], ["most"], keepdims=0),
        helper.make_node("Add", ["x", "most"], ["y"]),
    ]
    flat = numpy_helper.from_array(np.array([-1], np.int64), "flat")
    one = numpy_helper.from_array(np.ones(1, np.float32), "one")
    _save(_model(nodes, [flat, one]), path)


def open_input(path: Path) -> None:
    node = helper.make_node("Tanh", ["x"], ["y"])
    open_shape = ["batch", 64]
    _save(_model([node], inputs=[_value("x", open_shape)], outputs=[_value("y", open_shape)]), path)


def double_precision(path: Path) -> None:
    node = helper.make_node("Tanh", ["x"], ["y"])
    ends = [_value(name, SHAPE, TensorProto.DOUBLE) for name in "xy"]
    _save(_model([node], inputs=ends[:1], outputs=ends[1:]), path)


def wrong_sizes(path: Path) -> None:
    _save(_model([helper.make_node("Tanh", ["x"], ["y"])], outputs=[_value("y", [1, 65])]), path)


def dangling_node(path: Path) -> None:
    _save(_model([helper.make_node("Tanh", ["nothing"], ["y"])]), path)


def opset_of_the_future(path: Path) -> None:
    _save(_model([helper.make_node("Tanh", ["x"], ["y"])], opset=99), path)


def format_of_the_future(path: Path) -> None:
    _save(_model([helper.make_node("Tanh", ["x"], ["y"])], ir_version=99), path)


def ten_thousand_nodes(path: Path) -> None:
    names = ["x", *(f"v{k}" for k in range(10_000)), "y"]
    nodes = [helper.make_node("Neg", [a], [b]) for a, b in pairwise(names)]
    _save(_model(nodes), path)


def empty_file(path: Path) -> None:
    path.write_bytes(b"")


def random_bytes(path: Path) -> None:
    path.write_bytes(np.random.default_rng(0).bytes(5000))


def cut_short(path: Path) -> None:
    harmless(path)
    path.write_bytes(path.read_bytes()[:-20])


def a_pickle(path: Path) -> None:
    path.write_bytes(b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.")


def _expanded(names: list[str], rows: int) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Nodes that blow the input up to [rows, 4096] under each of the names."""
    size = numpy_helper.from_array(np.array([rows, 4096], np.int64), "size")
    axes = numpy_helper.from_array(np.array([1], np.int64), "axes")
    nodes = [helper.make_node("ReduceSum", ["x", "axes"], ["small"], keepdims=1)]
    nodes += [helper.make_node("Expand", ["small", "size"], [name]) for name in names]
    return nodes, [size, axes]


def turns_to_nan(path: Path) -> None:
    _save(_model([helper.make_node("Log", ["x"], ["y"])]), path)


def explodes(path: Path) -> None:
    huge = numpy_helper.from_array(np.full(SHAPE, 1e30, np.float32), "w")
    _save(_model([helper.make_node("Mul", ["x", "w"], ["y"])], [huge]), path)


def takes_for_ever(path: Path) -> None:
    nodes, weights = _expanded(["v0"], 4096)
    names = [f"v{k}" for k in range(1000)]
    nodes += [helper.make_node("MatMul", [a, "v0"], [b]) for a, b in pairwise(names)]
    nodes += [helper.make_node("ReduceMax", [names[-1]], ["most"], keepdims=0)]
    nodes += [helper.make_node("Add", ["x", "most"], ["y"])]
    _save(_model(nodes, weights), path)


def takes_all_memory(path: Path) -> None:
    names = [f"v{k}" for k in range(200)]
    nodes, weights = _expanded(names, 4096)
    sums = ["v0", *(f"s{k}" for k in range(1, 200))]
    for k in range(1, 200):
        nodes.append(helper.make_node("Add", [sums[k - 1], names[-k]], [sums[k]]))
    nodes += [helper.make_node("ReduceMax", [sums[-1]], ["most"], keepdims=0)]
    nodes += [helper.make_node("Add", ["x", "most"], ["y"])]
    _save(_model(nodes, weights), path)


RUN_ATTACKS: dict[str, Write] = {
    write.__name__: write for write in (turns_to_nan, explodes, takes_for_ever, takes_all_memory)
}

ATTACKS: dict[str, Write] = {
    write.__name__: write
    for write in (
        external_data,
        external_data_in_a_constant,
        external_data_through_a_hard_link,
        terabyte_weight,
        negative_weight,
        weight_without_its_data,
        nothing_at_all,
        a_branch,
        ten_thousand_graphs_deep,
        control_flow,
        foreign_domain,
        foreign_import,
        unlisted_operator,
        sparse_weight,
        own_function,
        terabyte_value,
        size_known_only_at_run_time,
        open_input,
        double_precision,
        wrong_sizes,
        dangling_node,
        opset_of_the_future,
        format_of_the_future,
        ten_thousand_nodes,
        empty_file,
        random_bytes,
        cut_short,
        a_pickle,
    )
}


def main() -> None:
    """Write every attack into the folder that is named."""
    from tests.support.model_attacks import MODEL_ATTACKS

    folder = Path(sys.argv[1])
    for name, write in {**ATTACKS, **RUN_ATTACKS}.items():
        (folder / "graphs").mkdir(parents=True, exist_ok=True)
        write(folder / "graphs" / f"{name}.onnx")
    for name, write in MODEL_ATTACKS.items():
        (folder / "models").mkdir(parents=True, exist_ok=True)
        write(folder / "models" / name)


if __name__ == "__main__":
    main()
