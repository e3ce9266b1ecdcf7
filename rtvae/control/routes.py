"""Routes: one line from a control to a parameter or action, read from a table and written to one.

Presets and controller maps share this reader; a table is one [[midi]] of a TOML file or what the
window sends. Only `target` and a control are needed:

    kind = "cc"                 # see midi_moves.KINDS; "cc" if left away
    number = 21                 # which of them; presets of format 1 say control = 21
    target = "latent.1.offset"  # a parameter, also by attribute, or an action
    channel = 1                 # all of them if left away
    port = "nanoKONTROL2"       # part of the port's name; every port if left away
    low = -3.0                  # what the ends give; the parameter's range if left away
    high = 3.0
    curve = "linear"            # see curves.CURVES; "points" with points = [[0, 0], [1, 1]]
    slew_ms = 0.0               # how long the way to a new value takes
    mode = "absolute"           # see MODES
    encoding = "twos_complement"  # of a relative control, see ENCODINGS
    step = 0.01                 # how much of the way one step of a relative control is
    pick_up = false             # wait until the knob has passed the present value
    voice = "last"              # which note an MPE control follows, see VOICES
    feedback = false            # show the parameter's value on the controller
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from rtvae.control.actions import is_action
from rtvae.control.curves import CURVES, position_of, value_at
from rtvae.control.midi_moves import KINDS
from rtvae.control.parameters import Parameter, index_of, is_parameter, parameter_at, resolve
from rtvae.spec import ATTRIBUTES

MODES = {
    "absolute": "the parameter stands where the control stands",
    "toggle": "each press goes to the other end, or to the next choice",
    "momentary": "the high end while it is held, else the low end",
    "relative": "an endless encoder moves the parameter up and down",
}
ENCODINGS = ("twos_complement", "offset", "sign_magnitude")
VOICES = ("last", "first", "lowest", "highest")
LAST_CHANNEL = 16
LONGEST_PORT = 128
LONGEST_SLEW_MS = 60_000.0
MOST_POINTS = 32
BUTTON = Parameter("", 0.0, 1.0, 0.0, "", "an action: pressed or not")


class RouteFault(ValueError):
    """A route's table is wrong at one key; `key` and `reason` make a sentence."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key} {reason}")
        self.key, self.reason = key, reason


@dataclass(frozen=True)
class Route:
    """One line from a control to a parameter or action; the module's text says what is what.

    Position 0 gives `low`, 1 gives `high`; `low` above `high` turns the control round.
    """

    target: str
    low: float
    high: float
    kind: str = "cc"
    number: int | None = None
    channel: int | None = None
    port: str = ""
    curve: str = "linear"
    points: tuple[tuple[float, float], ...] = ()
    slew_ms: float = 0.0
    mode: str = "absolute"
    encoding: str = ENCODINGS[0]
    step: float = 0.01
    pick_up: bool = False
    voice: str = VOICES[0]
    feedback: bool = False

    def value(self, position: float) -> float:
        """Return the target's value for a position of the control from 0 to 1."""
        return value_at(self.curve, self.points, position, self.low, self.high)

    def position(self, value: float) -> float:
        """Return the position of the control that gives a value."""
        return position_of(self.curve, self.points, value, self.low, self.high)

    def hears(self, port: str) -> bool:
        """Whether it listens to a port of this name."""
        return self.port.casefold() in port.casefold()

    @property
    def control(self) -> tuple[str, int | None, int | None, str]:
        """What it listens to: kind, number, channel and port."""
        return self.kind, self.number, self.channel, self.port


DEFAULTS = {field.name: field.default for field in fields(Route) if field.default is not MISSING}
KEYS = (*(field.name for field in fields(Route)), "control")


def target_parameter(target: str) -> Parameter | None:
    """Return what a target sets, 0 to 1 for an action; None if it is neither."""
    if is_action(target):
        return BUTTON
    if not is_parameter(target):
        return None
    return parameter_at(index_of(resolve(target, ATTRIBUTES) or target))


def parse_route(table: Mapping[str, Any]) -> Route:
    """Return the route that a table describes. Raises RouteFault at the first key that is wrong."""
    for key in table:
        if key not in KEYS:
            raise RouteFault(key, f"is not known here; known are {', '.join(KEYS)}")
    target = table.get("target")
    if target is None:
        raise RouteFault("target", "is missing; write for example latent.1.offset or mix")
    parameter = target_parameter(target) if isinstance(target, str) else None
    if parameter is None:
        reason = f"{_short(target)} is no parameter and no action"
        raise RouteFault("target", f"{reason}; write for example latent.1.offset or mix")
    table = _with_control(table)
    found = {key: _CHECKS[key](key, table[key]) for key in table if key in _CHECKS}
    kind = found.get("kind", "cc")
    found["number"] = _number(kind, table)
    for key, default in (("low", parameter.low), ("high", parameter.high)):
        found[key] = _real(
            key, table.get(key, default), parameter.low, parameter.high, parameter.unit
        )
    route = Route(target=target, **found)
    _fit_together(route, table)
    return route


