"""The lines between host and engine: one JSON object each, commands in, events out. Pure.

Everything that comes in is checked here, so that no command can surprise the engine.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rtvae.control.parameters import index_of
from rtvae.errors import RtvaeError, UsageError

DRIVERS = ("portaudio", "dummy", "file")
MAX_LINE = 1 << 18
MAX_BLOCK_SIZE = 1 << 16
MAX_CHANNEL = 256
MOST_PREPARED = 4


@dataclass(frozen=True)
class Start:
    """Open a stream and play a model: always the first command.

    `dry` passes the input on and leaves the model alone, for a host that no longer trusts it.
    `sample_rate_hz` None is the model's own rate, which is the only one it plays at; channels
    count from 1, None is the driver's choice. `blend` is a second model to play beside the first;
    `buffered` None leaves it to the engine whether the model runs inside the callback.
    """

    model: str
    driver: str
    input: str | None = None
    output: str | None = None
    sample_rate_hz: int | None = None
    block_size: int = 0
    input_channels: tuple[int, ...] | None = None
    output_channels: tuple[int, ...] | None = None
    loop: bool = False
    duration_s: float | None = None
    dry: bool = False
    blend: str | None = None
    buffered: bool | None = None


@dataclass(frozen=True)
class Load:
    """Change to another model while playing.

    With `beside` it is the second model that changes; None takes that one away.
    """

    model: str | None
    beside: bool = False


@dataclass(frozen=True)
class Change:
    """Change to one model, or two, and to the values that belong to them, all at one moment.

    `values` go by parameter name; `number` is what the host calls this scene.
    """

    model: str
    number: int
    blend: str | None = None
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepare:
    """Have these ready, each one model or two, and nothing else: they come next."""

    lineups: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Fresh:
    """Change over to the same models in their first state, as if they had just been loaded."""


@dataclass(frozen=True)
class Quit:
    """Fade out and end."""


Command = Start | Load | Change | Prepare | Fresh | Quit
T = TypeVar("T")


def parse(line: str) -> Command:
    """Read one line from the host. Raises UsageError, and nothing else, whatever it holds."""
    if len(line) > MAX_LINE:
        raise UsageError(f"A command of {len(line)} characters was refused; {MAX_LINE} fit.")
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError("A command was refused: the line is not JSON.") from error
    if not isinstance(fields, dict):
        raise UsageError("A command was refused: the line is not a JSON object.")
    do = fields.pop("do", None)
    if do == "quit":
        return _build(Quit, fields, ())
    if do == "load":
        return _load(fields)
    if do == "change":
        return _build(Change, fields, ("model", "number"))
    if do == "prepare":
        return _build(Prepare, fields, ("lineups",))
    if do == "fresh":
        return _build(Fresh, fields, ())
    if do == "start":
        return _build(Start, fields, ("model", "driver"))
    raise UsageError(
        'A command was refused: "do" must be start, load, change, prepare, fresh or quit.'
    )


def event(name: str, **facts: Any) -> str:
    """Return one line for the host, without the line's end."""
    return json.dumps({"event": name, **facts}, ensure_ascii=False)


def failed(error: RtvaeError) -> str:
    """Return the event of a fault that ends the engine."""
    return event("failed", kind=type(error).__name__, sentence=str(error))


def _text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 4096 and "\0" not in value


def _whole(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _channels(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= MAX_CHANNEL
        and all(_whole(channel, 1, MAX_CHANNEL) for channel in value)
    )


def _seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e8


def _values(value: Any) -> bool:
    return isinstance(value, dict) and all(_sets(*item) for item in value.items())


def _sets(name: Any, value: Any) -> bool:
    try:
        index_of(name)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and math.isfinite(value)
    except (KeyError, TypeError, ValueError, OverflowError):
        return False


def _lineups(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_PREPARED
        and all(isinstance(pair, list) and len(pair) == 2 for pair in value)
        and all(_text(model) and (_text(blend) or blend is None) for model, blend in value)
    )


# Field -> (what is accepted, in words; the check; whether null is accepted)
_FIELDS: dict[str, tuple[str, Any, bool]] = {
    "model": ("a path", _text, False),
    "driver": (" or ".join(DRIVERS), lambda value: value in DRIVERS, False),
    "input": ("a device or a file", _text, True),
    "output": ("a device or a file", _text, True),
    "sample_rate_hz": ("1000 to 768000", lambda value: _whole(value, 1000, 768_000), True),
    "block_size": (f"0 to {MAX_BLOCK_SIZE}", lambda value: _whole(value, 0, MAX_BLOCK_SIZE), False),
    "input_channels": (f"a list of 1 to {MAX_CHANNEL}", _channels, True),
    "output_channels": (f"a list of 1 to {MAX_CHANNEL}", _channels, True),
    "loop": ("true or false", lambda value: isinstance(value, bool), False),
    "dry": ("true or false", lambda value: isinstance(value, bool), False),
    "blend": ("a path", _text, True),
    "buffered": ("true or false", lambda value: isinstance(value, bool), True),
    "beside": ("true or false", lambda value: isinstance(value, bool), False),
    "duration_s": ("seconds above 0", _seconds, True),
    "number": ("a whole number", lambda value: _whole(value, 1, 1 << 62), False),
    "values": ("numbers by parameter", _values, False),
    "lineups": (f"up to {MOST_PREPARED} pairs of paths", _lineups, False),
}


def _load(fields: dict[str, Any]) -> Load:
    beside = fields.get("beside") is True
    # Only the second model can be taken away.
    return _build(Load, fields, ("model",), empty=("model",) if beside else ())


def _build(
    kind: type[T],
    fields: dict[str, Any],
    required: tuple[str, ...],
    empty: tuple[str, ...] = (),
) -> T:
    """Check and build one command; a field in `empty` may be null, whatever the table says."""
    known = set(getattr(kind, "__dataclass_fields__", ()))
    for name in (*fields, *required):
        if name not in known:
            raise UsageError(f"A command was refused: {name[:40]!r} is not known.")
        if name not in fields:
            raise UsageError(f"A command was refused: {name!r} is missing.")
        words, accepts, nullable = _FIELDS[name]
        value = fields[name]
        if not (accepts(value) or (value is None and (nullable or name in empty))):
            raise UsageError(f"A command was refused: {name!r} must be {words}.")
    return kind(**{name: _frozen(value) for name, value in fields.items()})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value
