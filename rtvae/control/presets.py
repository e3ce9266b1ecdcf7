"""Presets: a TOML text becomes a frozen `Preset`, or one sentence says which line is wrong.

    format = 1
    model = "first"                 # optional

    [mix]                           # optional, as is each of its keys
    mix = 0.8
    input_gain_db = 0.0
    output_gain_db = -3.0
    variation = 0.1

    [[latent]]                      # any number of them; offset and scale are optional
    number = 1
    offset = 0.5
    scale = 1.2

    [[midi]]                        # any number of them; channel, low and high are optional
    channel = 1
    control = 21
    target = "latent.1.offset"
    low = -3.0
    high = 3.0                      # or target = "record": a button for the record key

The whole text is judged before anything is used: unknown keys, numbers out of range and newer
formats are refused, nothing is clamped. Without `low` and `high` a knob spans its parameter.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rtvae.control.mapping import LAST_CONTROL, RECORD, MidiRoute
from rtvae.control.parameters import OFFSET, SCALARS, SCALE, Parameter, index_of, parameter_at
from rtvae.control.toml_lines import line_of
from rtvae.errors import PresetError
from rtvae.spec import MAX_LATENTS

PRESET_FORMAT = 1
LARGEST_TEXT = 1 << 20
LONGEST_LINE = 2000  # a key of very many parts would take the reader minutes
LAST_CHANNEL = 16
MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

BUTTONS = {RECORD: Parameter(RECORD, 0.0, 1.0, 0.0, "", "starts and stops a recording")}
MIX_KEYS = {parameter.name: parameter for parameter in SCALARS if parameter.name != "mute"}
TABLES = {
    # table: its keys
    "": ("format", "model", "mix", "latent", "midi"),
    "mix": tuple(MIX_KEYS),
    "latent": ("number", "offset", "scale"),
    "midi": ("channel", "control", "target", "low", "high"),
}


@dataclass(frozen=True)
class LatentSetting:
    """Where one latent stands: its number from 1, and what its knobs show."""

    number: int
    offset: float = OFFSET.default
    scale: float = SCALE.default


@dataclass(frozen=True)
class Preset:
    """A valid preset. `mix` maps the keys of the [mix] table that it sets to their values."""

    name: str
    model: str | None = None
    mix: tuple[tuple[str, float], ...] = ()
    latents: tuple[LatentSetting, ...] = ()
    midi: tuple[MidiRoute, ...] = ()

    def values(self) -> dict[str, float]:
        """Return every value that the preset sets, by parameter name."""
        values = dict(self.mix)
        for latent in self.latents:
            values[f"latent.{latent.number}.offset"] = latent.offset
            values[f"latent.{latent.number}.scale"] = latent.scale
        return values

    @property
    def highest_latent(self) -> int:
        """The highest latent number that the preset speaks of, 0 for none."""
        routed = [int(r.target.split(".")[1]) for r in self.midi if r.target.startswith("latent.")]
        return max([latent.number for latent in self.latents] + routed, default=0)


def parse_preset(text: str, name: str) -> Preset:
    """Return the preset that a TOML text describes, `name` being what to call it.

    Raises PresetError with the line and the key that is wrong.
    """
    if len(text) > LARGEST_TEXT:
        raise PresetError(f"Preset {name} is larger than 1 MB, which no preset needs to be.")
    if max(map(len, text.splitlines()), default=0) > LONGEST_LINE:
        raise PresetError(
            f"Preset {name} has a line of more than {LONGEST_LINE} characters, which none needs."
        )
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "its tables are nested too deep" if isinstance(error, RecursionError) else error
        raise PresetError(f"Preset {name} is not valid TOML: {reason}.") from error
    judge = _Judge(text, name)
    judge.keys(content, "", 0)
    judge.format(content)
    return Preset(
        name=name,
        model=judge.model(content),
        mix=judge.mix(content),
        latents=judge.latents(content),
        midi=judge.routes(content),
    )


def format_preset(preset: Preset) -> str:
    """Return the TOML text that `parse_preset` turns back into `preset`."""
    lines = [f"format = {PRESET_FORMAT}"]
    if preset.model is not None:
        lines.append(f'model = "{preset.model}"')
    if preset.mix:
        lines += ["", "[mix]", *(f"{key} = {value!r}" for key, value in preset.mix)]
    for latent in preset.latents:
        lines += ["", "[[latent]]", f"number = {latent.number}"]
        lines += [f"offset = {latent.offset!r}", f"scale = {latent.scale!r}"]
    for route in preset.midi:
        lines += ["", "[[midi]]"]
        lines += [] if route.channel is None else [f"channel = {route.channel}"]
        lines += [f"control = {route.control}", f'target = "{route.target}"']
        lines += [f"low = {route.low!r}", f"high = {route.high!r}"]
    return "\n".join(lines) + "\n"


class _Judge:
    """Reads one parsed preset and points at the line of whatever is wrong with it."""

    def __init__(self, text: str, name: str) -> None:
        self._lines = text.splitlines()
        self._name = name

    def refuse(self, table: str, number: int, key: str, reason: str) -> PresetError:
        line = line_of(self._lines, table, number, key)
        where = f"line {line}, " if line else ""
        shown = key if key.isidentifier() else _short(key)
        field = f"{table}.{shown}" if table else shown
        return PresetError(f"Preset {self._name} cannot be used: {where}{field} {reason}.")

    def keys(self, content: dict[str, Any], table: str, number: int) -> None:
        for key in content:
            if key not in TABLES[table]:
                allowed = ", ".join(TABLES[table])
                raise self.refuse(table, number, key, f"is not known here; known are {allowed}")

    def format(self, content: dict[str, Any]) -> None:
        made = content.get("format")
        if made is None:
            reason = f"is missing; write format = {PRESET_FORMAT} on the first line"
            raise self.refuse("", 0, "format", reason)
        if type(made) is int and made > PRESET_FORMAT:
            reason = f"is {made}, made by a newer rtvae; update rtvae to use this preset"
            raise self.refuse("", 0, "format", reason)
        if type(made) is not int or made != PRESET_FORMAT:
            raise self.refuse("", 0, "format", f"has to be {PRESET_FORMAT}")

    def model(self, content: dict[str, Any]) -> str | None:
        name = content.get("model")
        if name is None:
            return None
        if not isinstance(name, str) or not MODEL_NAME.fullmatch(name):
            reason = "has to be a model's name in quotes: letters, digits, dot, dash, underscore"
            raise self.refuse("", 0, "model", reason)
        return name

    def mix(self, content: dict[str, Any]) -> tuple[tuple[str, float], ...]:
        table = content.get("mix", {})
        if not isinstance(table, dict):
            raise self.refuse("", 0, "mix", "has to be a table, written [mix]")
        self.keys(table, "mix", 0)
        return tuple((key, self.number(table, "mix", 0, key, MIX_KEYS[key])) for key in table)

    def latents(self, content: dict[str, Any]) -> tuple[LatentSetting, ...]:
        settings: dict[int, LatentSetting] = {}
        for k, table in self.tables(content, "latent"):
            number = self.whole(table, "latent", k, "number", 1, MAX_LATENTS)
            if number in settings:
                raise self.refuse("latent", k, "number", f"{number} is set twice")
            offset = self.number(table, "latent", k, "offset", OFFSET)
            scale = self.number(table, "latent", k, "scale", SCALE)
            settings[number] = LatentSetting(number, offset, scale)
        return tuple(settings.values())

    def routes(self, content: dict[str, Any]) -> tuple[MidiRoute, ...]:
        routes = []
        for k, table in self.tables(content, "midi"):
            target = table.get("target")
            try:
                parameter = BUTTONS.get(str(target)) or parameter_at(
                    index_of(target if isinstance(target, str) else "")
                )
            except KeyError:
                reason = f"{target!r} is no parameter" if "target" in table else "is missing"
                remedy = "write for example latent.1.offset, latent.1.scale or mix"
                raise self.refuse("midi", k, "target", f"{reason}; {remedy}") from None
            channel = None
            if "channel" in table:
                channel = self.whole(table, "midi", k, "channel", 1, LAST_CHANNEL)
            control = self.whole(table, "midi", k, "control", 0, LAST_CONTROL)
            low = self.number(table, "midi", k, "low", parameter, parameter.low)
            high = self.number(table, "midi", k, "high", parameter, parameter.high)
            routes.append(MidiRoute(control, str(target), low, high, channel))
        return tuple(routes)

    def tables(self, content: dict[str, Any], name: str) -> Iterable[tuple[int, dict[str, Any]]]:
        array = content.get(name, [])
        if not isinstance(array, list) or not all(isinstance(table, dict) for table in array):
            raise self.refuse("", 0, name, f"has to be tables, each written [[{name}]]")
        for k, table in enumerate(array):
            self.keys(table, name, k)
            yield k, table

    def whole(
        self, table: dict[str, Any], name: str, number: int, key: str, low: int, high: int
    ) -> int:
        value = table.get(key)
        if value is None:
            raise self.refuse(name, number, key, "is missing")
        if type(value) is not int or not low <= value <= high:
            reason = f"is {value!r} and has to be a whole number from {low} to {high}"
            raise self.refuse(name, number, key, reason)
        return value

    def number(
        self,
        table: dict[str, Any],
        name: str,
        number: int,
        key: str,
        parameter: Parameter,
        default: float | None = None,
    ) -> float:
        value = table.get(key, parameter.default if default is None else default)
        real = type(value) in (int, float)
        if not real or not parameter.low <= value <= parameter.high:
            span = f"{parameter.low:g} to {parameter.high:g}"
            unit = f" {parameter.unit}" if parameter.unit else ""
            reason = f"is {_short(value)} and has to be a number from {span}{unit}"
            raise self.refuse(name, number, key, reason)
        return float(value)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
