"""Controller maps: what the knobs of a known controller do until a preset says otherwise. Pure.

    format = 1
    name = "Korg nanoKONTROL2"
    ports = ["nanoKONTROL2"]            # parts of the names that its ports may have

    [[row]]                             # several alike: {n} counts them from 1
    numbers = [16, 17, 18, 19]          # or channels = [...] beside one number
    target = "latent.{n}.offset"        # and whatever else a route may say
    low = -3.0
    high = 3.0

    [[midi]]                            # one control, as in a preset
    number = 45
    target = "record"

A controller is known by the longest of these parts that its port's name contains; the part "" is in
every name, so that one map is for all others.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rtvae.control.routes import KEYS, Route, RouteFault, parse_route
from rtvae.control.toml_judge import Content, Judge, read_toml

MAP_FORMAT = 1
MOST_IN_ROW = 128
TABLES = {
    "": ("format", "name", "ports", "row", "midi"),
    "row": (*KEYS, "numbers", "channels"),
    "midi": KEYS,
}


@dataclass(frozen=True)
class ControllerMap:
    """One controller: its name, parts of its ports' names, and what its controls do."""

    name: str
    ports: tuple[str, ...]
    routes: tuple[Route, ...]

    def likeness(self, port: str) -> int:
        """How many letters of a port's name it knows, -1 where it is another controller's."""
        known = [len(part) for part in self.ports if part.casefold() in port.casefold()]
        return max(known, default=-1)

    def routes_for(self, port: str) -> tuple[Route, ...]:
        """Return its routes, bound to a port: by the part of the name that it knows."""
        part = self._part(port)
        return tuple(dataclasses.replace(route, port=part) for route in self.routes)

    def bind(self, route: Route) -> Route:
        """Return a route for a control of this controller as the map itself would say it."""
        bound = dataclasses.replace(route, port=self._part(route.port))
        shown = any(
            r.feedback
            and (r.kind, r.number) == (route.kind, route.number)
            and r.channel in (None, route.channel)
            for r in self.routes
        )
        return dataclasses.replace(bound, feedback=shown)

    def _part(self, port: str) -> str:
        """The longest part of a port's name that it knows, else the whole name."""
        parts = [part for part in self.ports if part and part.casefold() in port.casefold()]
        return max(parts, key=len, default=port)


def find_map(port: str, maps: Iterable[ControllerMap]) -> ControllerMap | None:
    """Return the map that knows most of a port's name; None if none does."""
    best = max(maps, key=lambda each: each.likeness(port), default=None)
    return best if best is not None and best.likeness(port) >= 0 else None


def parse_controller_map(text: str, name: str) -> ControllerMap:
    """Return the map that a TOML text describes, `name` being its file's.

    Raises PresetError with the line and the key that is wrong.
    """
    called = f"Controller map {name}"
    content = read_toml(text, called)
    judge = Judge(text, called, TABLES)
    judge.keys(content, "", 0)
    judge.format(content, MAP_FORMAT)
    ports = content.get("ports")
    if not isinstance(ports, list) or not ports or not all(isinstance(p, str) for p in ports):
        raise judge.refuse("", 0, "ports", "has to be a list of parts of ports' names")
    return ControllerMap(
        name=judge.text(content, "name", str.strip, "the controller's name in quotes") or name,
        ports=tuple(ports),
        routes=(*_rows(judge, content), *_singles(judge, content)),
    )


def _singles(judge: Judge, content: Content) -> Iterator[Route]:
    for k, table in judge.tables(content, "midi"):
        yield _route(judge, "midi", k, table)


def _rows(judge: Judge, content: Content) -> Iterator[Route]:
    for k, table in judge.tables(content, "row"):
        counted = [key for key in ("numbers", "channels") if key in table]
        if len(counted) != 1:
            raise judge.refuse("row", k, "numbers", "or channels has to be there, and only one")
        key = counted[0]
        values = table[key]
        if not isinstance(values, list) or len(values) > MOST_IN_ROW:
            raise judge.refuse("row", k, key, f"has to be a list of at most {MOST_IN_ROW} numbers")
        target = table.get("target")
        if not isinstance(target, str):
            raise judge.refuse("row", k, "target", "is missing; write for example latent.{n}.scale")
        rest = {name: value for name, value in table.items() if name != key}
        for n, value in enumerate(values, 1):
            one = {key.removesuffix("s"): value, "target": target.replace("{n}", str(n))}
            yield _route(judge, "row", k, {**rest, **one})


def _route(judge: Judge, name: str, k: int, table: Content) -> Route:
    try:
        return parse_route(table)
    except RouteFault as fault:
        raise judge.refuse(name, k, fault.key, fault.reason) from None
