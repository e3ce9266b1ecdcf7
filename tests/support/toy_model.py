"""Small valid model folders for tests, made without torch: random weights, or exact identity.

Both follow the product's graph layout: Concat(state, x) is the window that becomes `NAME.next`,
a constant-index Gather and a Gemm are the convolution, audio is [T * hop], the rest [T, columns].
"""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from rtvae.model.card import format_card
from rtvae.spec import GRAPH_SIZES, LatencyCertificate, LatentSpec, ModelCard, StateSpec

OPSET = 17
GOLDEN_HOPS = 16


class Graph:
    """Collects the nodes, inputs, outputs and weights of one graph."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.weights: list[onnx.TensorProto] = []

    def input(self, name: str, *shape: int) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def output(self, name: str, *shape: int) -> str:
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def constant(self, value: NDArray[np.generic]) -> str:
        name = f"constant{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operator: str, *inputs: str, to: str = "", **attributes: object) -> str:
        to = to or f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [to], **attributes))
        return to

    def reshape(self, value: str, *shape: int, to: str = "") -> str:
        return self.node("Reshape", value, self.constant(np.array(shape, np.int64)), to=to)

    def dense(self, value: str, weight: NDArray[np.float32], to: str = "") -> str:
        bias = np.linspace(-0.05, 0.05, weight.shape[1], dtype=np.float32)
        return self.node("Gemm", value, self.constant(weight), self.constant(bias), to=to)

    def convolution(
        self, value: str, state: StateSpec, steps: int, weight: NDArray[np.float32]
    ) -> str:
        """A causal convolution: `weight` is [taps * columns, out], its taps fill the window."""
        self.input(state.name, state.rows, state.columns)
        window = self.node("Concat", state.name, value, to=f"{state.name}.next", axis=0)
        self.output(window, state.rows + steps, state.columns)
        taps = weight.shape[0] // state.columns
        dilation = state.rows // (taps - 1)
        rows = np.arange(steps)[:, None] + dilation * np.arange(taps)[None, :]
        gathered = self.node("Gather", window, self.constant(rows.astype(np.int64)), axis=0)
        return self.dense(self.reshape(gathered, steps, weight.shape[0]), weight)

    def save(self, path: Path) -> None:
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.weights)
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, path)


def make_toy_model(
    folder: Path, hop: int = 64, latents: int = 4, seed: int = 0, name: str = "toy"
) -> Path:
    """Write a model folder with random weights and two states on each side; return `folder`.

    `hop` must be even. The sound has nothing to do with the input but depends on all of its past
    seven hops; the level stays below full scale.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)

    def weight(rows: int, columns: int, gain: float = 1.0) -> NDArray[np.float32]:
        scaled = random.standard_normal((rows, columns)) * gain / np.sqrt(rows)
        return scaled.astype(np.float32)

    encoder_states = (StateSpec("encoder.0", 2, hop // 2), StateSpec("encoder.1", 4, 16))
    decoder_states = (StateSpec("decoder.0", 2, latents), StateSpec("decoder.1", 3, 16))
    shapes = {
        "fine": weight(3 * (hop // 2), 8, 4.0),
        "coarse": weight(3 * 16, 16),
        "mean": weight(16, latents),
        "std": weight(16, latents),
        "first": weight(3 * latents, 16),
        "second": weight(2 * 16, hop),
    }
    for size in GRAPH_SIZES:
        encoder = Graph("encoder")
        audio = encoder.input("audio", size * hop)
        x = encoder.reshape(audio, 2 * size, hop // 2)
        x = encoder.convolution(x, encoder_states[0], 2 * size, shapes["fine"])
        x = encoder.node("LeakyRelu", x, alpha=0.2)
        x = encoder.reshape(x, size, 16)
        x = encoder.convolution(x, encoder_states[1], size, shapes["coarse"])
        x = encoder.node("LeakyRelu", x, alpha=0.2)
        encoder.dense(x, shapes["mean"], to=encoder.output("mean", size, latents))
        spread = encoder.dense(x, shapes["std"])
        encoder.node("Sigmoid", spread, to=encoder.output("std", size, latents))
        encoder.save(folder / f"encoder-{size}.onnx")

        decoder = Graph("decoder")
        latent = decoder.input("latent", size, latents)
        x = decoder.convolution(latent, decoder_states[0], size, shapes["first"])
        x = decoder.node("LeakyRelu", x, alpha=0.2)
        x = decoder.convolution(x, decoder_states[1], size, shapes["second"])
        x = decoder.node("Tanh", x)
        quiet = decoder.constant(np.array(0.5, np.float32))
        x = decoder.node("Mul", x, quiet)
        decoder.reshape(x, size * hop, to=decoder.output("audio", size * hop))
        decoder.save(folder / f"decoder-{size}.onnx")
    return _finish(folder, name, hop, latents, encoder_states, decoder_states)


def make_identity_model(
    folder: Path, hop: int = 64, name: str = "identity", gain: float = 1.0
) -> Path:
    """Write a model folder that returns its input times `gain`; its latents are the hop's frames.

    `hop` is at most MAX_LATENTS (128). No states, no delay; return `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for size in GRAPH_SIZES:
        encoder = Graph("encoder")
        x = encoder.input("audio", size * hop)
        mean = encoder.reshape(x, size, hop, to=encoder.output("mean", size, hop))
        zero = encoder.constant(np.array(0.0, np.float32))
        encoder.node("Mul", mean, zero, to=encoder.output("std", size, hop))
        encoder.save(folder / f"encoder-{size}.onnx")
        decoder = Graph("decoder")
        x = decoder.input("latent", size, hop)
        if gain != 1.0:
            x = decoder.node("Mul", x, decoder.constant(np.array(gain, np.float32)))
        decoder.reshape(x, size * hop, to=decoder.output("audio", size * hop))
        decoder.save(folder / f"decoder-{size}.onnx")
    return _finish(folder, name, hop, hop, (), ())


def make_stateless_model(folder: Path, window: int = 512, name: str = "window") -> Path:
    """Write a stateless model folder: an autoencoder [1, 1, window] that returns its input."""
    folder.mkdir(parents=True, exist_ok=True)
    make_stateless_graph(folder / "autoencoder.onnx", window)
    card = ModelCard(
        name=name,
        title="Window",
        licence="CC0-1.0",
        sample_rate_hz=48_000,
        hop_frames=window // 2,
        latents=(),
        latency=LatencyCertificate(window // 2, window, float(window // 2), 0.0, 0.0, window),
        kind="stateless",
        window_frames=window,
        files={"autoencoder.onnx": _sha256(folder / "autoencoder.onnx")},
    )
    (folder / "model.toml").write_text(format_card(card))
    return folder


def make_stateless_graph(path: Path, window: int) -> Path:
    """Write one bare ONNX file: [1, 1, window] in, the same out."""
    graph = Graph("autoencoder")
    x = graph.input("x", 1, 1, window)
    y = graph.output("y", 1, 1, window)
    graph.node("Mul", x, graph.constant(np.array(1.0, np.float32)), to=y)
    graph.save(path)
    return path


def sign(folder: Path, card: ModelCard) -> None:
    """Write the card with the checksums of the files as they are now."""
    files = {f.name: _sha256(f) for f in sorted(folder.iterdir()) if f.name != "model.toml"}
    text = format_card(ModelCard(**{**vars(card), "files": files}))
    (folder / "model.toml").write_text(text, encoding="utf-8")


def _finish(
    folder: Path,
    name: str,
    hop: int,
    latents: int,
    encoder_states: tuple[StateSpec, ...],
    decoder_states: tuple[StateSpec, ...],
) -> Path:
    card = ModelCard(
        name=name,
        title=name.capitalize(),
        licence="CC0-1.0",
        description="Made for a test.",
        sample_rate_hz=48_000,
        hop_frames=hop,
        latents=tuple(LatentSpec(f"latent {k + 1}", -3.0, 3.0) for k in range(latents)),
        latency=LatencyCertificate(0, hop, 0.0, 0.0, 0.0, 8 * hop),
        encoder_states=encoder_states,
        decoder_states=decoder_states,
        parameters=1000,
        multiply_adds_per_second=1_000_000,
    )
    _write_golden(folder, card)
    sign(folder, card)
    return folder


def _write_golden(folder: Path, card: ModelCard) -> None:
    hop = card.hop_frames
    audio = np.random.default_rng(1).uniform(-0.5, 0.5, GOLDEN_HOPS * hop).astype(np.float32)
    mean = np.empty((GOLDEN_HOPS, card.latent_count), np.float32)
    output = np.empty_like(audio)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    run = {
        part: onnxruntime.InferenceSession(
            folder / f"{part}-1.onnx", options, providers=["CPUExecutionProvider"]
        )
        for part in ("encoder", "decoder")
    }
    states = {
        part: {spec.name: np.zeros((spec.rows, spec.columns), np.float32) for spec in specs}
        for part, specs in (("encoder", card.encoder_states), ("decoder", card.decoder_states))
    }

    def step(part: str, **inputs: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        names = [output.name for output in run[part].get_outputs()]
        results = dict(zip(names, run[part].run(names, {**inputs, **states[part]}), strict=True))
        for state, value in states[part].items():
            states[part][state] = results[f"{state}.next"][-value.shape[0] :]
        return results

    for k in range(GOLDEN_HOPS):
        frames = slice(k * hop, (k + 1) * hop)
        mean[k] = step("encoder", audio=audio[frames])["mean"][0]
        output[frames] = step("decoder", latent=mean[k : k + 1])["audio"]
    np.savez(folder / "golden.npz", audio=audio, mean=mean, latent=mean, output=output)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
