"""Presets: a TOML text becomes a frozen `Preset`, or one sentence says which line is wrong.

    format = 2
    model = "transform"             # optional, as is everything else
    model_hash = "9f86d0..."        # which one that is, whatever it is called elsewhere
    beside = "voice"                # the model that `blend` fades to
    beside_hash = "60303a..."
    corners = [1, 2, 3, 4]          # the snapshots at the XY pad's corners

    [mix]                           # what belongs to no latent and no modulator
    mix = 0.8
    prior = "learned"

    [[latent]]                      # by number, or by attribute = "pitch" (loudness, brightness)
    number = 1
    offset = 0.5
    scale = 1.2
    invert = true                   # and freeze, clamp

    [[mod]]                         # a modulator; what it moves is said by [[route]]
    number = 1
    kind = "steps"
    step = [0.0, 1.0, -0.5]

    [[route]]                       # amount in sd, to latent = 3 or to an attribute
    mod = 1
    attribute = "pitch"
    amount = 0.5

    [[snapshot]]                    # offsets and scales from latent 1 on
    number = 1
    offset = [0.5, 0.0, -1.0]
    scale = [1.0, 0.5]

    [[midi]]                        # see rtvae.control.routes
    number = 21
    target = "latent.1.offset"

The whole text is judged before anything is used: unknown keys, numbers out of range and newer
formats are refused, nothing is clamped. What a preset does not name is at rest, except that one
without [[midi]] leaves the mapping as it is. Older formats are read (see preset_tables.MIGRATIONS).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rtvae.control.actions import SNAPSHOTS
from rtvae.control.parameters import (
    MODULATORS,
    OFFSET,
    PARAMETER_COUNT,
    SCALE,
    STEPS,
    Parameter,
    index_of,
    name_of,
    parameter_at,
    resolve,
)
from rtvae.control.preset_tables import (
    KEPT,
    LATENT_KEYS,
    MIX_KEYS,
    MODULATOR_KEYS,
    PRESET_FORMAT,
    ROUTE_AMOUNT,
    STEP_VALUE,
    TABLES,
    Content,
    migrate,
)
from rtvae.control.routes import Route, RouteFault, format_route, parse_route
from rtvae.control.toml_judge import Judge, read_toml
from rtvae.spec import ATTRIBUTES, MAX_LATENTS

MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
HASH = re.compile(r"[0-9a-f]{64}")
CORNERS = (1, 2, 3, 4)
PER_LINE = 8


@dataclass(frozen=True)
class ModelName:
    """A model by its name and, where that is known, by its fingerprint (rtvae.model)."""

    name: str
    hash: str = ""


@dataclass(frozen=True)
class SnapshotSetting:
    """A snapshot: offsets and scales from latent 1 on; what follows is at rest."""

    number: int
    offset: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()


@dataclass(frozen=True)
class Preset:
    """A valid preset. `settings` are the values that it names, in the order of `sort_settings`.

    Names of settings may have an attribute in place of a latent's number.
    """

    name: str
    model: ModelName | None = None
    beside: ModelName | None = None
    settings: tuple[tuple[str, float], ...] = ()
    midi: tuple[Route, ...] = ()
    snapshots: tuple[SnapshotSetting, ...] = ()
    corners: tuple[int, ...] = CORNERS

    def values(self, attributes: Sequence[str]) -> tuple[dict[str, float], list[str]]:
        """Return the value of every parameter that is a preset's, and what could not be set.

        `attributes` are those of the model's latents; a setting for one that it does not have
        sets nothing.
        """
        values = {
            name_of(k): parameter_at(k).default
            for k in range(PARAMETER_COUNT)
            if name_of(k) not in KEPT
        }
        missing = []
        for name, value in self.settings:
            place = resolve(name, attributes)
            if place is None:
                missing.append(name)
            else:
                values[place] = value
        return values, missing

    @property
    def highest_latent(self) -> int:
        """The highest latent number that the preset speaks of, 0 for none."""
        named = [*(name for name, _ in self.settings), *(route.target for route in self.midi)]
        found = [re.fullmatch(r"(?:latent|mod\.\d+\.to)\.(\d+)(?:\..*)?", name) for name in named]
        return max((int(match[1]) for match in found if match), default=0)


def sort_settings(values: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Return settings in the order of the parameters; attributes follow their own number."""
    return tuple(sorted(values.items(), key=lambda item: (_place(item[0]), item[0])))


