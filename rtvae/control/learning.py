"""Learning: the next control that is really moved becomes a route to a target. Pure.

    moves of all ports + time --> a route, as soon as it is clear which control was meant and how
                                  it speaks

A message or two are no movement: knobs jitter. What moves is judged by what it sends:

    values that go up or down       a knob or fader; in two halves, a fine one
    the same few values repeated    an endless encoder, in one of three encodings; which one is
                                    sure when it is turned both ways
    bottom and top, nothing else    a button
    a note, let go                  a key or pad; if its pressure, bend or slide moves while it is
                                    held, that one
"""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rtvae.control.actions import is_action
from rtvae.control.midi_assembler import DATA_COARSE, DATA_FINE, DECREMENT, INCREMENT, SELECTS
from rtvae.control.midi_moves import KINDS, Move
from rtvae.control.midi_mpe import TIMBRE
from rtvae.control.routes import Route, parse_route, target_parameter

FEWEST = 3
FEWEST_STEPS = 4
"""So many messages of an encoder tell that it is one."""
ONE_WAY_S = 1.0
"""So long it is waited for an encoder to be turned the other way too."""
TAP_S = 0.5
"""A note that is shorter is meant itself, whatever else moves with it."""
QUICK_S = 0.6
"""A button down for longer is likely one that stays down by itself."""
TRAVEL = {"cc": 0.03, "cc14": 0.03, "nrpn": 0.03, "rpn": 0.03, "bend": 0.1, "pressure": 0.15}
TRAVEL |= {kind: 0.15 for kind in ("poly_pressure", "mpe_pressure", "mpe_timbre")}
TRAVEL |= {"mpe_bend": 0.05}
"""A movement is at least this share of the control's way."""
OF_A_NOTE = ("pressure", "poly_pressure", "bend", "mpe_pressure", "mpe_timbre", "mpe_bend")
ZONED = {"bend", "pressure", "poly_pressure"}
PARTS_OF_NUMBERS = {DATA_COARSE, DATA_FINE, INCREMENT, DECREMENT, *SELECTS}
SETTINGS_RPN = range(7)
"""Registered parameters that are settings, sent by themselves when a controller wakes."""
LEAP = 40
MOST_CANDIDATES = 256
MOST_VALUES = 64

# What each encoding sends for up and for down, as encoders do that are turned by hand.
UP_AND_DOWN = {
    "twos_complement": (range(1, 17), range(112, 128)),
    "offset": (range(65, 80), range(49, 64)),
    "sign_magnitude": (range(1, 17), range(65, 80)),
}

# How far a control that is learned moves what has a wider range than hands can use.
SPANS: dict[str, dict[str, Any]] = {
    "offset": {"low": -3.0, "high": 3.0},
    "scale": {"low": 0.0, "high": 2.0},
    "to": {"low": -3.0, "high": 3.0},
    "input_gain_db": {"low": -24.0, "high": 24.0},
    "output_gain_db": {"low": -60.0, "high": 6.0},
    "tempo_bpm": {"low": 40.0, "high": 240.0},
    "rate_hz": {"curve": "exponential"},
    "feedback_ms": {"curve": "exponential"},
    "attack_ms": {"curve": "exponential"},
    "release_ms": {"curve": "exponential"},
    "looper_speed": {"curve": "exponential"},
}

Place = tuple[str, str, int, int]
"""Port, kind, channel and number."""


@dataclass
class _Candidate:
    first_s: float
    values: list[int] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    paired: int = 0
    steps: int = 0

    def keep(self, value: int, now_s: float) -> None:
        self.values = [*self.values, value][-MOST_VALUES:]
        self.times_s = [*self.times_s, now_s][-MOST_VALUES:]

    def travel(self, kind: str) -> float:
        return (max(self.values) - min(self.values)) / KINDS[kind].highest


