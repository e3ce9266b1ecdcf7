"""The MIDI hub: all controllers of one session, what they move, and what is shown on them.

    keeper (a thread, once a second)        which ports are open
    desk   (a thread, each millisecond)     what they send
    hub    (the session's own thread)       what the player asks for, and what the window shows

Polled each millisecond, because a callback would run on the audio server's own thread. Values reach
the console straight from the desk's thread.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rtvae.control.actions import is_action
from rtvae.control.controller_maps import ControllerMap
from rtvae.control.parameters import is_parameter
from rtvae.control.presets import Preset
from rtvae.control.routes import Route, RouteFault, parse_route, route_table
from rtvae.errors import MidiError
from rtvae.host.midi_desk import MidiDesk
from rtvae.host.midi_keeper import MidiKeeper, Ports
from rtvae.host.notes import Note
from rtvae.host.part import Backstage, Deed

POLL_S = 0.001
NO_PORT = "none"
OURS = "rtvae"
"""What the names of our own ports begin with."""


class MidiHub:
    """The part of a session that is played by MIDI, and the keeper of its mapping.

    `make_ports` gives the machine's ports, `wanted` which of them are to be open (see MidiKeeper),
    `routes` are the preset's and `maps` those of known controllers. `hear` is given every packet as
    it came, on the desk's thread.
    """

    def __init__(
        self,
        stage: Backstage,
        make_ports: Callable[[], Ports],
        wanted: Sequence[str] | None = None,
        routes: Sequence[Route] = (),
        maps: Sequence[ControllerMap] = (),
        hear: Callable[[list[int]], None] = lambda packet: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._note = stage.note
        self._clock = clock
        self._keeper = MidiKeeper(make_ports, wanted, stage.note, self._ports_changed, clock)
        self._desk = MidiDesk(
            stage.console, lambda: self._keeper.open, routes, maps, hear, self._tell_learned
        )
        stage.keepers.append(self)
        self._faults: set[str] = set()
        self._status_at_end = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="midi", daemon=True)

    @property
    def status(self) -> str:
        """The ports in words."""
        if self._status_at_end:
            return self._status_at_end
        names = [port.name for port in self._keeper.open]
        names += [f"{name} (gone)" for name in self._keeper.missing]
        return ", ".join(names) or NO_PORT

    def keep(self, preset: Preset) -> Preset:
        """Return the preset with the player's own routes, without those of controller maps."""
        return replace(preset, midi=self._desk.routes)

    def recall(self, preset: Preset) -> None:
        """Play by the routes of another preset."""
        self._desk.set_routes(preset.midi)

    def start(self) -> None:
        """Open the ports and begin to listen. Raises MidiError where a wanted one is not there."""
        self._keeper.start()
        self._thread.start()

    def audio_server_restarted(self) -> None:
        """Look thoroughly: ports that lived in the audio server may have died with it."""
        self._keeper.audio_server_restarted()

    def stats(self) -> dict[str, Any]:
        """Return what a session's stats say of it."""
        return {
            "port": self.status,
            "messages": self._desk.messages,
            "changes": self._desk.changes,
            "queue_overflows": self._keeper.queue_overflows,
        }

    def deeds(self) -> Mapping[str, Deed]:
        """Return what the player may ask for."""
        return {
            "learn": self._learn,
            "unlearn": lambda asked: self._unlearn(str(asked["target"])),
            "mapping.set": self._set_mapping,
            "mapping.remove": self._remove,
            "midi.ports": self._choose_ports,
        }

    def info(self) -> dict[str, Any]:
        """Return what the window is shown."""
        bpm = self._desk.bpm
        return {
            "midi": {
                "status": self.status,
                "ports": self._choice,
                "open": [port.name for port in self._keeper.open],
                "automatic": self._keeper.automatic,
                "maps": self._desk.maps_in_use,
                "learning": self._desk.target,
                "mappings": [route_table(route) for route in self._desk.in_use],
                "clock": None if bpm is None else round(bpm, 1),
            }
        }

    @property
    def _choice(self) -> list[str]:
        """The inputs that the player can choose from: of ours only the one that others play to."""
        others = [name for name in self._keeper.there if not name.startswith(OURS)]
        return [*others, self._keeper.own] if self._keeper.own else others

    def step(self, now_s: float) -> None:
        """Have the outputs opened that something is to be shown on."""
        self._keeper.show_on(self._desk.shows_on())

    def close(self) -> None:
        """Stop listening and let go of the ports."""
        self._status_at_end = self.status
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._keeper.stop()

    def _run(self) -> None:
        while not self._stop.wait(POLL_S):
            try:
                self._desk.step(self._clock())
            except Exception as error:  # knobs that die are worse than one message that is lost
                self._stumble(error)

    def _stumble(self, error: Exception) -> None:
        fault = f"{type(error).__name__}: {error}"
        if fault not in self._faults and len(self._faults) < 10:
            self._faults.add(fault)
            sentence = f"A MIDI message was lost to a fault of rtvae's ({fault}); please report it."
            self._note(Note(sentence, "error"))

    def _ports_changed(self) -> None:
        self._desk.ports_changed()

    def _learn(self, asked: Mapping[str, Any]) -> None:
        target = asked["target"]
        if target is not None and not (is_parameter(target) or is_action(target)):
            raise MidiError(f"{target!r} cannot be learned: it is no parameter and no action.")
        self._desk.learn(target)

    def _tell_learned(self, route: Route) -> None:
        number = "" if route.number is None else f" {route.number}"
        channel = "" if route.channel is None else f" on channel {route.channel}"
        sentence = f"{route.target} is moved by {route.kind}{number}{channel} of {route.port} now."
        self._note(Note(sentence))

    def _unlearn(self, target: str) -> None:
        self._desk.edit(lambda routes: [route for route in routes if route.target != target])

    def _remove(self, asked: Mapping[str, Any]) -> None:
        def change(routes: tuple[Route, ...]) -> Sequence[Route]:
            place = place_of(routes, asked["was"], asked["index"])
            return [*routes[:place], *routes[place + 1 :]]

        self._desk.edit(change)

    def _set_mapping(self, asked: Mapping[str, Any]) -> None:
        """Change the mapping that the player saw, or else that of a target, or make a new one."""
        fields = {key: value for key, value in asked.items() if key not in ("index", "was")}

        def change(routes: tuple[Route, ...]) -> Sequence[Route]:
            if "index" in asked:
                place = place_of(routes, asked["was"], asked["index"])
            else:
                alike = (k for k, route in enumerate(routes) if route.target == asked["target"])
                place = next(alike, len(routes))
            before = route_table(routes[place]) if place < len(routes) else {}
            if fields.get("curve", "points") != "points":
                before = {**before, "points": ()}
            try:
                route = parse_route({**before, **fields})
            except RouteFault as fault:
                raise MidiError(
                    f"The mapping stays as it was: {fault.key} {fault.reason}."
                ) from None
            return [*routes[:place], route, *routes[place + 1 :]]

        self._desk.edit(change)

    def _choose_ports(self, asked: Mapping[str, Any]) -> None:
        names = asked.get("names")
        if names is not None and not all(isinstance(name, str) for name in names):
            raise MidiError("MIDI inputs are chosen by a list of their names.")
        self._keeper.want(names)


def place_of(routes: Sequence[Route], was: Mapping[str, Any], index: int) -> int:
    """Return the place of the route that the player saw at `index` as `was`: target and control.

    The list may be another one by now: a controller came or went, one was learned, a preset was
    loaded. Raises MidiError if the route is no longer in it.
    """
    places = [k for k, route in enumerate(routes) if _named(route_table(route)) == _named(was)]
    if not places:
        raise MidiError(
            "That mapping is not there any more: the list has changed meanwhile; choose again "
            "from the list as it is now."
        )
    return index if index in places else places[0]


def _named(table: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells routes apart; the window shows a port's name with single spaces."""
    port = " ".join(table["port"].split())
    return table["target"], table["kind"], table["number"], table["channel"], port
