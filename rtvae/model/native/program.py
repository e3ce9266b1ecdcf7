"""Program: all graphs of one half of a model made ready, over one arena.

    arena [ states | what goes in, what comes out, scratch of the graph that runs ]

A program is an array of records (bytes to the next, kernel, words...) that one native call runs.
"""

import ctypes
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtvae.model.native.arena import lay_out
from rtvae.model.native.compile import Compiler, Kernel
from rtvae.model.native.lower import NEXT, Lowering, Target
from rtvae.model.native.operators import lower_node
from rtvae.model.native.pool import Bytes, Pool, aligned_bytes
from rtvae.model.native.read import Graph
from rtvae.model.native.steps import Address, Step
from rtvae.model.native.views import Buffer, View
from rtvae.spec import StateSpec

Floats = NDArray[np.float32]


class Turn(NamedTuple):
    """A graph over `hops` hops: what to call it with, and the arrays that it reads and fills."""

    hops: int
    program: ctypes.c_void_p
    inlet: Floats
    outlets: tuple[Floats, ...]


@dataclass(frozen=True)
class Lowered:
    """A graph as steps, and where its input and its outputs are."""

    hops: int
    steps: list[Step]
    inlet: View
    outlets: tuple[View, ...]


class Half:
    """Encoder or decoder: rows in, rows out, one row for each hop, states kept."""

    def __init__(
        self,
        graphs: Mapping[int, Graph],
        states: tuple[StateSpec, ...],
        source: str,
        sinks: tuple[str, ...],
        pool: Pool,
        target: Target,
    ) -> None:
        homes = {s.name: Buffer(_home_floats(graphs, s), "state", first=-1) for s in states}
        for home in homes.values():
            home.last = 1 << 30
        self._state_bytes = end = lay_out(homes.values(), 0)
        self._lowered: list[Lowered] = []
        for hops, graph in sorted(graphs.items()):
            low = Lowering(graph, states, homes, pool, target)
            inlet = low.view(source)
            for node in graph.nodes:
                lower_node(low, node)
            out = low.finish()
            scratch = [b for b in low.steps.buffers if b.first < 1 << 30]
            end = max(end, lay_out(scratch, self._state_bytes))
            sinks_ = tuple(out[name] for name in sinks)
            self._lowered.append(Lowered(hops, low.steps.steps, inlet, sinks_))
        self._arena = aligned_bytes(end + 64)
        self._turns: list[Turn] = []
        self._programs: list[NDArray[np.int64]] = []

    def kernels(self) -> Iterator[Kernel]:
        """List the kernels that the graphs call."""
        for lowered in self._lowered:
            yield from (step.kernel for step in lowered.steps)

    def link(self, compiler: Compiler, pool: Bytes) -> None:
        """Put addresses in the place of kernels and buffers: ready to run."""
        self._pool, self._run = pool, compiler.run
        regions = {"state": self._arena, "scratch": self._arena, "pool": pool}
        for lowered in reversed(self._lowered):
            program = records(lowered.steps, compiler, regions)
            self._programs.append(program)
            self._turns.append(
                Turn(
                    lowered.hops,
                    ctypes.c_void_p(program.ctypes.data),
                    self._array(lowered.inlet, lowered.hops),
                    tuple(self._array(view, lowered.hops) for view in lowered.outlets),
                )
            )
        self._lowered.clear()

    def _array(self, view: View, hops: int) -> Floats:
        start = view.buffer.place + 4 * view.offset
        floats = self._arena[start : start + 4 * prod(view.shape)].view(np.float32)
        return floats.reshape(hops, -1)

    def reset(self) -> None:
        """Return to the state of silence."""
        self._arena[: self._state_bytes].fill(0)

    def run(self, source: Floats, sinks: tuple[Floats, ...]) -> None:
        """Play rows, the largest graphs first. Real-time: nothing stays allocated."""
        row, rows = 0, source.shape[0]
        for hops, program, inlet, outlets in self._turns:
            while rows - row >= hops:
                end = row + hops
                inlet[:] = source[row:end]
                self._run(program)
                for sink, outlet in zip(sinks, outlets, strict=True):
                    sink[row:end] = outlet
                row = end


def records(
    steps: Sequence[Step], compiler: Compiler, regions: Mapping[str, Bytes]
) -> NDArray[np.int64]:
    """Return steps as a program. Raises ValueError if a step reaches out of its region."""
    addresses = compiler.addresses(step.kernel for step in steps)
    words: list[int] = []
    for step in steps:
        words += [8 * (2 + len(step.words)), addresses[step.kernel]]
        for word in step.words:
            if isinstance(word, Address):
                region = regions[word.buffer.region]
                place = word.buffer.place + 4 * word.floats
                if word.buffer.place < 0 or not 0 <= place < region.nbytes:
                    raise ValueError("an address outside of its region")
                word = region.ctypes.data + place
            words.append(word)
    return np.array([*words, 0], np.int64)


def _home_floats(graphs: Mapping[int, Graph], state: StateSpec) -> int:
    most = state.rows * state.columns
    return max(most, *(prod(graph.outputs[state.name + NEXT]) for graph in graphs.values()))
