"""Admission: everything a model must pass before it may run, in a process of its own.

    python -m rtvae.model.admission FOLDER|FILE.onnx

It limits its own memory and time, reads each graph without running it and refuses what rtvae's
graphs never need (files outside, foreign operators, control flow, huge or open shapes), compares
it with the card, and only then runs it: the golden sample must come out, and silence, full scale,
noise and denormal input must give finite sound. Prints lines of JSON, of which the last counts:
{"refused": REASON}, or {"window_frames": n, "why_not_native": null} (0 frames for a vae). A vae is
then held against its own machine code, and told again with the REASON why that cannot play it, or
"": should that break this process, the model has been let in all the same.
"""

import json
import sys
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

import onnx

from rtvae.model.card import STATELESS_FILE, read_card
from rtvae.model.natively import NOT_HERE, natively
from rtvae.model.ort import OrtModel, prepare_process
from rtvae.model.space import space_of
from rtvae.model.trial import try_vae, try_window
from rtvae.spec import ModelCard

MAX_MEMORY_BYTES = 4 << 30
MAX_CPU_SECONDS = 60
MAX_OPEN_FILES = 64
MAX_NODES = 10_000
MAX_ELEMENTS = 1 << 24  # of one tensor: 64 MB
IR_VERSIONS = range(4, 15)
OPSETS = range(11, 27)

OPERATORS = frozenset(
    "Abs Add ArgMax AveragePool BatchNormalization Cast Ceil Clip Concat Constant Conv "
    "ConvTranspose Cos DepthToSpace Div Elu Equal Erf Exp Expand Flatten Floor Gather GatherND "
    "Gelu Gemm Greater GreaterOrEqual GroupNormalization HardSigmoid HardSwish Identity "
    "InstanceNormalization LayerNormalization LeakyRelu Less LessOrEqual Log MatMul Max MaxPool "
    "Min Mod Mul Neg PRelu Pad Pow Reciprocal ReduceMax ReduceMean ReduceMin ReduceSum Relu "
    "Reshape Round Selu Sigmoid Sign Sin Slice Softmax Softplus Softsign SpaceToDepth Split "
    "Sqrt Squeeze Sub Tanh Transpose Unsqueeze Where".split()
)

Shapes = dict[str, tuple[int, ...]]


class Refused(Exception):
    """The model may not run; the text reads on after "is refused: "."""


def check_graph(path: Path) -> tuple[Shapes, Shapes]:
    """Read one graph and return the shapes of its inputs and outputs, all float32.

    Raises Refused for anything that rtvae does not allow in a graph.
    """
    name = path.name
    try:
        model = onnx.load_model(path, load_external_data=False)
    except Exception as error:
        raise Refused(f"{name} is not an ONNX graph") from error
    _check_model(model, name)
    _check_nodes(model.graph, name)
    for tensor in _tensors(model.graph, name):
        _check_tensor(tensor, name)
    try:
        onnx.checker.check_model(model)
        inferred = onnx.shape_inference.infer_shapes(
            model, check_type=True, strict_mode=True, data_prop=True
        ).graph
    except Exception as error:
        raise Refused(f"{name} is not a valid ONNX graph ({_first_line(error)})") from error
    values = [*inferred.input, *inferred.output, *inferred.value_info]
    shapes = {value.name: _shape(value, name) for value in values}
    for node in inferred.node:
        for output in node.output:
            if output and output not in shapes:
                raise Refused(f"{name} has a {node.op_type} whose size is not fixed")
    for value in (*inferred.input, *inferred.output):
        if value.type.tensor_type.elem_type != onnx.TensorProto.FLOAT:
            raise Refused(f"{name} has an input or output that is not float32")
        if 0 in shapes[value.name]:
            raise Refused(f"{name} has an input or output of no size")
    weights = {tensor.name for tensor in inferred.initializer}
    inputs = {value.name: shapes[value.name] for value in inferred.input}
    return (
        {key: shape for key, shape in inputs.items() if key not in weights},
        {value.name: shapes[value.name] for value in inferred.output},
    )


def _check_model(model: Any, name: str) -> None:
    if model.ir_version not in IR_VERSIONS:
        raise Refused(f"{name} is of ONNX format {model.ir_version}, which rtvae does not know")
    domains = [opset.domain for opset in model.opset_import]
    if any(domain not in ("", "ai.onnx") for domain in domains) or not domains:
        raise Refused(f"{name} uses operators of a foreign domain")
    if any(opset.version not in OPSETS for opset in model.opset_import):
        raise Refused(f"{name} uses a version of ONNX operators that rtvae does not know")
    if model.functions or model.training_info:
        raise Refused(f"{name} brings functions of its own")


def _check_nodes(graph: Any, name: str) -> None:
    if len(graph.node) > MAX_NODES:
        raise Refused(f"{name} has more than {MAX_NODES} nodes")
    for node in graph.node:
        shown = node.op_type[:40] if node.op_type.isprintable() else "?"
        if node.domain not in ("", "ai.onnx"):
            raise Refused(f"{name} uses the operator {shown} of a foreign domain")
        if node.op_type not in OPERATORS:
            raise Refused(f"{name} uses the operator {shown}, which rtvae does not allow")
        for attribute in node.attribute:
            if attribute.HasField("g") or attribute.graphs:
                raise Refused(f"{name} holds a graph within {shown}")


