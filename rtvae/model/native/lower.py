"""Lower: a graph becomes steps over planned memory.

Each node's result is a constant, a view of memory, or not computed yet (an expression or a
product); that is computed when something needs it, at the place where it is needed: the rows of
a convolution's input are written straight into the window they belong to.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from math import prod

import numpy as np

from rtvae.model.native.pool import Pool
from rtvae.model.native.products import Pending, emit
from rtvae.model.native.read import Constant, Graph, Node
from rtvae.model.native.reasons import Unsupported
from rtvae.model.native.steps import (
    MAX_LEAVES,
    MAX_OPERATIONS,
    Expression,
    Operand,
    Steps,
    expression,
    same_place,
)
from rtvae.model.native.views import Buffer, Shape, View, row_major, whole
from rtvae.spec import StateSpec

Value = View | Expression | Pending | Constant

NEXT = ".next"
RESHAPES = frozenset(("Reshape", "Identity"))
BEYOND = 1 << 30


@dataclass(frozen=True)
class Target:
    """What steps are made for: lanes of a vector and how many vectors fit the registers."""

    lanes: int
    registers: int


class Lowering:
    """The lowering of one graph; `homes` are the buffers of its states, shared by all sizes."""

    def __init__(
        self,
        graph: Graph,
        states: tuple[StateSpec, ...],
        homes: dict[str, Buffer],
        pool: Pool,
        target: Target,
    ) -> None:
        self.graph, self.target, self.pool = graph, target, pool
        self.steps = Steps(pool)
        self.values: dict[str, Value] = dict(graph.constants)
        self._states = {state.name: state for state in states}
        self._homes = homes
        self._uses = Counter(graph.outputs.keys())
        self._consumers: dict[str, list[Node]] = defaultdict(list)
        for node in graph.nodes:
            for name in {name for name in node.inputs if name}:
                self._uses[name] += 1
                self._consumers[name].append(node)
        for name, shape in graph.inputs.items():
            if name in homes:
                self.values[name] = whole(homes[name], shape)
            else:
                self.values[name] = room = self._room(name, shape)
                room.buffer.first = -1

    def finish(self) -> dict[str, View]:
        """Compute what goes out, keep the states; return the views of what is no state."""
        out = {name: self.view(name) for name in self.graph.outputs}
        kept = {n: v for n, v in out.items() if n.removesuffix(NEXT) in self._states}
        others = {n: self._outside(v) for n, v in out.items() if n not in kept}
        for view in others.values():
            view.buffer.last = BEYOND
        sources = {}
        for name, view in kept.items():
            home = self._homes[name.removesuffix(NEXT)]
            elsewhere = view.buffer.region == "state" and view.buffer is not home
            sources[name] = self._copied(view) if elsewhere else view
        for name, view in sources.items():
            state = self._states[name.removesuffix(NEXT)]
            self._keep(state, self.steps.contiguous(view))
        return others

    def _keep(self, state: StateSpec, window: View) -> None:
        """Move the last rows of a window to where the state is read from."""
        size = state.rows * state.columns
        shape = (state.rows, state.columns)
        last = whole(window.buffer, shape, window.offset + prod(window.shape) - size)
        home = whole(self._homes[state.name], shape)
        if not same_place(last, home):
            self.steps.map(last, home)

    def _outside(self, view: View) -> View:
        """Return a view without gaps that lies in no state, which is about to move."""
        view = self.steps.contiguous(view)
        return view if view.buffer.region == "scratch" else self._copied(view)

    def _copied(self, view: View) -> View:
        copy = self.steps.scratch(view.shape)
        self.steps.map(view, copy)
        return copy

    def alone(self, name: str) -> bool:
        """Whether a value is used by one node only."""
        return self._uses[name] == 1

    def shape(self, name: str) -> Shape:
        """Return the shape of a value."""
        return tuple(self.values[name].shape)

    def constant(self, name: str) -> Constant:
        """Return a constant. Raises Unsupported if the value is none."""
        value = self.values[name]
        if not isinstance(value, np.ndarray):
            raise Unsupported("it computes what has to be known before")
        return value

    def view(self, name: str) -> View:
        """Return where a value is in memory, computing it now if it is not there yet."""
        value = self.values[name]
        if isinstance(value, View):
            return value
        if isinstance(value, np.ndarray):
            view = self.pool.view(value)
        else:
            view = self._room(name, value.shape)
            self.put(value, view)
        self.values[name] = view
        return view

    def operand(self, name: str) -> Operand:
        """Return a value as an operand of an expression, which goes on if it was one."""
        value = self.values[name]
        if isinstance(value, np.ndarray) and value.size == 1:
            return float(value.reshape(-1)[0])
        small = isinstance(value, Expression) and (
            value.leaves <= MAX_LEAVES // 2 and value.operations <= MAX_OPERATIONS // 2
        )
        if isinstance(value, Expression) and small and self.alone(name):
            return value
        return self.view(name)

    def put(self, value: Value, to: View) -> None:
        """Compute a value into a view of its size."""
        if isinstance(value, np.ndarray):
            value = self.pool.view(value)
        if isinstance(value, Pending):
            emit(self.steps, value, to, self.target.registers, self.target.lanes)
        elif not (isinstance(value, View) and same_place(value, to)):
            self.steps.map(value, to.reshaped(value.shape))

    def fold(self, value: Operand, shape: Shape, how: str) -> View:
        """Fold the last axis of an operand of this shape into one number each."""
        room = self.steps.scratch((*shape[:-1], 1))
        self.steps.map(value, room, how, shape)
        return room

    def computed(self, value: Operand, shape: Shape) -> View:
        """Return where an operand is in memory, computing it now if it is nowhere yet."""
        if isinstance(value, View) and value.shape == shape:
            return value
        room = self.steps.scratch(shape)
        self.steps.map(value, room)
        return room

    def apply(self, operation: str, *names: str) -> Expression:
        """Return an operation on values, which broadcast to one shape."""
        shape = np.broadcast_shapes(*(self.shape(name) for name in names))
        return expression(operation, [self.operand(name) for name in names], shape)

    def window(self, node: Node) -> View | None:
        """Return the window that a Concat of a state and new rows makes, if it is one."""
        if len(node.inputs) != 2 or node.outputs[0] not in self.graph.outputs:
            return None
        state = self._states.get(node.inputs[0])
        if state is None or node.outputs[0] != state.name + NEXT or node.attributes["axis"] != 0:
            return None
        return whole(self._homes[state.name], self.graph.outputs[node.outputs[0]])

    def _room(self, name: str, shape: Shape) -> View:
        return self._place(name, shape) or self.steps.scratch(shape)

    def _place(self, name: str, shape: Shape) -> View | None:
        """Return the place in a window that a value goes to, if it goes to one."""
        for node in self._consumers[name]:
            if node.operator in RESHAPES and node.inputs[0] == name:
                place = self._place(node.outputs[0], shape)
                if place is not None:
                    return place
            window = self.window(node) if node.operator == "Concat" else None
            if window is not None and node.inputs[1] == name:
                before = prod(window.shape) - prod(shape)
                state = self._states[node.inputs[0]]
                if before == state.rows * state.columns:
                    return View(window.buffer, before, row_major(shape), shape)
        return None
