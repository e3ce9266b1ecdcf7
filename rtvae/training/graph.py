"""Write the streaming form as an ONNX graph, node by node.

Shapes are static and channels come last. A convolution becomes Concat(state, x) -> Gather with
constant indices -> Reshape -> Gemm, which onnxruntime runs at few rows far faster than Conv; the
window itself is the state's output, so that a host can bind its tail as the next input.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from rtvae.spec import StateSpec
from rtvae.training.layers import LEAK

OPSET = 17
IR_VERSION = 8
NEXT = ".next"


class GraphOps:
    """The operations of `layers.Ops` on value names; nodes are collected in order."""

    def __init__(self) -> None:
        self.states: list[StateSpec] = []
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[tuple[bytes, tuple[int, ...], str], str] = {}
        self._initializers: list[onnx.TensorProto] = []
        self._renamed: dict[str, str] = {}
        self._window_rows: dict[str, int] = {}
        self._count = 0

    def state(self, name: str, rows: int, columns: int) -> str:
        """Declare a state; its value is the graph input of that name."""
        self.states.append(StateSpec(name, rows, columns))
        return name

    def carry(self, name: str, window: str, rows: int) -> None:
        """Make a window the graph output `NAME.next`."""
        self._renamed[window] = name + NEXT
        self._window_rows[name] = rows

    def concat(self, values: Sequence[str], axis: int) -> str:
        """Join."""
        return self._node("Concat", list(values), axis=axis)

    def gather(self, x: str, rows: NDArray[np.int64]) -> str:
        """Pick rows."""
        return self._node("Gather", [x, self._constant(rows)], axis=0)

    def reshape(self, x: str, rows: int, columns: int) -> str:
        """Change the shape."""
        return self._node("Reshape", [x, self._constant(np.array([rows, columns], np.int64))])

    def flatten(self, x: str, numbers: int) -> str:
        """Make one line."""
        return self._node("Reshape", [x, self._constant(np.array([numbers], np.int64))])

    def gemm(
        self, x: str, weight: Tensor, bias: Tensor | None = None, plus: str | None = None
    ) -> str:
        """Multiply and add in one node."""
        inputs = [x, self._constant(_array(weight))]
        if plus is not None:
            inputs.append(plus)
        elif bias is not None:
            inputs.append(self._constant(_array(bias)))
        return self._node("Gemm", inputs)

    def mul(self, x: str, y: str) -> str:
        """Multiply."""
        return self._node("Mul", [x, y])

    def leaky_relu(self, x: str) -> str:
        """Bend; onnxruntime fuses this into the Gemm before it."""
        return self._node("LeakyRelu", [x], alpha=LEAK)

    def softplus(self, x: str) -> str:
        """Make positive."""
        return self._node("Softplus", [x])

    def exp(self, x: str) -> str:
        """Raise e to it."""
        return self._node("Exp", [x])

    def log(self, x: str) -> str:
        """Take the logarithm."""
        return self._node("Log", [x])

    def sqrt(self, x: str) -> str:
        """Take the root."""
        return self._node("Sqrt", [x])

    def clip(self, x: str, low: float, high: float) -> str:
        """Hold between bounds."""
        bounds = [self._constant(np.array(v, np.float32)) for v in (low, high)]
        return self._node("Clip", [x, *bounds])

    def noise(self, name: str, rows: int, table: NDArray[np.int8]) -> str:
        """Read the table at a clock that is itself a state, `[1, 1]`."""
        clock = self.state(name, 1, 1)
        period = self._constant(np.array(float(table.shape[0]), np.float32))
        steps = self._constant(np.arange(rows, dtype=np.float32)[None])
        place = self._node("Mod", [self._node("Add", [clock, steps]), period], fmod=1)
        index = self.flatten(self._node("Cast", [place], to=TensorProto.INT64), rows)
        bytes_ = self._node("Gather", [self._constant(table), index], axis=0)
        later = self._node("Add", [clock, self._constant(np.array([[rows]], np.float32))])
        self.carry(name, self._node("Mod", [later, period], fmod=1), 1)
        return self._node("Cast", [bytes_], to=TensorProto.FLOAT)

    def model(
        self,
        name: str,
        input_shape: tuple[str, list[int]],
        outputs: Sequence[tuple[str, str, list[int]]],
    ) -> onnx.ModelProto:
        """Return the finished model; `outputs` are (value, name wanted, shape)."""
        rename = self._renamed | {inner: wanted for inner, wanted, _ in outputs}
        for node in self._nodes:
            node.input[:] = [rename.get(value, value) for value in node.input]
            node.output[:] = [rename.get(value, value) for value in node.output]
        inputs = [helper.make_tensor_value_info(input_shape[0], TensorProto.FLOAT, input_shape[1])]
        results = [
            helper.make_tensor_value_info(wanted, TensorProto.FLOAT, shape)
            for _, wanted, shape in outputs
        ]
        for state in self.states:
            shape = [state.rows, state.columns]
            inputs.append(helper.make_tensor_value_info(state.name, TensorProto.FLOAT, shape))
            shape = [self._window_rows[state.name], state.columns]
            results.append(
                helper.make_tensor_value_info(state.name + NEXT, TensorProto.FLOAT, shape)
            )
        graph = helper.make_graph(self._nodes, name, inputs, results, self._initializers)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="rtvae"
        )
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return model

    def _node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        self._count += 1
        value = f"v{self._count}"
        self._nodes.append(helper.make_node(kind, inputs, [value], **attributes))
        return value

    def _constant(self, array: NDArray[np.generic]) -> str:
        key = (array.tobytes(), array.shape, str(array.dtype))
        if key not in self._constants:
            self._constants[key] = f"c{len(self._constants)}"
            self._initializers.append(numpy_helper.from_array(array, self._constants[key]))
        return self._constants[key]


def _array(tensor: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = tensor.detach().to(torch.float32).contiguous().numpy()
    return array