class Learner:
    """Waits for a control for one target. `mpe` ports are those that announced their zones."""

    def __init__(self, target: str) -> None:
        self.target = target
        self._candidates: dict[Place, _Candidate] = {}
        self._held: dict[tuple[str, int, int], float] = {}
        self._numbered: set[tuple[str, int]] = set()
        self._mpe: set[str] = set()

    def feed(
        self, port: str, moves: Iterable[Move], now_s: float, mpe: bool = False
    ) -> Route | None:
        """Take the moves of one port; return the route once it is clear."""
        if mpe:
            self._mpe.add(port)
        for move in moves:
            if not self._means_something(port, move, mpe):
                continue
            place = (port, move.kind, move.channel, move.number)
            route = self._program(place) or self._note(place, move, now_s)
            if route is None and move.kind in TRAVEL:
                candidate = self._candidate(place, now_s)
                candidate.steps += move.step != 0
                candidate.paired += move.paired
                if not move.step:
                    candidate.keep(move.value, now_s)
                route = self._judge(place, candidate, now_s)
            if route is not None:
                return route
        return None

    def step(self, now_s: float) -> Route | None:
        """Return a route that only time has made clear."""
        for place, candidate in self._candidates.items():
            route = self._judge(place, candidate, now_s)
            if route is not None:
                return route
        return None

    def _candidate(self, place: Place, now_s: float) -> _Candidate:
        if len(self._candidates) >= MOST_CANDIDATES:
            self._candidates.clear()
        return self._candidates.setdefault(place, _Candidate(now_s))

    def _means_something(self, port: str, move: Move, mpe: bool) -> bool:
        """Whether a move can be the control itself, and not a part or a shadow of it."""
        kind, channel = move.kind, move.channel
        if kind in ("nrpn", "rpn"):
            self._numbered.add((port, channel))
            return kind == "nrpn" or move.number not in SETTINGS_RPN
        if kind in ("key", "velocity"):
            return False
        if KINDS[kind].mpe:
            return mpe and "last" in move.voices
        slide = kind == "cc" and move.number == TIMBRE
        if mpe and channel not in (1, 16) and (kind in ZONED or slide):
            return False
        part = kind in ("cc", "cc14") and move.number in PARTS_OF_NUMBERS
        return not (part and (port, channel) in self._numbered)

    def _program(self, place: Place) -> Route | None:
        return self._route(place, button=True) if place[1] == "program" else None

    def _note(self, place: Place, move: Move, now_s: float) -> Route | None:
        """A note is meant once it is let go."""
        port, kind, channel, number = place
        if kind != "note":
            return None
        if move.value:
            self._held[port, channel, number] = now_s
            return None
        began_s = self._held.pop((port, channel, number), None)
        return None if began_s is None else self._route(place, button=True)

    def _judge(self, place: Place, candidate: _Candidate, now_s: float) -> Route | None:
        port, kind, channel, number = place
        if kind in OF_A_NOTE and any(
            held[0] == port and now_s - began_s < TAP_S for held, began_s in self._held.items()
        ):
            return None
        if candidate.steps >= FEWEST:
            return self._route(place)
        if len(candidate.values) < 2:
            return None
        if kind == "cc":
            fine = self._candidates.get((port, "cc14", channel, number % 32))
            if number < 64 and fine is not None and fine.paired:
                return None
            return self._judge_plain(place, candidate, now_s)
        if kind == "cc14" and candidate.paired < FEWEST:
            return None
        return self._route(place) if self._has_moved(kind, candidate) else None

    def _judge_plain(self, place: Place, candidate: _Candidate, now_s: float) -> Route | None:
        """A knob, a button or an encoder."""
        values = candidate.values
        if set(values) == {0, max(values)} and max(values) >= 64:
            quick = candidate.times_s[-1] - candidate.times_s[-2] < QUICK_S
            return self._route(place, button=True, springs=quick)
        encodings = _encodings(values)
        if encodings and len(values) >= FEWEST_STEPS:
            sure = [name for name in encodings if _both_ways(name, values)]
            if sure or now_s - candidate.first_s >= ONE_WAY_S:
                return self._route(place, encoding=(sure or encodings)[0])
        if encodings:
            return None
        return self._route(place) if self._has_moved("cc", candidate) else None

    def _has_moved(self, kind: str, candidate: _Candidate) -> bool:
        return len(candidate.values) >= FEWEST and candidate.travel(kind) >= TRAVEL[kind]

    def _route(
        self, place: Place, button: bool = False, springs: bool = True, encoding: str = ""
    ) -> Route:
        port, kind, channel, number = place
        about = KINDS[kind]
        table: dict[str, Any] = {"target": self.target, "kind": kind, "port": port}
        table["channel"] = None if about.mpe or (button and port in self._mpe) else channel
        if about.numbers is not None:
            table["number"] = number
        if encoding:
            table |= {"mode": "relative", "encoding": encoding}
        table |= _span(self.target, button)
        if button and not is_action(self.target):
            table["mode"] = _button_mode(self.target, kind, springs)
        if encoding and is_action(self.target):
            table["mode"] = "absolute"
        return parse_route(table)


def _span(target: str, button: bool) -> Mapping[str, Any]:
    parameter = target_parameter(target)
    if parameter is None or is_action(target):
        return {}
    span = dict(SPANS.get(parameter.name, {}))
    if button and not parameter.choices:
        # From where it rests to its end; a button has no use for the other side.
        span["low"] = parameter.default if parameter.default < parameter.high else parameter.low
        span.pop("curve", None)
    return span


def _button_mode(target: str, kind: str, springs: bool) -> str:
    parameter = target_parameter(target)
    if not KINDS[kind].momentary:
        return "toggle"
    if parameter is not None and parameter.choices:
        return "toggle" if springs or len(parameter.choices) > 2 else "absolute"
    return "momentary"


def _encodings(values: list[int]) -> list[str]:
    """The encodings of an encoder that sends such values; none for what looks like a knob."""
    steps = [abs(a - b) for a, b in itertools.pairwise(values)]
    # A knob tells only what has changed, and goes no long way at once.
    if 0 not in steps and max(steps, default=0) <= LEAP:
        return []
    return [
        name
        for name, (up, down) in UP_AND_DOWN.items()
        if all(value in up or value in down for value in values)
    ]


def _both_ways(encoding: str, values: list[int]) -> bool:
    up, down = UP_AND_DOWN[encoding]
    return sum(v in up for v in values) >= 2 and sum(v in down for v in values) >= 2


def learned(routes: Iterable[Route], route: Route) -> tuple[Route, ...]:
    """Return the routes with a new one in place of those of its target and of its control."""
    kept = [r for r in routes if r.target != route.target and not _same_control(r, route)]
    return (*kept, route)


def _same_control(a: Route, b: Route) -> bool:
    """Whether there is a control that both routes hear."""
    channels = a.channel is None or b.channel is None or a.channel == b.channel
    ports = a.hears(b.port) or b.hears(a.port)
    return (a.kind, a.number) == (b.kind, b.number) and channels and ports
