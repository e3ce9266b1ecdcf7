"""Any model as a list of torch operations over rows: what PyTorch itself makes of our graphs.

The streaming form (see layers.Ops) is run once to see what it asks for; what it makes of its
weights on the way is kept. Played again, `Rows` is the network in PyTorch eager; traced and
frozen, it is TorchScript. States go in and come out, so that one number of hops may follow
another.
"""

import inspect
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rtvae.training.pitch import VOICED
from rtvae.training.torch_ops import TorchOps
from rtvae.training.vae import Vae


class _Place(NamedTuple):
    """Where a value lies while the list is played."""

    at: int


class _Call(NamedTuple):
    """One operation: `made` are the places of what it returns."""

    run: Callable[..., Any]
    arguments: tuple[Any, ...]
    made: tuple[_Place, ...]


class Rows(nn.Module):
    """One half over some hops: `forward(x, *states)` returns what it makes, then next states."""

    def __init__(self, step: Callable[[Any, Any], tuple[Any, ...]], example: Tensor) -> None:
        super().__init__()
        tape = _Tape(example)
        made = step(tape, _Place(0))
        self.example, self.outputs = example, len(made)
        self.state_shapes = dict(tape.shapes)
        self._calls, self._places = tape.calls, len(tape.values)
        self._inputs = [_Place(0), *tape.states.values()]
        self._outputs = [*made, *(tape.next[name] for name in tape.states)]

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Play the list."""
        values: list[Any] = [None] * self._places
        for place, value in zip(self._inputs, inputs, strict=True):
            values[place.at] = value
        for run, arguments, made in self._calls:
            results = run(*(_look_up(values, argument) for argument in arguments))
            if len(made) == 1:
                values[made[0].at] = results
            else:
                for place, result in zip(made, results, strict=True):
                    values[place.at] = result
        return tuple(values[place.at] for place in self._outputs)


@torch.no_grad()
def encoder_rows(model: Vae, hops: int) -> Rows:
    """Return the encoder: `[hops * hop_frames]` to mean and std, each `[hops, latents]`."""
    example = torch.zeros(hops * model.config.hop_frames)
    return Rows(lambda ops, x: model.encoder.stream(ops, x, hops), example).eval()


@torch.no_grad()
def decoder_rows(model: Vae, hops: int) -> Rows:
    """Return the decoder: `[hops, latents]` to `[hops * hop_frames]`."""
    example = torch.zeros(hops, model.config.latents)
    return Rows(lambda ops, x: (model.decoder.stream(ops, x, hops),), example).eval()


@torch.no_grad()
def frozen(rows: Rows) -> torch.jit.ScriptModule:
    """Return the list as TorchScript."""
    states = [torch.zeros(shape) for shape in rows.state_shapes.values()]
    with warnings.catch_warnings():
        # Deprecated, and still what the peers among instruments are made of.
        warnings.simplefilter("ignore", DeprecationWarning)
        # Sizes and weights are constants here on purpose.
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # type: ignore[attr-defined]
        traced = torch.jit.trace(rows, (rows.example, *states), check_trace=False)  # type: ignore[no-untyped-call]
        made: torch.jit.ScriptModule = torch.jit.freeze(traced)
    return made


class _Tape:
    """Stands in for layers.Ops: does each operation on the spot and writes it down."""

    def __init__(self, example: Tensor) -> None:
        self.values: list[Any] = [example]
        self.calls: list[_Call] = []
        self.states: dict[str, _Place] = {}
        self.next: dict[str, _Place] = {}
        self.shapes: dict[str, tuple[int, int]] = {}
        self._torch = TorchOps()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Every operation that keeps no state is torch's own."""
        operation = getattr(self._torch, name)

        def write_down(*arguments: Any, **named: Any) -> Any:
            bound = inspect.signature(operation).bind(*arguments, **named)
            bound.apply_defaults()
            return self._do(operation, *bound.args)

        return write_down

    def mix_rows(self, weight: Tensor, x: _Place, bias: Tensor) -> Any:
        # Not as addmm: torch 2.13 joins products of unlike sizes when it optimises a script.
        stack = weight[None]
        mixed = self._do(lambda x: torch.bmm(stack, x[None])[0], x)
        return self._do(lambda x: x + bias, mixed) if bool(bias.any()) else mixed

    def state(self, name: str, rows: int, columns: int) -> _Place:
        if name not in self.states:
            self.states[name] = self._keep(torch.zeros(rows, columns))
            self.shapes[name] = (rows, columns)
        return self.states[name]

    def carry(self, name: str, window: _Place, rows: int) -> None:
        first = rows - self.shapes[name][0]
        self.next[name] = self._do(lambda x: x[first:], window) if first else window

    def hold(self, name: str, x: _Place, around: _Place, rows: int) -> Any:
        held = [self.state(name, 1, 1)]
        for row in range(rows):
            held.append(self._do(_trusted, x, around, held[-1], row))
        self.next[name] = held[-1]
        return self._do(lambda *parts: torch.cat(parts), *held[1:])

    def noise(self, name: str, hops: int, table: NDArray[np.int8]) -> Any:
        period, rows, columns = table.shape
        steps, whole = torch.arange(hops), torch.from_numpy(table.astype(np.float32))
        clock = self.state(name, 1, 1)
        self.next[name] = self._do(lambda clock: (clock + hops) % period, clock)
        at = self._do(lambda clock: ((clock[0] + steps) % period).long(), clock)
        return self._do(lambda at: whole[at].reshape(hops * rows, columns), at)

    def _do(self, run: Callable[..., Any], *arguments: Any) -> Any:
        result = run(*(_look_up(self.values, argument) for argument in arguments))
        several = isinstance(result, tuple)
        made = tuple(self._keep(value) for value in (result if several else (result,)))
        self.calls.append(_Call(run, arguments, made))
        return made if several else made[0]

    def _keep(self, value: Tensor) -> _Place:
        self.values.append(value)
        return _Place(len(self.values) - 1)


def _trusted(x: Tensor, around: Tensor, last: Tensor, row: int) -> Tensor:
    return torch.where(around[row, 1] >= VOICED, x[row : row + 1], last)


def _look_up(values: list[Any], argument: Any) -> Any:
    if isinstance(argument, _Place):
        return values[argument.at]
    if isinstance(argument, list | tuple):
        return [_look_up(values, each) for each in argument]
    return argument
