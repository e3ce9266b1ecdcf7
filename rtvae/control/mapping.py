"""The mapping: moves of controls in, new values and actions out, as the routes say. Pure.

    moves + values at present + time --> values to set, actions to do

What a route needs to know from before (where the knob stood, whether a button is down, a glide
under way) is kept here. Nothing comes out that lies outside a route's `low` and `high`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rtvae.control.actions import is_action
from rtvae.control.midi_moves import KINDS, Move
from rtvae.control.parameters import resolve
from rtvae.control.routes import Route, target_parameter

MIDDLE = 0.5
NEAR = 1.0 / 127.0
"""A knob so near to the present value has it in its hand, and may move it."""
SAME = 1e-4
"""Values this share of the way apart are the same but for rounding."""


def twos_complement(value: int) -> int:
    """1 to 64 up, 127 to 65 down."""
    return value - 128 if value > 64 else value


def offset(value: int) -> int:
    """65 to 127 up, 63 to 0 down."""
    return value - 64


def sign_magnitude(value: int) -> int:
    """1 to 64 up, 65 to 127 down."""
    return 64 - value if value > 64 else value


STEPS = {
    "twos_complement": twos_complement,
    "offset": offset,
    "sign_magnitude": sign_magnitude,
}


@dataclass
class Outcome:
    """What moves brought: values by parameter, actions in their order, the route of each move."""

    values: dict[str, float] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)


class Mapper:
    """Carries out a set of routes. `attributes` are those of the model's latents.

    Routes whose attribute the model does not have sleep. Those that `before` carried out too go on
    as they were.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        attributes: Sequence[str] = (),
        before: "Mapper | None" = None,
    ) -> None:
        self._by_source: dict[tuple[str, int | None], list[_Line]] = {}
        known = {(line.route, line.target): line for line in before._lines()} if before else {}
        for route in routes:
            target = resolve(route.target, attributes)
            if target is not None:
                lines = self._by_source.setdefault((route.kind, route.number), [])
                lines.append(known.get((route, target)) or _Line(route, target))
        self._gliding: dict[_Line, None] = {}
        if before is not None:
            stay = set(self._lines())
            # A copy: the one before may be at work on another thread meanwhile.
            self._gliding = {line: None for line in list(before._gliding) if line in stay}

    def let_go(self) -> None:
        """Forget which buttons and keys are down: their controller may be gone."""
        for line in self._lines():
            line.let_go()

    def feed(
        self, moves: Iterable[Move], present: Mapping[str, float], now_s: float, port: str = ""
    ) -> Outcome:
        """Return what the moves of one port bring; `present` are the parameters' values now."""
        outcome = Outcome()
        for move in moves:
            for number in (move.number, None):
                for line in self._by_source.get((move.kind, number), ()):
                    if line.hears(move, port):
                        self._turn(line, move, present, now_s, outcome)
        return outcome

    def glide(self, present: Mapping[str, float], now_s: float) -> dict[str, float]:
        """Return the values of the glides under way; called every few milliseconds."""
        values = {}
        for line in list(self._gliding):
            value = line.glide(present.get(line.target, math.nan), now_s)
            if value is None:
                del self._gliding[line]
            else:
                values[line.target] = value
        return values

    def _lines(self) -> list["_Line"]:
        return [line for lines in self._by_source.values() for line in lines]

    def _turn(
        self,
        line: "_Line",
        move: Move,
        present: Mapping[str, float],
        now_s: float,
        outcome: Outcome,
    ) -> None:
        outcome.routes.append(line.route)
        if line.acts:
            if line.press(move):
                outcome.actions.append(line.target)
            return
        now = outcome.values.get(line.target, present.get(line.target, math.nan))
        value = line.turn(move, now if math.isfinite(now) else line.route.low)
        if value is None:
            return
        if line.glides and math.isfinite(now):
            line.set_out(now, value, now_s)
            self._gliding[line] = None
        else:
            line.said = value
            outcome.values[line.target] = value