def settings_of(values: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Return as settings what of all parameters' values is a preset's and not at rest."""
    return sort_settings(
        {
            name: value
            for name, value in values.items()
            if name not in KEPT and value != parameter_at(index_of(name)).default
        }
    )


def parse_preset(text: str, name: str) -> Preset:
    """Return the preset that a TOML text describes, `name` being what to call it.

    Raises PresetError with the line and the key that is wrong.
    """
    content = read_toml(text, f"Preset {name}")
    judge = Judge(text, f"Preset {name}", TABLES)
    judge.keys(content, "", 0)
    judge.format(content, PRESET_FORMAT)
    content = migrate(content)
    settings: dict[str, float] = {}
    _read_mix(judge, content, settings)
    _read_latents(judge, content, settings)
    _read_modulators(judge, content, settings)
    _read_routes(judge, content, settings)
    return Preset(
        name=name,
        model=_read_model(judge, content, "model"),
        beside=_read_model(judge, content, "beside"),
        settings=sort_settings(settings),
        midi=_read_midi(judge, content),
        snapshots=_read_snapshots(judge, content),
        corners=_read_corners(judge, content),
    )


def format_preset(preset: Preset) -> str:
    """Return the TOML text that `parse_preset` turns back into `preset`."""
    lines = [f"format = {PRESET_FORMAT}"]
    for key, model in (("model", preset.model), ("beside", preset.beside)):
        if model is not None:
            lines.append(f'{key} = "{model.name}"')
            lines += [f'{key}_hash = "{model.hash}"'] if model.hash else []
    if preset.corners != CORNERS:
        lines.append(f"corners = {list(preset.corners)}")
    for header, pairs in _grouped(preset.settings):
        lines += ["", header, *(f"{key} = {value}" for key, value in pairs)]
    for snapshot in preset.snapshots:
        lines += ["", "[[snapshot]]", f"number = {snapshot.number}"]
        lines += [*_array("offset", snapshot.offset), *_array("scale", snapshot.scale)]
    for route in preset.midi:
        lines += ["", "[[midi]]"]
        lines += [f"{key} = {_toml(value)}" for key, value in format_route(route).items()]
    return "\n".join(lines) + "\n"


def _read_mix(judge: Judge, content: Content, settings: dict[str, float]) -> None:
    table = judge.table(content, "mix")
    for key in table:
        settings[key] = judge.value(table, "mix", 0, key, MIX_KEYS[key])


def _read_latents(judge: Judge, content: Content, settings: dict[str, float]) -> None:
    seen = set()
    for k, table in judge.tables(content, "latent"):
        key, latent = _read_latent(judge, table, "latent", k, "number")
        if latent in seen:
            raise judge.refuse("latent", k, key, f"{latent} is set twice")
        seen.add(latent)
        for name in table.keys() & LATENT_KEYS.keys():
            value = judge.value(table, "latent", k, name, LATENT_KEYS[name])
            settings[f"latent.{latent}.{name}"] = value


def _read_modulators(judge: Judge, content: Content, settings: dict[str, float]) -> None:
    seen = set()
    for k, table in judge.tables(content, "mod"):
        number = judge.whole(table, "mod", k, "number", 1, MODULATORS)
        if number in seen:
            raise judge.refuse("mod", k, "number", f"{number} is set twice")
        seen.add(number)
        for name in table.keys() & MODULATOR_KEYS.keys():
            value = judge.value(table, "mod", k, name, MODULATOR_KEYS[name])
            settings[f"mod.{number}.{name}"] = value
        steps = judge.numbers(table, "mod", k, "step", STEP_VALUE, STEPS)
        set_ones = ((s, value) for s, value in enumerate(steps, 1) if value != STEP_VALUE.default)
        settings.update((f"mod.{number}.step.{s}", value) for s, value in set_ones)


def _read_routes(judge: Judge, content: Content, settings: dict[str, float]) -> None:
    for k, table in judge.tables(content, "route"):
        number = judge.whole(table, "route", k, "mod", 1, MODULATORS)
        key, latent = _read_latent(judge, table, "route", k, "latent")
        name = f"mod.{number}.to.{latent}"
        if name in settings:
            raise judge.refuse("route", k, key, f"{latent} is set twice for modulator {number}")
        if "amount" not in table:
            raise judge.refuse("route", k, "amount", "is missing")
        settings[name] = judge.value(table, "route", k, "amount", ROUTE_AMOUNT)


def _read_latent(
    judge: Judge, table: Content, name: str, k: int, key: str
) -> tuple[str, int | str]:
    """Return which latent a table is about, and under which key it says so."""
    if "attribute" not in table:
        return key, judge.whole(table, name, k, key, 1, MAX_LATENTS)
    attribute = table["attribute"]
    if key in table:
        raise judge.refuse(name, k, "attribute", f"stands beside {key}; keep one of them")
    if attribute not in ATTRIBUTES:
        raise judge.refuse(name, k, "attribute", f"has to be one of {', '.join(ATTRIBUTES)}")
    return "attribute", str(attribute)


def _read_model(judge: Judge, content: Content, key: str) -> ModelName | None:
    words = "a model's name in quotes: letters, digits, dot, dash, underscore"
    name = judge.text(content, key, MODEL_NAME.fullmatch, words)
    hashed = judge.text(content, f"{key}_hash", HASH.fullmatch, "64 digits 0 to f in quotes")
    if hashed and not name:
        raise judge.refuse("", 0, f"{key}_hash", f"stands without {key}; name the model too")
    return ModelName(name, hashed) if name else None


def _read_snapshots(judge: Judge, content: Content) -> tuple[SnapshotSetting, ...]:
    found: dict[int, SnapshotSetting] = {}
    for k, table in judge.tables(content, "snapshot"):
        number = judge.whole(table, "snapshot", k, "number", 1, SNAPSHOTS)
        if number in found:
            raise judge.refuse("snapshot", k, "number", f"{number} is set twice")
        offset = judge.numbers(table, "snapshot", k, "offset", OFFSET, MAX_LATENTS)
        scale = judge.numbers(table, "snapshot", k, "scale", SCALE, MAX_LATENTS)
        found[number] = SnapshotSetting(number, offset, scale)
    return tuple(found[number] for number in sorted(found))


def _read_corners(judge: Judge, content: Content) -> tuple[int, ...]:
    corners = content.get("corners", list(CORNERS))
    whole = isinstance(corners, list) and all(type(corner) is int for corner in corners)
    if not whole or len(corners) != 4 or not all(1 <= corner <= SNAPSHOTS for corner in corners):
        reason = f"has to be four numbers of snapshots, 1 to {SNAPSHOTS}"
        raise judge.refuse("", 0, "corners", reason)
    return tuple(corners)


def _read_midi(judge: Judge, content: Content) -> tuple[Route, ...]:
    routes = []
    for k, table in judge.tables(content, "midi"):
        try:
            routes.append(parse_route(table))
        except RouteFault as fault:
            raise judge.refuse("midi", k, fault.key, fault.reason) from None
    return tuple(routes)


def _place(name: str) -> int:
    return index_of(resolve(name, ATTRIBUTES) or name)


_Pairs = list[tuple[str, str]]


def _grouped(settings: Iterable[tuple[str, float]]) -> Iterable[tuple[str, _Pairs]]:
    """Return the tables that say all settings: a header, and keys with values in TOML."""
    mix: _Pairs = []
    latents: dict[str, _Pairs] = {}
    modulators: dict[str, _Pairs] = {}
    steps: dict[str, dict[int, float]] = {}
    routes: list[_Pairs] = []
    for name, value in settings:
        words = name.split(".")
        shown = _shown(value, parameter_at(_place(name)))
        if len(words) == 1:
            mix.append((name, shown))
        elif words[0] == "latent":
            latents.setdefault(words[1], [_which(words[1], "number")]).append((words[2], shown))
        elif len(words) == 3:
            modulators.setdefault(words[1], [("number", words[1])]).append((words[2], shown))
        elif words[2] == "step":
            modulators.setdefault(words[1], [("number", words[1])])
            steps.setdefault(words[1], {})[int(words[3])] = value
        else:
            routes.append([("mod", words[1]), _which(words[3], "latent"), ("amount", shown)])
    for number, values in steps.items():
        listed = [values.get(s, STEP_VALUE.default) for s in range(1, max(values) + 1)]
        modulators[number].append(("step", repr(listed)))
    return [
        *([("[mix]", mix)] if mix else []),
        *(("[[latent]]", pairs) for pairs in latents.values()),
        *(("[[mod]]", pairs) for pairs in modulators.values()),
        *(("[[route]]", pairs) for pairs in routes),
    ]


def _which(latent: str, key: str) -> tuple[str, str]:
    return (key, latent) if latent.isdecimal() else ("attribute", f'"{latent}"')


def _shown(value: float, parameter: Parameter) -> str:
    words = parameter.choices
    if words and value == int(value):
        word = words[int(value - parameter.low)]
        return str(value > 0.0).lower() if words == ("off", "on") else _toml(word)
    return repr(float(value))


def _array(key: str, values: Sequence[float]) -> list[str]:
    """A list over as many lines as it needs; none at all where it is empty."""
    rows = [values[k : k + PER_LINE] for k in range(0, len(values), PER_LINE)]
    body = [f"    {', '.join(repr(float(value)) for value in row)}," for row in rows]
    return [f"{key} = [", *body, "]"] if rows else []


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
