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

from rtvae.dsp.address import address_of
from rtvae.model.native.arena import lay_out
from rtvae.model.native.compile import Compiler, Kernel
from rtvae.model.native.lower import NEXT, Lowering, Target
from rtvae.model.native.operators import lower_node
from rtvae.model.native.pool import Bytes, Pool, aligned_bytes
from rtvae.model.native.read import Graph
from rtvae.model.native.reasons import Unsupported
from rtvae.model.native.steps import Address, Step
from rtvae.model.native.views import Buffer, View
from rtvae.spec import StateSpec

Floats = NDArray[np.float32]


MAX_NODES = 1000
MAX_ARENA_BYTES = 1 << 26


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
            if len(graph.nodes) > MAX_NODES:
                raise Unsupported(f"a graph has more than {MAX_NODES} nodes")
            low = Lowering(graph, states, homes, pool, target)
            inlet = low.view(source)
            for node in graph.nodes:
                lower_node(low, node)
            out = low.finish()
            scratch = [b for b in low.steps.buffers if b.first < 1 << 30]
            end = max(end, lay_out(scratch, self._state_bytes))
            sinks_ = tuple(out[name] for name in sinks)
            self._lowered.append(Lowered(hops, low.steps.steps, inlet, sinks_))
        if end > MAX_ARENA_BYTES:
            raise Unsupported("it computes with more memory than a voice has")
        self._arena = aligned_bytes(end)
        self._states = self._arena[: self._state_bytes]
        self._turns: list[Turn] = []
        self._whole: dict[int, Turn] = {}
        self._programs: list[NDArray[np.int64]] = []

    def kernels(self) -> Iterator[Kernel]:
        """List the kernels that the graphs call."""
        for lowered in self._lowered:
            yield from (step.kernel for step in lowered.steps)

    def link(self, compiler: Compiler, pool: Bytes) -> None:
        """Put addresses in the place of kernels and buffers: ready to run."""
        # Addresses keep nothing alive: the constants and the machine code are kept here.
        self._kept = (pool, compiler)
        self._run = compiler.run
        regions = {"state": self._arena, "scratch": self._arena, "pool": pool}
        for lowered in reversed(self._lowered):
            program = records(lowered.steps, compiler, regions)
            self._programs.append(program)
            turn = Turn(
                lowered.hops,
                ctypes.c_void_p(address_of(program)),
                self._array(lowered.inlet),
                tuple(self._array(view) for view in lowered.outlets),
            )
            self._turns.append(turn)
            self._whole[lowered.hops] = turn
        self._lowered.clear()

    def _array(self, view: View) -> Floats:
        start = view.buffer.place + 4 * view.offset
        floats = self._arena[start : start + 4 * prod(view.shape)].view(np.float32)
        return floats.reshape(view.shape)

    def reset(self) -> None:
        """Return to the state of silence."""
        self._states.fill(0)

    def run(self, hops: int, source: Floats, sinks: tuple[Floats, ...]) -> None:
        """Play some hops, the largest graphs first. Real-time: nothing stays allocated."""
        whole = self._whole.get(hops)
        if whole is not None:
            whole.inlet[:] = source
            self._run(whole.program)
            for sink, outlet in zip(sinks, whole.outlets, strict=True):
                sink[:] = outlet
            return
        at = 0
        for size, program, inlet, outlets in self._turns:
            while hops - at >= size:
                end = at + size
                inlet[:] = _hops(source, at, end, hops)
                self._run(program)
                for sink, outlet in zip(sinks, outlets, strict=True):
                    _hops(sink, at, end, hops)[:] = outlet
                at = end


def _hops(array: Floats, first: int, end: int, hops: int) -> Floats:
    """Return the part of an array of `hops` hops that belongs to some of them."""
    rows = array.shape[0] // hops
    return array[first * rows : end * rows]


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
                word = address_of(region) + place
            words.append(word)
    return np.array([*words, 0], np.int64)


def _home_floats(graphs: Mapping[int, Graph], state: StateSpec) -> int:
    most = state.rows * state.columns
    return max(most, *(prod(graph.outputs[state.name + NEXT]) for graph in graphs.values()))
