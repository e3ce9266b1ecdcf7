"""What the host's parts show of themselves: MIDI, shows, snapshots and the map, as frozen data.

Like `rtvae.window.wire`, whose words these are, every reader is total: any JSON gives cleaned and
bounded data, or None where the host does not have the part.
"""

from dataclasses import dataclass, field
from typing import Any

from rtvae.control.actions import SNAPSHOTS
from rtvae.control.routes import LONGEST_PORT
from rtvae.window.text import NAME_LIMIT, SENTENCE_LIMIT, clean
from rtvae.window.total import names, number, rows, table, whole, within

NAMES_LIMIT = 1000
PORT_LETTERS = LONGEST_PORT
MAPPINGS_LIMIT = 512
POINTS_LIMIT = 4000
CORNERS = (1, 2, 3, 4)
WAYS = ("linear", "spherical")


@dataclass(frozen=True)
class Mapping:
    """One line from a controller to a target, a parameter's or an action's name.

    `port` is "" for any; `number` and `channel` are None where the kind has none or any will do.
    """

    target: str
    port: str = ""
    kind: str = "cc"
    number: int | None = None
    channel: int | None = None
    mode: str = ""
    curve: str = ""
    low: float | None = None
    high: float | None = None
    slew_ms: float = 0.0
    pick_up: bool = False
    feedback: bool = False
    encoding: str = ""

    @property
    def named(self) -> dict[str, Any]:
        """What tells it from others, as requests to the host name the one that is meant."""
        return {
            "target": self.target,
            "kind": self.kind,
            "number": self.number,
            "channel": self.channel,
            "port": self.port,
        }

    @property
    def control(self) -> str:
        """What to touch on the controller, in words: "cc 21 · ch 1 · nanoKONTROL2"."""
        said = self.kind if self.number is None else f"{self.kind} {self.number}"
        channel = "" if self.channel is None else f"ch {self.channel}"
        return " · ".join(part for part in (said, channel, self.port) if part)


@dataclass(frozen=True)
class Midi:
    """The MIDI hub: its ports, what is mapped, and what waits for a controller to be touched."""

    status: str = ""
    ports: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    automatic: bool = True
    learning: str = ""
    mappings: tuple[Mapping, ...] = ()
    clock_bpm: float | None = None
    maps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Show:
    """Presets, set lists, and what can be undone; `place` counts in the set list from 0.

    `following` is the preset that the set list brings next, "" where it brings none.
    """

    preset: str = ""
    presets: tuple[str, ...] = ()
    set_list: str = ""
    set_lists: tuple[str, ...] = ()
    place: int | None = None
    undo: str = ""
    redo: str = ""
    dirty: bool = False
    restored: bool = False
    following: str = ""


@dataclass(frozen=True)
class Snapshots:
    """Which of the sixteen are stored, the morph's ends and share, and the pad."""

    stored: tuple[int, ...] = ()
    corners: tuple[int, ...] = CORNERS
    begin: int = 1
    end: int = 2
    share: float = 0.0
    way: str = WAYS[0]
    pad: tuple[float, float] | None = None
    map: tuple[float, float] | None = None


@dataclass(frozen=True)
class Devices:
    """The audio devices there are, by the names that the host takes; the system's own first.

    `input` and `output` are what is played on, "" for the system's own; it may be a file, or a
    device that is not listed.
    """

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    input: str = ""
    output: str = ""


@dataclass(frozen=True)
class Map:
    """The training set's map: points `(x, y)` from 0 to 1, and a label for each, or "" for none."""

    points: tuple[tuple[float, float], ...] = field(repr=False)
    labels: tuple[str, ...] = field(repr=False)


def read_midi(said: Any) -> Midi | None:
    """Return the MIDI part of the host's info."""
    if not isinstance(said, dict):
        return None
    return Midi(
        status=clean(said.get("status"), SENTENCE_LIMIT),
        ports=names(said.get("ports"), NAMES_LIMIT, PORT_LETTERS),
        open=names(said.get("open"), NAMES_LIMIT, PORT_LETTERS),
        automatic=said.get("automatic") is not False,
        learning=clean(said.get("learning"), NAME_LIMIT),
        mappings=tuple(_mapping(row) for row in rows(said.get("mappings"), MAPPINGS_LIMIT)),
        clock_bpm=number(said.get("clock")),
        maps=names(said.get("maps"), NAMES_LIMIT, PORT_LETTERS),
    )