class _Line:
    """One route at work on one target."""

    def __init__(self, route: Route, target: str) -> None:
        self.route, self.target = route, target
        self.acts = is_action(target)
        parameter = target_parameter(target)
        self._choices = len(parameter.choices) if parameter is not None else 0
        self.glides = route.slew_ms > 0.0 and not self._choices and not self.acts
        self.said: float | None = None
        self._reach = abs(route.high - route.low)
        self._momentary = KINDS[route.kind].momentary
        self._down = False
        self._held: set[tuple[int, int]] = set()
        self._position = 0.0
        self._knob: float | None = None
        self._caught = False
        self._from, self._to, self._since_s = 0.0, 0.0, 0.0

    def hears(self, move: Move, port: str) -> bool:
        route = self.route
        if route.channel is not None and route.channel != move.channel:
            return False
        if KINDS[route.kind].mpe and route.voice not in move.voices:
            return False
        return not route.port or route.hears(port)

    def let_go(self) -> None:
        """Take it that nothing is pressed."""
        self._down = False
        self._held.clear()

    def press(self, move: Move) -> bool:
        """Whether this move presses the button."""
        if not self._momentary:
            return True
        before, self._down = self._down, self._now_down(move)
        return self._down and not before

    def turn(self, move: Move, present: float) -> float | None:
        """The value that a move asks for; None for none."""
        mode = self.route.mode
        if mode == "relative" or move.step:
            return self._step(move, present)
        if mode == "toggle":
            return self._at(self._other(present)) if self.press(move) else None
        if mode == "momentary":
            self._down = self._now_down(move)
            return self._at(self.route.high if self._down else self.route.low)
        position = float(self._now_down(move)) if move.kind == "note" else move.position
        value = self._whole(self.route.value(position))
        if not self._may_move(position, value, present):
            return None
        self._position = position
        return value

    def set_out(self, present: float, value: float, now_s: float) -> None:
        """Begin to glide to a value."""
        self._from, self._to, self._since_s, self.said = present, value, now_s, present

    def glide(self, present: float, now_s: float) -> float | None:
        """Where the glide is; None when it is over, or somebody else has moved the value."""
        if self.said is None or not self._same(present, self.said) or self.said == self._to:
            return None
        share = min(max((now_s - self._since_s) * 1e3 / self.route.slew_ms, 0.0), 1.0)
        self.said = self._to if share == 1.0 else self._from + (self._to - self._from) * share
        return self.said

    def _at(self, value: float) -> float:
        self._position = self.route.position(value)
        return value

    def _now_down(self, move: Move) -> bool:
        """Whether the button is down; any of its keys where it has several."""
        down = move.position >= MIDDLE
        if move.kind != "note":
            return down
        (self._held.add if down else self._held.discard)((move.channel, move.number))
        return bool(self._held)

    def _step(self, move: Move, present: float) -> float:
        # Of a fine control the coarse half says how far.
        steps = move.step or STEPS[self.route.encoding](
            move.value if move.kind == "cc" else move.value >> 7
        )
        if self.said is None or not self._same(present, self.said):
            self._position = self.route.position(present)
        self._position = min(max(self._position + steps * self.route.step, 0.0), 1.0)
        return self._whole(self.route.value(self._position))

    def _other(self, present: float) -> float:
        low, high = self.route.low, self.route.high
        bottom, top = math.ceil(min(low, high)), math.floor(max(low, high))
        if self._choices > 2 and bottom <= top:
            following = round(present) + 1
            return float(following if bottom <= following <= top else bottom)
        return low if abs(present - high) < abs(present - low) else high

    def _may_move(self, position: float, value: float, present: float) -> bool:
        """Whether a knob that waits for the present value has it in its hand."""
        if not self.route.pick_up:
            return True
        before, self._knob = self._knob, position
        if self._caught and self.said is not None and self._same(present, self.said):
            return True
        there = self.route.position(present)
        passed = before is not None and min(before, position) <= there <= max(before, position)
        self._caught = passed or abs(position - there) <= NEAR
        return self._caught

    def _same(self, a: float, b: float) -> bool:
        return abs(a - b) <= SAME * self._reach + 1e-6 * abs(b)

    def _whole(self, value: float) -> float:
        low, high = sorted((self.route.low, self.route.high))
        if not self._choices or math.ceil(low) > math.floor(high):
            return value
        return float(min(max(round(value), math.ceil(low)), math.floor(high)))
