"""Causal layers that have two forms with one set of weights.

*Whole sequence*, for training: float32 `[batch, channels, time]`, zeros before the start.
*Streaming*, for export: rows `[time, channels]` without a batch, the left context carried as an
explicit state. The streaming form is written once, against `Ops`: run with torch it is the
reference of the export gate, run with the graph builder it becomes ONNX.

There are no strided layers. A stride is a reshape of rows (`fold`) before a plain convolution,
a transposed convolution is a plain one followed by the inverse reshape (`unfold`): so the newest
sample always takes part in the newest row, and no output waits for a tail.
"""

from collections.abc import Sequence
from typing import Any, Protocol, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from rtvae.training.exact import exact

LEAK = 0.2
POINTWISE_DILATION = 2 if torch.backends.mkldnn.is_available() else 1  # type: ignore[no-untyped-call]
"""One tap has no spacing, but on one thread torch leaves undilated ones to slower code."""

Value = Any
"""A tensor for the torch interpreter, a name for the graph builder."""


class Ops(Protocol):
    """What a streaming form may do; every operation is over rows `[time, columns]`."""

    def state(self, name: str, rows: int, columns: int) -> Value:
        """Return the last `rows` rows of what `carry` was given one step ago; zeros at first."""

    def carry(self, name: str, window: Value, rows: int) -> None:
        """Keep a window of `rows` rows whose last ones are the next state."""

    def concat(self, values: Sequence[Value], axis: int) -> Value:
        """Join along rows (0) or columns (1)."""

    def gather(self, x: Value, rows: NDArray[np.int64]) -> Value:
        """Return the named rows, in that order."""

    def reshape(self, x: Value, rows: int, columns: int) -> Value:
        """Read the same numbers in another shape."""

    def flatten(self, x: Value, numbers: int) -> Value:
        """Read the same numbers as one line, `[numbers]`."""

    def gemm(
        self, x: Value, weight: Tensor, bias: Tensor | None = None, plus: Value | None = None
    ) -> Value:
        """Return `x @ weight`, plus a bias over columns or another value (not both)."""

    def mix_rows(self, weight: Tensor, x: Value, bias: Tensor) -> Value:
        """Return `weight @ x + bias`."""

    def mean_square(self, x: Value, rows: int, columns: int) -> Value:
        """Return the mean square of each row of `x`, `[rows, columns]`, as `[rows, 1]`."""

    def columns(self, x: Value, columns: NDArray[np.int64]) -> Value:
        """Return the named columns, in that order."""

    def correlate(self, x: Value, kernel: Value, rows: int) -> Value:
        """Slide each row of `kernel` along the same row of `x`: `rows` rows of sums of products."""

    def first_peak(self, x: Value, rows: int, columns: int) -> tuple[Value, Value]:
        """Return what `pitch.first_peak` does: the place, `[rows, 1]`, and values, `[rows, 3]`."""

    def hold(self, name: str, x: Value, around: Value, rows: int) -> Value:
        """Return `x`, `[rows, 1]`, or its last value where `around[:, 1]` was at least VOICED."""

    def lookup(self, table: NDArray[np.float32], x: Value) -> Value:
        """Return `table[round(x)]` for `x`, `[rows, 1]`, within the table."""

    def fraction(self, x: Value) -> Value:
        """Return `x` less the next whole number below."""

    def sine_of_turns(self, x: Value) -> Value:
        """Return the sine of `x` in whole turns."""

    def tent(self, x: Value) -> Value:
        """Return `1 - |x|` where positive, 0 elsewhere."""

    def div(self, x: Value, y: Value) -> Value:
        """Return `x / y`, both of one shape."""

    def mul(self, x: Value, y: Value) -> Value:
        """Return `x * y`, both of one shape."""

    def scale_rows(self, x: Value, gain: Value, gains: int, rows_per_gain: int) -> Value:
        """Multiply each `rows_per_gain` rows of `x` by the next of `gain`, `[gains, 1]`."""

    def leaky_relu(self, x: Value) -> Value:
        """Return `x` where positive, `LEAK * x` elsewhere."""

    def softplus(self, x: Value) -> Value:
        """Return `log(1 + exp(x))`."""

    def softmax(self, x: Value) -> Value:
        """Make each row positive and add up to one."""

    def exp(self, x: Value) -> Value:
        """Return `exp(x)`."""

    def log(self, x: Value) -> Value:
        """Return the natural logarithm."""

    def power(self, x: Value, exponent: float) -> Value:
        """Return `x` to the power of a constant."""

    def sqrt(self, x: Value) -> Value:
        """Return the square root."""

    def clip(self, x: Value, low: float, high: float) -> Value:
        """Hold `x` between two bounds."""

    def noise(self, name: str, hops: int, table: NDArray[np.int8]) -> Value:
        """Return the next `hops` entries of an endless repetition of `table`, as float32.

        `table` is `[period, rows, columns]`; the result is `[hops * rows, columns]`.
        """


