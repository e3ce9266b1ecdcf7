"""The plain form as an ONNX graph: Concat(state, x) -> Conv -> Slice, states as inputs and outputs.

What an exporter makes of Conv1d layers, without its detours. Values are float32
`[1, channels, time]`; a state `NAME` comes back as `NAME.next` in the same shape.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from rtvae.training.graph import IR_VERSION, NEXT, OPSET
from rtvae.training.layers import LEAK
from rtvae.training.plain import decode, encode, waveform_decoder
from rtvae.training.vae import Vae

TO_THE_END = np.iinfo(np.int64).max


def plain_encoder_graph(model: Vae, hops: int) -> onnx.ModelProto:
    """Return the graph from `audio` `[1, 1, frames]` to `mean` and `std` `[1, latents, hops]`."""
    graph, c = _PlainGraph(hops, model.config.rows_per_hop), model.config
    outputs = encode(graph, model.encoder, "audio")
    return graph.model(
        ("audio", [1, 1, hops * c.hop_frames]),
        [(v, name, [1, c.latents, hops]) for v, name in zip(outputs, ("mean", "std"), strict=True)],
    )


def plain_decoder_graph(model: Vae, hops: int) -> onnx.ModelProto:
    """Return the graph from `latent` `[1, latents, hops]` to `audio` `[1, 1, frames]`."""
    graph, c = _PlainGraph(hops, model.config.rows_per_hop), model.config
    audio = decode(graph, waveform_decoder(model), "latent")
    return graph.model(
        ("latent", [1, c.latents, hops]), [(audio, "audio", [1, 1, hops * c.hop_frames])]
    )


class _PlainGraph:
    """Collects the nodes; `like` is never looked at, because every size is known here."""

    def __init__(self, hops: int, rows_per_hop: int) -> None:
        self._hops, self._rows = hops, hops * rows_per_hop
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._states: dict[str, tuple[str, list[int]]] = {}

    def conv(
        self, name: str, x: str, weight: Tensor, bias: Tensor | None = None, dilation: int = 1
    ) -> str:
        context = dilation * (weight.shape[2] - 1)
        if context > 0:
            x = self._node("Concat", [name, x], axis=2)
            bounds = [self._whole_numbers(k) for k in (-context, TO_THE_END, 2)]
            state = self._node("Slice", [x, *bounds])
            self._states[name] = (state, [1, weight.shape[1], context])
        inputs = [x, self._constant(weight.detach().numpy())]
        if bias is not None:
            inputs.append(self._constant(bias.detach().numpy()))
        return self._node("Conv", inputs, dilations=[dilation])

    def fold(self, x: str, channels: int, ratio: int) -> str:
        rows = self._node("Reshape", [x, self._whole_numbers(channels, -1, ratio)])
        rows = self._node("Transpose", [rows], perm=[2, 0, 1])
        return self._node("Reshape", [rows, self._whole_numbers(1, ratio * channels, -1)])

    def unfold(self, x: str, channels: int, ratio: int) -> str:
        rows = self._node("Reshape", [x, self._whole_numbers(ratio, channels, -1)])
        rows = self._node("Transpose", [rows], perm=[1, 2, 0])
        return self._node("Reshape", [rows, self._whole_numbers(1, channels, -1)])

    def stretch(self, x: str, ratio: int) -> str:
        index = np.repeat(np.arange(self._hops), ratio).astype(np.int64)
        return self._node("Gather", [x, self._constant(index)], axis=2)

    def concat(self, values: Sequence[str]) -> str:
        return self._node("Concat", list(values), axis=1)

    def split(self, x: str, sizes: Sequence[int]) -> Sequence[str]:
        names = [self._name(f"part{k}") for k in range(len(sizes))]
        inputs = [x, self._whole_numbers(*sizes)]
        self._nodes.append(helper.make_node("Split", inputs, names, axis=1))
        return names

    def affine(self, x: str, scale: float, shift: float) -> str:
        x = self._node("Mul", [x, self._number(scale)])
        return self._node("Add", [x, self._number(shift)]) if shift else x

    def add(self, x: str, y: str) -> str:
        return self._node("Add", [x, y])

    def mul(self, x: str, y: str) -> str:
        return self._node("Mul", [x, y])

    def clip(self, x: str, low: float, high: float) -> str:
        return self._node("Clip", [x, self._number(low), self._number(high)])

    def leaky_relu(self, x: str) -> str:
        return self._node("LeakyRelu", [x], alpha=LEAK)

    def softplus(self, x: str) -> str:
        return self._node("Softplus", [x])

    def softmax(self, x: str) -> str:
        return self._node("Softmax", [x], axis=1)

    def exp(self, x: str) -> str:
        return self._node("Exp", [x])

    def log(self, x: str) -> str:
        return self._node("Log", [x])

    def sqrt(self, x: str) -> str:
        return self._node("Sqrt", [x])

    def noise(self, name: str, table: NDArray[np.float32], like: str) -> str:
        period = self._number(float(table.shape[1]))
        steps = self._constant(np.arange(self._rows, dtype=np.float32))
        place = self._node("Mod", [self._node("Add", [name, steps]), period], fmod=1)
        index = self._node("Cast", [place], to=TensorProto.INT64)
        later = self._node("Add", [name, self._number(float(self._rows))])
        self._states[name] = (self._node("Mod", [later, period], fmod=1), [1])
        return self._node("Gather", [self._constant(table[None]), index], axis=2)

    def model(
        self, source: tuple[str, list[int]], outputs: Sequence[tuple[str, str, list[int]]]
    ) -> onnx.ModelProto:
        results = [*outputs]
        results += [(value, name + NEXT, shape) for name, (value, shape) in self._states.items()]
        rename = {inner: wanted for inner, wanted, _ in results}
        for node in self._nodes:
            node.input[:] = [rename.get(value, value) for value in node.input]
            node.output[:] = [rename.get(value, value) for value in node.output]
        inputs = [source, *((name, shape) for name, (_, shape) in self._states.items())]
        graph = helper.make_graph(
            self._nodes,
            "plain",
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, s) for name, s in inputs],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, s) for _, name, s in results],
            self._weights,
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        onnx.checker.check_model(model, full_check=True)
        return model

    def _name(self, hint: str) -> str:
        return f"{hint}_{len(self._nodes)}"

    def _node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        value = self._name("value")
        self._nodes.append(helper.make_node(kind, inputs, [value], **attributes))
        return value

    def _constant(self, array: NDArray[Any]) -> str:
        name = f"constant{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _number(self, value: float) -> str:
        return self._constant(np.array(value, np.float32))

    def _whole_numbers(self, *values: int) -> str:
        return self._constant(np.array(values, np.int64))