def read_show(said: Any) -> Show | None:
    """Return the show part of the host's info."""
    if not isinstance(said, dict):
        return None
    return Show(
        preset=clean(said.get("preset"), NAME_LIMIT),
        presets=names(said.get("presets"), NAMES_LIMIT, NAME_LIMIT),
        set_list=clean(said.get("set_list"), NAME_LIMIT),
        set_lists=names(said.get("set_lists"), NAMES_LIMIT, NAME_LIMIT),
        place=whole(said.get("place"), 0, NAMES_LIMIT),
        undo=clean(said.get("undo"), SENTENCE_LIMIT),
        redo=clean(said.get("redo"), SENTENCE_LIMIT),
        dirty=said.get("dirty") is True,
        restored=said.get("restored") is True,
        following=clean(said.get("next"), NAME_LIMIT),
    )


def read_snapshots(said: Any) -> Snapshots | None:
    """Return the snapshots' part of the host's info."""
    if not isinstance(said, dict):
        return None
    stored = (whole(entry, 1, SNAPSHOTS) for entry in rows(said.get("stored"), SNAPSHOTS))
    corners = tuple(whole(entry, 1, SNAPSHOTS) for entry in rows(said.get("corners"), len(CORNERS)))
    morph = table(said.get("morph"))
    way = morph.get("way")
    return Snapshots(
        stored=tuple(sorted({entry for entry in stored if entry is not None})),
        corners=tuple(c or usual for c, usual in zip(corners, CORNERS, strict=False))
        + CORNERS[len(corners) :],
        begin=whole(morph.get("from"), 1, SNAPSHOTS) or 1,
        end=whole(morph.get("to"), 1, SNAPSHOTS) or 2,
        share=within(morph.get("share"), 0.0, 1.0, 0.0),
        way=way if way in WAYS else WAYS[0],
        pad=_place(said.get("pad")),
        map=_place(said.get("map")),
    )


def read_devices(said: Any) -> Devices | None:
    """Return the devices' part of the host's info."""
    if not isinstance(said, dict):
        return None
    return Devices(
        names(said.get("inputs"), NAMES_LIMIT, SENTENCE_LIMIT),
        names(said.get("outputs"), NAMES_LIMIT, SENTENCE_LIMIT),
        clean(said.get("input"), SENTENCE_LIMIT),
        clean(said.get("output"), SENTENCE_LIMIT),
    )


def read_map(said: Any) -> Map | None:
    """Return the map of a model; None where it has none, or one without a point."""
    points: list[tuple[float, float]] = []
    labels: list[str] = []
    told = rows(table(said).get("labels"), POINTS_LIMIT)
    for k, row in enumerate(rows(table(said).get("points"), POINTS_LIMIT)):
        place = _place(row)
        if place is not None:
            points.append(place)
            labels.append(clean(told[k], NAME_LIMIT) if k < len(told) else "")
    return Map(tuple(points), tuple(labels)) if points else None


def _place(said: Any) -> tuple[float, float] | None:
    """A place in a unit square, as [x, y] or {"x": x, "y": y}."""
    pair = [said.get("x"), said.get("y")] if isinstance(said, dict) else rows(said, 2)
    values = [number(value) for value in pair]
    if len(values) < 2 or values[0] is None or values[1] is None:
        return None
    return min(max(values[0], 0.0), 1.0), min(max(values[1], 0.0), 1.0)


def _mapping(row: Any) -> Mapping:
    said = table(row)
    return Mapping(
        target=clean(said.get("target"), NAME_LIMIT),
        port=clean(said.get("port"), PORT_LETTERS),
        kind=clean(said.get("kind"), NAME_LIMIT) or "cc",
        number=whole(said.get("number"), 0, 1 << 14),
        channel=whole(said.get("channel"), 1, 16),
        mode=clean(said.get("mode"), NAME_LIMIT),
        curve=clean(said.get("curve"), NAME_LIMIT),
        low=number(said.get("low")),
        high=number(said.get("high")),
        slew_ms=within(said.get("slew_ms"), 0.0, 1e5, 0.0),
        pick_up=said.get("pick_up") is True,
        feedback=said.get("feedback") is True,
        encoding=clean(said.get("encoding"), NAME_LIMIT),
    )
