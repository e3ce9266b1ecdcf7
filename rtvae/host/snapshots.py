"""Snapshots: sixteen settings of the latents, and going between them or to a place on the map.

    snapshot.store / recall / clear   number
    morph         from, to, share, way           between two of them
    pad           x, y                           between four; pad.corners says which: numbers
    map           x, y                           to what the model learned from

The parameters morph, pad_x, pad_y, map_x, map_y and steer do the same from MIDI and OSC. All of it
becomes offsets and scales, written as "morph", that glide there within `glide_ms`. A knob turned
meanwhile or afterwards keeps what it was turned to until the next of these movements.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rtvae.control.actions import SNAPSHOTS
from rtvae.control.glide import Glide
from rtvae.control.morph import WAYS, Bend, bend_of, leg, morph, pad, place_weights, steer_to
from rtvae.control.presets import CORNERS, Preset, SnapshotSetting
from rtvae.host.console import Source
from rtvae.host.map_shelf import MapShelf
from rtvae.host.notes import Note
from rtvae.host.part import Backstage, Deed
from rtvae.model.space import Chart, Space

# The parameters that move the latents through here, and how.
MOVERS = {
    "morph": "morph",
    "pad_x": "pad",
    "pad_y": "pad",
    "map_x": "map",
    "map_y": "map",
    "steer": "steer",
}
OWN: Source = "morph"
"""Who writes what comes out of here."""

STAYS = "pitch heard"
"""A latent by this name says what pitch the input has: steering leaves that true."""

NO_MAP = "This model has no map to steer by; rtvae survey MODEL FOLDER makes one of its recordings."
_BENT = (".offset", ".scale")


class Snapshots:
    """A part and a keeper: holds the snapshots and glides between them.

    `clock` gives seconds, on the scale of `step`.
    """

    def __init__(
        self,
        backstage: Backstage,
        shelf: MapShelf | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._stage = backstage
        self._console = backstage.console
        self._shelf = shelf or MapShelf(lambda: backstage.console.wake())
        self._stored: dict[int, SnapshotSetting] = {}
        self._corners: tuple[int, ...] = CORNERS
        self._morph: dict[str, Any] = {"from": 1, "to": 2, "share": 0.0, "way": WAYS[0]}
        self._places: dict[str, tuple[float, float] | None] = {"pad": None, "map": None}
        self._last_move = ""
        self._glide = Glide()
        self._said = ""
        # Filled by whatever thread turns a knob, emptied by ours.
        self._moves: deque[str] = deque(maxlen=64)
        self._hands: dict[str, float] = {}
        self._shown: tuple[Chart | None, dict[str, Any] | None] = (None, None)
        backstage.keepers.append(self)
        self._console.listen(self._hear)

    def deeds(self) -> Mapping[str, Deed]:
        """Return what it does, by name."""
        return {
            "snapshot.store": lambda asked: self._store(_number(asked["number"])),
            "snapshot.recall": lambda asked: self._recall(_number(asked["number"])),
            "snapshot.clear": lambda asked: self._clear(_number(asked["number"])),
            "morph": self._morph_between,
            "pad": lambda asked: self._place("pad", asked),
            "pad.corners": lambda asked: self._set_corners(asked["numbers"]),
            "map": lambda asked: self._place("map", asked),
        }

    def info(self) -> Mapping[str, Any]:
        """Return what is stored and where it is, and the map of the model that plays."""
        return {
            "snapshots": {
                "stored": sorted(self._stored),
                "corners": list(self._corners),
                "morph": dict(self._morph),
                "pad": self._places["pad"],
                "map": self._places["map"],
            },
            "map": self._map(),
        }

    def step(self, now_s: float) -> None:
        """Carry out what the knobs moved, then glide on."""
        moves = dict.fromkeys(self._take_moves())
        for move in moves:
            self._follow(move)
        self._glide_on(now_s)

    def close(self) -> None:
        """Nothing is held."""

    def keep(self, preset: Preset) -> Preset:
        """Return the preset with the snapshots and the pad's corners as they are."""
        stored = tuple(self._stored[number] for number in sorted(self._stored))
        return replace(preset, snapshots=stored, corners=self._corners)

    def recall(self, preset: Preset) -> None:
        """Take up a preset's snapshots and corners; what glided stays where the preset has it."""
        self._stored = {snapshot.number: snapshot for snapshot in preset.snapshots}
        self._corners = preset.corners
        self._stop()

    def _hear(self, values: Mapping[str, float], by: Source) -> None:
        """Called on the thread that set the values: quick, and no console from here."""
        if by == OWN:
            return
        moved = False
        for name, value in values.items():
            if name in MOVERS and by != "preset":
                self._moves.append(MOVERS[name])
                moved = True
            elif name.endswith(_BENT):
                self._hands[name] = value
        if moved:
            self._console.wake()

    def _take_moves(self) -> list[str]:
        moves = []
        while self._moves:
            moves.append(self._moves.popleft())
        return moves

    def _follow(self, move: str) -> None:
        """Go where the knobs of a mover are now."""
        values = self._console.values()
        if move == "morph":
            self._go_along(values["morph"])
        elif move == "pad":
            self._go_on_pad(values["pad_x"], values["pad_y"])
        elif move == "map" or self._last_move == "map":
            self._go_on_map(values["map_x"], values["map_y"], values["steer"])

    def _store(self, number: int) -> None:
        values, latents = self._console.values(), self._latents
        self._stored[number] = SnapshotSetting(
            number,
            *(tuple(values[f"latent.{k}{kind}"] for k in range(1, latents + 1)) for kind in _BENT),
        )

    def _recall(self, number: int) -> None:
        bends = self._bends([number])
        if bends:
            self._last_move = "recall"
            self._go(bends[0])

    def _clear(self, number: int) -> None:
        self._stored.pop(number, None)

    def _set_corners(self, numbers: Sequence[Any]) -> None:
        corners = tuple(_number(number) for number in numbers)
        if len(corners) != len(CORNERS):
            raise ValueError("a pad has four corners")
        self._corners = corners
        if self._last_move == "pad" and self._places["pad"] is not None:
            self._go_on_pad(*self._places["pad"])

    def _morph_between(self, asked: Mapping[str, Any]) -> None:
        first, second = _number(asked["from"]), _number(asked["to"])
        way = asked.get("way", self._morph["way"])
        if way not in WAYS:
            raise ValueError("no such way")
        share = min(max(float(asked["share"]), 0.0), 1.0)
        bends = self._bends([first, second])
        if bends:
            self._morph = {"from": first, "to": second, "share": share, "way": way}
            self._last_move = "between"
            self._go(morph(bends[0], bends[1], share, way))

    def _place(self, which: str, asked: Mapping[str, Any]) -> None:
        x, y = float(asked["x"]), float(asked["y"])
        if not (x == x and y == y):
            raise ValueError("no place")
        self._console.set({f"{which}_x": x, f"{which}_y": y}, OWN)
        self._follow(which)

    def _go_along(self, share: float) -> None:
        numbers = sorted(self._stored)
        if not numbers:
            self._say_once("There is no snapshot to morph between yet; store two of them first.")
            return
        first, second, rest = leg(len(numbers), share)
        ends = numbers[first], numbers[second]
        self._morph = {**self._morph, "from": ends[0], "to": ends[1], "share": rest}
        self._last_move = "morph"
        bends = self._bends(ends)
        self._go(morph(bends[0], bends[1], rest, self._morph["way"]))

    def _go_on_pad(self, x: float, y: float) -> None:
        bends = self._bends(self._corners)
        if bends:
            self._places["pad"] = (x, y)
            self._last_move = "pad"
            self._go(pad(bends, x, y, self._morph["way"]))

    def _go_on_map(self, x: float, y: float, steer: float) -> None:
        space = self._space()
        if space is None and self._shelf.reading:
            self._moves.append("map")  # in a moment it is known
            return
        if space is None or space.latents != self._latents:
            self._say_once(NO_MAP)
            return
        near, weights = place_weights(space.chart.places, x, y)
        aside = self._aside()
        bend = steer_to(
            space.mean,
            space.deviation,
            weights @ space.chart.latents[near],
            weights @ space.chart.deviations[near],
            steer,
        )
        self._places["map"] = (x, y)
        self._last_move = "map"
        self._go(bend, aside)

    def _go(self, bend: Bend, aside: Sequence[int] = ()) -> None:
        """Glide to a setting from wherever the knobs are; latents `aside` stay as they are."""
        values = self._console.values()
        self._hands.clear()
        ends = {}
        for kind, numbers in zip(_BENT, bend, strict=True):
            for k, number in enumerate(numbers.tolist()):
                if k not in aside:
                    ends[f"latent.{k + 1}{kind}"] = number
        begins = {name: values[name] for name in ends}
        self._said = ""
        self._glide = Glide(begins, ends, self._clock(), values["glide_ms"] / 1e3)

    def _glide_on(self, now_s: float) -> None:
        """Set what the glide has come to, but nothing that was turned by hand since it began."""
        if self._glide.over:
            return
        values = self._glide.at(now_s)
        values = {name: value for name, value in values.items() if name not in self._hands}
        if values:
            self._console.set(values, OWN)
        # Turned while we wrote: the hand was later.
        late = {name: self._hands[name] for name in values if name in self._hands}
        if late:
            self._console.set(late, OWN)

    def _stop(self) -> None:
        self._glide = Glide()
        self._moves.clear()
        self._hands.clear()
        self._last_move = ""
        self._places = {"pad": None, "map": None}

    def _bends(self, numbers: Sequence[int]) -> list[Bend]:
        """Return the settings of snapshots for this model; none, and a word of it, if one lacks."""
        missing = [str(number) for number in dict.fromkeys(numbers) if number not in self._stored]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            self._say_once(f"Snapshot {', '.join(missing)} {verb} empty; store it first.")
            return []
        stored = (self._stored[number] for number in numbers)
        return [bend_of(one.offset, one.scale, self._latents) for one in stored]

    def _say_once(self, sentence: str) -> None:
        """A knob that is turned says a hundred times what a player wants to hear once."""
        if sentence != self._said:
            self._said = sentence
            self._stage.note(Note(sentence, "warning"))

    @property
    def _latents(self) -> int:
        return len(self._stage.facts().get("latents", ()))

    def _aside(self) -> list[int]:
        """Latents that the map leaves to the input: how loud it is, and what is true of it."""
        latents = self._stage.facts().get("latents", ())
        return [
            k
            for k, latent in enumerate(latents)
            if latent.get("attribute") == "loudness" or latent.get("name") == STAYS
        ]

    def _space(self) -> Space | None:
        engine = self._stage.engine()
        path = "" if engine is None or engine.start.get("dry") else engine.start.get("model")
        return self._shelf.space_of(str(path or ""))

    def _map(self) -> dict[str, Any] | None:
        space = self._space()
        chart = None if space is None or space.latents != self._latents else space.chart
        if chart is not self._shown[0]:
            self._shown = (chart, None if chart is None else _shown(chart))
        return self._shown[1]


def _shown(chart: Chart) -> dict[str, Any]:
    return {
        "points": [[round(x, 3), round(y, 3)] for x, y in chart.places.tolist()],
        "labels": list(chart.labels),
    }


def _number(said: Any) -> int:
    """Return a snapshot's number. Raises ValueError, TypeError."""
    number = int(said)
    if not 1 <= number <= SNAPSHOTS:
        raise ValueError("no such snapshot")
    return number
