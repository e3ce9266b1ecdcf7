"""Run the streaming form with torch: the reference that every exported graph is held against."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from rtvae.training.layers import LEAK
from rtvae.training.pitch import VOICED, first_peak


class TorchOps:
    """The operations of `layers.Ops` on tensors; states live here between steps."""

    def __init__(self) -> None:
        self._states: dict[str, Tensor] = {}

    def state(self, name: str, rows: int, columns: int) -> Tensor:
        """Return the state, zeros at first."""
        return self._states.setdefault(name, torch.zeros(rows, columns))

    def carry(self, name: str, window: Tensor, rows: int) -> None:
        """Keep the window's last rows."""
        self._states[name] = window[rows - self._states[name].shape[0] :]

    def concat(self, values: Sequence[Tensor], axis: int) -> Tensor:
        """Join."""
        return torch.cat(list(values), axis)

    def gather(self, x: Tensor, rows: NDArray[np.int64]) -> Tensor:
        """Pick rows."""
        return x[torch.from_numpy(rows)]

    def reshape(self, x: Tensor, rows: int, columns: int) -> Tensor:
        """Change the shape."""
        return x.reshape(rows, columns)

    def flatten(self, x: Tensor, numbers: int) -> Tensor:
        """Make one line."""
        return x.reshape(numbers)

    def gemm(
        self, x: Tensor, weight: Tensor, bias: Tensor | None = None, plus: Tensor | None = None
    ) -> Tensor:
        """Multiply and add."""
        if plus is not None:
            return torch.addmm(plus, x, weight)
        return x @ weight if bias is None else torch.addmm(bias, x, weight)

    def mix_rows(self, weight: Tensor, x: Tensor, bias: Tensor) -> Tensor:
        """Multiply from the left and add."""
        return torch.addmm(bias, weight, x)

    def mean_square(self, x: Tensor, rows: int, columns: int) -> Tensor:
        """Average the squares of each row."""
        return x.square().mean(1, keepdim=True)

    def scale_rows(self, x: Tensor, gain: Tensor, gains: int, rows_per_gain: int) -> Tensor:
        """Multiply runs of rows."""
        return x * gain.repeat_interleave(rows_per_gain, 0)

    def columns(self, x: Tensor, columns: NDArray[np.int64]) -> Tensor:
        """Pick columns."""
        return x[:, torch.from_numpy(columns)]

    def correlate(self, x: Tensor, kernel: Tensor, rows: int) -> Tensor:
        """Slide."""
        return functional.conv1d(x[None], kernel[:, None], groups=rows)[0]

    def first_peak(self, x: Tensor, rows: int, columns: int) -> tuple[Tensor, Tensor]:
        """Look for the first high peak."""
        place, around = first_peak(x)
        return place[:, None], around

    def hold(self, name: str, x: Tensor, around: Tensor, rows: int) -> Tensor:
        """Keep what was trusted last."""
        held = [self.state(name, 1, 1)]
        for row in range(rows):
            held.append(x[row : row + 1] if around[row, 1] >= VOICED else held[-1])
        result = torch.cat(held[1:])
        self.carry(name, result, rows)
        return result

    def lookup(self, table: NDArray[np.float32], x: Tensor) -> Tensor:
        """Read a table."""
        return torch.from_numpy(table)[torch.round(x[:, 0]).long()][:, None]

    def fraction(self, x: Tensor) -> Tensor:
        """Drop the whole number."""
        return x - torch.floor(x)

    def sine_of_turns(self, x: Tensor) -> Tensor:
        """Take the sine."""
        return torch.sin(2 * math.pi * x)

    def tent(self, x: Tensor) -> Tensor:
        """Rise and fall."""
        return (1.0 - x.abs()).clamp_min(0.0)

    def div(self, x: Tensor, y: Tensor) -> Tensor:
        """Divide."""
        return x / y

    def mul(self, x: Tensor, y: Tensor) -> Tensor:
        """Multiply."""
        return x * y

    def leaky_relu(self, x: Tensor) -> Tensor:
        """Bend."""
        return functional.leaky_relu(x, LEAK)

    def softplus(self, x: Tensor) -> Tensor:
        """Make positive."""
        return functional.softplus(x)

    def softmax(self, x: Tensor) -> Tensor:
        """Share out each row."""
        return torch.softmax(x, 1)

    def exp(self, x: Tensor) -> Tensor:
        """Raise e to it."""
        return torch.exp(x)

    def log(self, x: Tensor) -> Tensor:
        """Take the logarithm."""
        return torch.log(x)

    def power(self, x: Tensor, exponent: float) -> Tensor:
        """Raise it."""
        return torch.pow(x, exponent)

    def sqrt(self, x: Tensor) -> Tensor:
        """Take the root."""
        return torch.sqrt(x)

    def clip(self, x: Tensor, low: float, high: float) -> Tensor:
        """Hold between bounds."""
        return x.clamp(low, high)

    def noise(self, name: str, hops: int, table: NDArray[np.int8]) -> Tensor:
        """Return the next entries of the table."""
        period, rows, columns = table.shape
        clock = self.state(name, 1, 1)
        at = (int(clock.item()) + np.arange(hops)) % period
        self.carry(name, (clock + hops) % period, 1)
        return torch.from_numpy(table[at].astype(np.float32).reshape(hops * rows, columns))


Step = Callable[[TorchOps, int, Tensor], tuple[Tensor, ...]]


@torch.no_grad()
def run_in_steps(step: Step, x: Tensor, numbers_per_hop: int, sizes: Sequence[int]) -> list[Tensor]:
    """Run a streaming form over `x` (split along its first axis) in steps of `sizes` hops.

    `sizes` must add up to the whole. Returns each output joined along its first axis.
    """
    ops = TorchOps()
    at = 0
    outputs: list[tuple[Tensor, ...]] = []
    for size in sizes:
        part = x[at * numbers_per_hop : (at + size) * numbers_per_hop]
        outputs.append(step(ops, size, part))
        at += size
    return [torch.cat(parts) for parts in zip(*outputs, strict=True)]