def format_route(route: Route) -> dict[str, Any]:
    """Return the table that `parse_route` turns back into `route`, without what goes by itself."""
    parameter = target_parameter(route.target) or BUTTON
    plain = {**DEFAULTS, "low": parameter.low, "high": parameter.high}
    return {
        key: value
        for key, value in route_table(route).items()
        if key in ("target", "kind") or value != plain.get(key)
    }


def route_table(route: Route) -> dict[str, Any]:
    """Return all of a route as a table; `number` and `channel` are None where it has none."""
    table = {field.name: getattr(route, field.name) for field in fields(Route)}
    return {**table, "points": tuple(list(point) for point in route.points)}


def _with_control(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """A table in which `control = N` is said in today's words."""
    if "control" not in table:
        return table
    if "number" in table or table.get("kind", "cc") != "cc":
        raise RouteFault("control", "stands beside number or kind; write kind and number only")
    _whole("control", table["control"], 0, KINDS["cc"].numbers or 0)
    return {key: value for key, value in table.items() if key != "control"} | {
        "number": table["control"]
    }


def _number(kind: str, table: Mapping[str, Any]) -> int | None:
    about, number = KINDS[kind], table.get("number")
    if about.numbers is None:
        if number is not None:
            raise RouteFault("number", f"has no meaning for {kind}; leave it away")
        return None
    if number is None:
        if about.any_number:
            return None
        raise RouteFault("number", f"is missing; {kind} needs one from 0 to {about.numbers}")
    return _whole("number", number, 0, about.numbers)


def _fit_together(route: Route, table: Mapping[str, Any]) -> None:
    if (route.curve == "points") != bool(route.points):
        missing = route.curve == "points"
        reason = "are missing for this curve" if missing else 'need curve = "points"'
        raise RouteFault("points" if missing or "points" in table else "curve", reason)
    if route.mode == "relative" and route.kind not in ("cc", "nrpn", "rpn"):
        raise RouteFault("mode", f"relative needs a cc, nrpn or rpn, and this is {route.kind}")
    if route.mode == "relative" and is_action(route.target):
        raise RouteFault("mode", "relative moves a value, and an action has none")
    if route.mode == "momentary" and not KINDS[route.kind].momentary:
        raise RouteFault("mode", f"momentary needs a letting go, which {route.kind} does not tell")


def _whole(key: str, value: Any, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise RouteFault(
            key, f"is {_short(value)} and has to be a whole number from {low} to {high}"
        )
    return value


def _real(key: str, value: Any, low: float, high: float, unit: str = "") -> float:
    if type(value) not in (int, float) or not low <= value <= high:
        span = f"{low:g} to {high:g} {unit}".rstrip()
        raise RouteFault(key, f"is {_short(value)} and has to be a number from {span}")
    return float(value)


def _one_of(key: str, value: Any, words: Any) -> str:
    if not isinstance(value, str) or value not in words:
        raise RouteFault(key, f"is {_short(value)} and has to be one of {', '.join(words)}")
    return value


def _switch(key: str, value: Any) -> bool:
    if type(value) is not bool:
        raise RouteFault(key, f"is {_short(value)} and has to be true or false")
    return value


def _port(key: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_PORT or not value.isprintable():
        raise RouteFault(key, f"has to be part of a port's name, at most {LONGEST_PORT} letters")
    return value


def _corners(key: str, value: Any) -> tuple[tuple[float, float], ...]:
    wrong = RouteFault(
        key,
        f"have to be 2 to {MOST_POINTS} pairs [position, share], each 0 to 1, whose positions "
        "rise from 0 to 1",
    )
    if not isinstance(value, list | tuple) or not (not value or 2 <= len(value) <= MOST_POINTS):
        raise wrong
    corners = []
    for pair in value:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise wrong
        if not all(type(number) in (int, float) and 0.0 <= number <= 1.0 for number in pair):
            raise wrong
        corners.append((float(pair[0]), float(pair[1])))
    places = [x for x, _ in corners]
    rises = all(b - a > 1e-9 for a, b in itertools.pairwise(places))
    if corners and not (places[0] == 0.0 and places[-1] == 1.0 and rises):
        raise wrong
    return tuple(corners)


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "kind": lambda key, value: _one_of(key, value, KINDS),
    "channel": lambda key, value: None if value is None else _whole(key, value, 1, LAST_CHANNEL),
    "port": _port,
    "curve": lambda key, value: _one_of(key, value, CURVES),
    "points": _corners,
    "slew_ms": lambda key, value: _real(key, value, 0.0, LONGEST_SLEW_MS),
    "mode": lambda key, value: _one_of(key, value, MODES),
    "encoding": lambda key, value: _one_of(key, value, ENCODINGS),
    "step": lambda key, value: _real(key, value, 1e-4, 1.0),
    "pick_up": _switch,
    "voice": lambda key, value: _one_of(key, value, VOICES),
    "feedback": _switch,
}


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