def _tensors(graph: Any, name: str) -> Iterator[Any]:
    sparse = bool(graph.sparse_initializer)
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            sparse |= attribute.HasField("sparse_tensor") or bool(attribute.sparse_tensors)
    if sparse:
        raise Refused(f"{name} holds a sparse tensor")


def _check_tensor(tensor: Any, name: str) -> None:
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        raise Refused(f"{name} keeps data in another file")
    if not 0 <= prod(tensor.dims) <= MAX_ELEMENTS:
        raise Refused(f"{name} holds a tensor of more than {MAX_ELEMENTS} elements")


def _shape(value: Any, name: str) -> tuple[int, ...]:
    tensor = value.type.tensor_type
    if not value.type.HasField("tensor_type") or not tensor.HasField("shape"):
        raise Refused(f"{name} has a value of unknown size")
    shape = tuple(dim.dim_value if dim.HasField("dim_value") else -1 for dim in tensor.shape.dim)
    if any(size < 0 for size in shape):
        raise Refused(f"{name} has a value whose size is not fixed")
    if prod(shape) > MAX_ELEMENTS:
        raise Refused(f"{name} has a value of more than {MAX_ELEMENTS} elements")
    return shape


def check_against_card(folder: Path, card: ModelCard) -> None:
    """Compare every graph of a vae with its card. Raises Refused."""
    hop, latents = card.hop_frames, card.latent_count
    for size in card.graph_sizes:
        row, audio = (size, latents), (size * hop,)
        for part, states, source, sinks in (
            ("encoder", card.encoder_states, {"audio": audio}, {"mean": row, "std": row}),
            ("decoder", card.decoder_states, {"latent": row}, {"audio": audio}),
        ):
            path = folder / f"{part}-{size}.onnx"
            inputs, outputs = check_graph(path)
            wanted = {**source, **{s.name: (s.rows, s.columns) for s in states}}
            if inputs != wanted:
                raise Refused(f"the inputs of {path.name} are not those of its card")
            windows = {f"{s.name}.next": s for s in states}
            if outputs.keys() != sinks.keys() | windows.keys():
                raise Refused(f"the outputs of {path.name} are not those of its card")
            for key, shape in outputs.items():
                if key in sinks:
                    fits = shape == sinks[key]
                else:
                    state = windows[key]
                    fits = len(shape) == 2 and shape[0] >= state.rows and shape[1] == state.columns
                if not fits:
                    raise Refused(f"the output {key!r} of {path.name} has not its card's size")


def check_window(path: Path) -> int:
    """Check a stateless autoencoder's graph and return its window in frames. Raises Refused."""
    inputs, outputs = check_graph(path)
    shapes = [*inputs.values(), *outputs.values()]
    fixed = all(1 <= len(s) <= 3 and s[-1] > 0 and prod(s) == s[-1] for s in shapes)
    if len(inputs) != 1 or len(outputs) != 1 or not fixed or shapes[0][-1] != shapes[1][-1]:
        raise Refused(
            f"{path.name} is not a stateless autoencoder with one input and one output of the "
            "same fixed window [1, 1, W], [1, W] or [W]"
        )
    return shapes[0][-1]


def examine(path: Path) -> int:
    """Pass all checks for a model folder or a bare graph; return the window of a stateless one.

    Raises Refused, or ModelError from the card and the runtime.
    """
    card = None if path.is_file() else read_card(path)
    if card is not None and card.kind == "vae":
        check_against_card(path, card)
        space_of(path, card)
        try_vae(path, card)
        return 0
    graph = path if card is None else path / STATELESS_FILE
    window = check_window(graph)
    if card is not None and window != card.window_frames:
        raise Refused(f"{graph.name} has a window of {window} frames, not its card's")
    try_window(graph, window)
    return window


def why_not_native(path: Path) -> str | None:
    """Say why machine code cannot play what passed: "" where it can, None if that is not known."""
    card = None if path.is_file() else read_card(path)
    if card is None or card.kind != "vae":
        return "it has no streaming graphs"
    try:
        return natively(path, card, OrtModel)[1]
    except NOT_HERE:
        return None


def limit_process() -> None:
    """Bound this process's memory, time and files, where the platform can."""
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, MAX_OPEN_FILES),
        (resource.RLIMIT_CPU, MAX_CPU_SECONDS),
        (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):
            continue


def _first_line(error: Exception) -> str:
    text = (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
    return "".join(character for character in text if character.isprintable())


def main(argument: str) -> None:
    """Examine and print what is found as lines of JSON."""
    path = Path(argument)
    try:
        limit_process()
        prepare_process()
        window = examine(path)
    except MemoryError:
        _tell(refused="it needs too much memory")
        return
    except Exception as error:
        _tell(refused=_first_line(error))
        return
    _tell(window_frames=window, why_not_native=None)
    _tell(window_frames=window, why_not_native=why_not_native(path))


def _tell(**result: object) -> None:
    # On a line of its own, whatever a runtime may have printed before.
    print("\n" + json.dumps(result), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
