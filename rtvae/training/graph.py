"""Write the streaming form as an ONNX graph, node by node.

Shapes are static and channels come last. A convolution becomes Concat(state, x) -> Gather with
constant indices -> Reshape -> Gemm, which onnxruntime runs at few rows far faster than Conv; the
window itself is the state's output, so that a host can bind its tail as the next input.
"""

import math
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
from rtvae.training.pitch import PEAK_SHARE, VOICED

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

    def mix_rows(self, weight: Tensor, x: str, bias: Tensor) -> str:
        """Multiply from the left and add, in one node."""
        return self._node("Gemm", [self._constant(_array(weight)), x, self._constant(_array(bias))])

    def mean_square(self, x: str, rows: int, columns: int) -> str:
        """Average the squares of each row; of a single row in one node."""
        if rows == 1:
            return self._node("Gemm", [x, x], transB=1, alpha=1.0 / columns)
        mean_of = torch.full((columns, 1), 1.0 / columns)
        return self.gemm(self.mul(x, x), mean_of)

    def scale_rows(self, x: str, gain: str, gains: int, rows_per_gain: int) -> str:
        """Multiply runs of rows; a single gain is broadcast by itself."""
        if gains > 1:
            gain = self.gather(gain, np.repeat(np.arange(gains), rows_per_gain))
        return self.mul(x, gain)

    def columns(self, x: str, columns: NDArray[np.int64]) -> str:
        """Pick columns."""
        return self._node("Gather", [x, self._constant(columns)], axis=1)

    def correlate(self, x: str, kernel: str, rows: int) -> str:
        """Slide: a grouped convolution whose weights are computed."""
        line = self._node("Reshape", [x, self._constant(np.array([1, rows, -1], np.int64))])
        weight = self._node("Reshape", [kernel, self._constant(np.array([rows, 1, -1], np.int64))])
        sums = self._node("Conv", [line, weight], group=rows)
        return self._node("Reshape", [sums, self._constant(np.array([rows, -1], np.int64))])

    def first_peak(self, x: str, rows: int, columns: int) -> tuple[str, str]:
        """Look for the first high peak: among values cut off there, the first of the largest."""
        inner = np.arange(columns - 2)
        left, middle, right = (self.columns(x, inner + k) for k in range(3))
        higher = self._node("GreaterOrEqual", [middle, self._node("Max", [left, right])])
        nothing = self._constant(np.zeros((1, 1), np.float32))
        peaks = self._node("Where", [higher, middle, nothing])
        enough = self._node("ReduceMax", [peaks], axes=[1], keepdims=1)
        enough = self.mul(enough, self._constant(np.array([[PEAK_SHARE]], np.float32)))
        place = self._node("ArgMax", [self._node("Min", [peaks, enough])], axis=1, keepdims=1)
        start = np.arange(rows)[:, None] * columns + np.arange(3)
        at = self._node("Add", [place, self._constant(start)])
        around = self._node("Gather", [self.flatten(x, rows * columns), at], axis=0)
        return self._node("Cast", [place], to=TensorProto.FLOAT), around

    def hold(self, name: str, x: str, around: str, rows: int) -> str:
        """Keep what was trusted last: the newest trusted row, or row 0, the state."""
        trusted = self._node(
            "GreaterOrEqual",
            [self.columns(around, np.array([1])), self._constant(np.array([[VOICED]], np.float32))],
        )
        before = self.state(name, 1, 1)
        if rows == 1:
            result = self._node("Where", [trusted, x, before])
        else:
            number = self._constant(np.arange(1, rows + 1, dtype=np.float32)[:, None])
            nothing = self._constant(np.zeros((1, 1), np.float32))
            marks = self.reshape(self._node("Where", [trusted, number, nothing]), 1, rows)
            seen = self.mul(marks, self._constant(np.tril(np.ones((rows, rows), np.float32))))
            newest = self._node("ReduceMax", [seen], axes=[1], keepdims=0)
            newest = self._node("Cast", [newest], to=TensorProto.INT64)
            result = self._node("Gather", [self.concat([before, x], 0), newest], axis=0)
        self.carry(name, result, rows)
        return result

    def lookup(self, table: NDArray[np.float32], x: str) -> str:
        """Read a table."""
        at = self._node("Cast", [self._node("Round", [x])], to=TensorProto.INT64)
        return self._node("Gather", [self._constant(table), at], axis=0)

    def fraction(self, x: str) -> str:
        """Drop the whole number."""
        return self._node("Sub", [x, self._node("Floor", [x])])

    def sine_of_turns(self, x: str) -> str:
        """Take the sine."""
        turn = self._constant(np.full((1, 1), 2 * math.pi, np.float32))
        return self._node("Sin", [self.mul(x, turn)])

    def tent(self, x: str) -> str:
        """Rise and fall."""
        one = self._constant(np.ones((1, 1), np.float32))
        return self._node("Relu", [self._node("Sub", [one, self._node("Abs", [x])])])

    def div(self, x: str, y: str) -> str:
        """Divide."""
        return self._node("Div", [x, y])

    def mul(self, x: str, y: str) -> str:
        """Multiply."""
        return self._node("Mul", [x, y])

    def leaky_relu(self, x: str) -> str:
        """Bend; onnxruntime fuses this into the Gemm before it."""
        return self._node("LeakyRelu", [x], alpha=LEAK)

    def softplus(self, x: str) -> str:
        """Make positive."""
        return self._node("Softplus", [x])

    def softmax(self, x: str) -> str:
        """Share out each row."""
        return self._node("Softmax", [x], axis=1)

    def exp(self, x: str) -> str:
        """Raise e to it."""
        return self._node("Exp", [x])

    def log(self, x: str) -> str:
        """Take the logarithm."""
        return self._node("Log", [x])

    def power(self, x: str, exponent: float) -> str:
        """Raise it."""
        return self._node("Pow", [x, self._constant(np.array(exponent, np.float32))])

    def sqrt(self, x: str) -> str:
        """Take the root."""
        return self._node("Sqrt", [x])

    def clip(self, x: str, low: float, high: float) -> str:
        """Hold between bounds."""
        bounds = [self._constant(np.array(v, np.float32)) for v in (low, high)]
        return self._node("Clip", [x, *bounds])

    def noise(self, name: str, hops: int, table: NDArray[np.int8]) -> str:
        """Read the table at a clock that is itself a state, `[1, 1]`.

        The clock's next value is looked up too, and the table goes on past its end for the last
        hops: two nodes less than counting and wrapping.
        """
        period, rows, columns = table.shape
        now = self._node("Cast", [self.state(name, 1, 1)], to=TensorProto.INT64)
        later = (np.arange(period, dtype=np.float32) + hops) % period
        self.carry(name, self._node("Gather", [self._constant(later), now], axis=0), 1)
        index = now
        if hops > 1:
            index = self._node("Add", [now, self._constant(np.arange(hops, dtype=np.int64)[None])])
        endless = np.concatenate([table, table[: hops - 1]]).reshape(-1, rows * columns)
        bytes_ = self._node("Gather", [self._constant(endless), index], axis=0)
        wide = self._node("Cast", [bytes_], to=TensorProto.FLOAT)
        return self.reshape(wide, hops * rows, columns)

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