class _Scope:
    """Operations whose states have a prefix: two parts of a model may call theirs the same."""

    def __init__(self, ops: Ops, prefix: str) -> None:
        self._ops, self._prefix = ops, prefix

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ops, name)

    def state(self, name: str, rows: int, columns: int) -> Value:
        return self._ops.state(self._prefix + name, rows, columns)

    def carry(self, name: str, window: Value, rows: int) -> None:
        self._ops.carry(self._prefix + name, window, rows)

    def hold(self, name: str, x: Value, around: Value, rows: int) -> Value:
        return self._ops.hold(self._prefix + name, x, around, rows)

    def noise(self, name: str, hops: int, table: NDArray[np.int8]) -> Value:
        return self._ops.noise(self._prefix + name, hops, table)


def scoped(ops: Ops, prefix: str) -> Ops:
    """Return the same operations, where every state's name begins with `prefix`."""
    return cast(Ops, _Scope(ops, prefix))


class CausalConv(nn.Module):
    """A dilated convolution that sees the present row and `dilation * (kernel - 1)` before it."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, dilation: int = 1, bias: bool = True
    ) -> None:
        super().__init__()
        self.inputs, self.outputs = inputs, outputs
        self.kernel, self.dilation = kernel, dilation
        self.weight = nn.Parameter(torch.empty(outputs, inputs, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        nn.init.kaiming_uniform_(self.weight, a=1.0)

    @property
    def context(self) -> int:
        """How many earlier rows the newest output needs."""
        return self.dilation * (self.kernel - 1)

    def forward(self, x: Tensor) -> Tensor:
        """Whole sequence: `[batch, inputs, time]` to `[batch, outputs, time]`."""
        # With the channels of a row side by side in memory, as the rows of `fold` are anyway,
        # nothing has to be moved before and after the product.
        rows = x.transpose(1, 2)
        rows = functional.pad(rows, (0, 0, self.context, 0)) if self.context else rows.contiguous()
        dilation = POINTWISE_DILATION if self.kernel == 1 and not x.is_cuda else self.dilation
        made = functional.conv2d(
            rows.transpose(1, 2).unsqueeze(2),
            self.weight.unsqueeze(2),
            self.bias,
            dilation=(1, dilation),
        )
        return made.squeeze(2)

    def stream(self, ops: Ops, name: str, x: Value, rows: int, plus: Value | None = None) -> Value:
        """Streaming: `[rows, inputs]` to `[rows, outputs]` with one state called `name`.

        A layer without a bias may add another value, `[rows, outputs]`, in the same product.
        """
        weight = self.weight.permute(2, 1, 0).reshape(self.kernel * self.inputs, self.outputs)
        return ops.gemm(self._taps(ops, name, x, rows), weight, self.bias, plus)

    def _taps(self, ops: Ops, name: str, x: Value, rows: int) -> Value:
        if self.context == 0:
            return x
        state = ops.state(name, self.context, self.inputs)
        if rows == self.context == 1:
            # One row behind, one row at a time: this row itself is the next state.
            ops.carry(name, x, 1)
            return ops.concat([state, x], axis=1)
        window = ops.concat([state, x], axis=0)
        ops.carry(name, window, self.context + rows)
        if rows > 1 or self.dilation > 1:
            taps = np.arange(rows)[:, None] + self.dilation * np.arange(self.kernel)
            window = ops.gather(window, taps.reshape(-1))
        return ops.reshape(window, rows, self.kernel * self.inputs)


class ExactConv(CausalConv):
    """A convolution from or to audio, in full precision always."""

    @exact
    def forward(self, x: Tensor) -> Tensor:
        """Whole sequence: `[batch, inputs, time]` to `[batch, outputs, time]`."""
        return super().forward(x)


class LeanResidual(nn.Module):
    """`x + W2 act(W1 * x)`: one dilated convolution, one activation, one product with the skip."""

    def __init__(self, channels: int, dilation: int, kernel: int = 3) -> None:
        super().__init__()
        self.wide = CausalConv(channels, channels, kernel, dilation)
        self.back = CausalConv(channels, channels, 1, bias=False)
        with torch.no_grad():
            self.back.weight.mul_(0.3)

    def forward(self, x: Tensor) -> Tensor:
        """Whole sequence, shape kept."""
        inner: Tensor = self.back(functional.leaky_relu(self.wide(x), LEAK))
        return x + inner

    def stream(self, ops: Ops, name: str, x: Value, rows: int) -> Value:
        """Streaming, shape kept; the skip rides in the product's addend."""
        inner = ops.leaky_relu(self.wide.stream(ops, name, x, rows))
        return ops.gemm(inner, self.back.weight[:, :, 0].T, plus=x)


def fold(x: Tensor, ratio: int) -> Tensor:
    """Whole-sequence form of reading `ratio` rows as one: `[B, C, ratio*F]` to `[B, ratio*C, F]`.

    Column `k * C + c` of the folded row is channel `c` of its `k`-th row, oldest first.
    """
    batch, channels, time = x.shape
    split = x.reshape(batch, channels, time // ratio, ratio)
    return split.permute(0, 3, 1, 2).reshape(batch, ratio * channels, time // ratio)


def unfold(x: Tensor, ratio: int) -> Tensor:
    """Undo `fold`: `[B, ratio*C, F]` to `[B, C, ratio*F]`."""
    batch, columns, time = x.shape
    split = x.reshape(batch, ratio, columns // ratio, time)
    return split.permute(0, 2, 3, 1).reshape(batch, columns // ratio, time * ratio)
