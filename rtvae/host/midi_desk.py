"""The MIDI desk: packets of all ports become values, requests, a tempo, and lights that go back.

    port --> bytes --> events --> moves --> learner, or mapper --> console
                          '-----> clock -----------------------> console
             console's values --> feedback --> port

One thread calls `step` each millisecond. What is asked for meanwhile (other routes, a target to
learn) is taken up at the next step. Routes are the player's own, and beside them the maps of those
controllers that these say nothing about; once the player changes a mapping, the maps in use become
routes of his own.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from rtvae.control.clock import ClockFollower
from rtvae.control.controller_maps import ControllerMap, find_map
from rtvae.control.feedback import Feedback
from rtvae.control.learning import Learner, learned
from rtvae.control.mapping import Mapper
from rtvae.control.midi import decode
from rtvae.control.midi_assembler import Assembler
from rtvae.control.midi_moves import Move
from rtvae.control.routes import Route
from rtvae.host.midi_keeper import OpenPort

FEEDBACK_S = 0.02
TEMPO_STEP = 1e-3
"""A clock's tempo is set when it differs by this share."""


class Console(Protocol):
    """What the desk asks of `rtvae.host.console.Console`."""

    @property
    def attributes(self) -> Sequence[str]:
        """What the latents of the model that plays are."""

    def set(self, values: Mapping[str, Any], by: Any) -> list[str]:
        """Set values."""

    def values(self) -> dict[str, float]:
        """Return every parameter's value."""

    def listen(self, listener: Callable[[Mapping[str, float], Any], object]) -> None:
        """Let a listener hear of every change."""

    def ask(self, do: str, **arguments: Any) -> object:
        """Have something done."""


class _Voice:
    """What one open port has said up to now."""

    def __init__(self, port: OpenPort) -> None:
        self.port = port
        self.assembler = Assembler()
        self.clock = ClockFollower()
        self.feedback = Feedback(())


class MidiDesk:
    """Plays what the ports that `ports` returns send; `hear` is given every packet as it came.

    `learnt` is called with each route that was learned.
    """

    def __init__(
        self,
        console: Console,
        ports: Callable[[], Sequence[OpenPort]],
        routes: Sequence[Route],
        maps: Sequence[ControllerMap] = (),
        hear: Callable[[list[int]], None] = lambda packet: None,
        learnt: Callable[[Route], None] = lambda route: None,
    ) -> None:
        self.messages = 0
        self.changes = 0
        self.target: str | None = None
        self._console, self._ports, self._maps = console, ports, maps
        self._hear, self._learnt = hear, learnt
        self._own = tuple(routes)
        self._adopted: frozenset[str] = frozenset()
        self._in_use = self._own
        self._lock = threading.Lock()
        self._stale = True
        self._attributes: tuple[str, ...] = ()
        self._voices: dict[str, _Voice] = {}
        self._mapper = Mapper(())
        self._learner: Learner | None = None
        self._master: _Voice | None = None
        self._shown_s = float("-inf")
        self._present = console.values()
        console.listen(self._notice)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The player's own routes, as a preset keeps them."""
        return self._own

    @property
    def in_use(self) -> tuple[Route, ...]:
        """All routes that are listened to, those of controller maps among them."""
        with self._lock:
            self._refresh()
            return self._in_use

    @property
    def bpm(self) -> float | None:
        """The tempo of the clock that is followed."""
        return self._master.clock.bpm if self._master is not None else None

    @property
    def maps_in_use(self) -> list[str]:
        """The names of the controllers whose maps apply."""
        found = (self._map_of(name) for name in list(self._voices))
        return list(dict.fromkeys(each.name for each in found if each is not None))

    def shows_on(self) -> set[str]:
        """Return the names of the ports whose controllers are to show something."""
        return {voice.port.name for voice in list(self._voices.values()) if voice.feedback}

    def set_routes(self, routes: Sequence[Route]) -> None:
        """Play by other routes; maps of controllers apply again where these say nothing."""
        with self._lock:
            if tuple(routes) != self._own:
                self._own, self._adopted, self._stale = tuple(routes), frozenset(), True

    def edit(self, change: Callable[[tuple[Route, ...]], Sequence[Route]]) -> None:
        """Change the routes in use, which are the player's own from then on."""
        with self._lock:
            self._refresh()
            self._own = tuple(change(self._in_use))
            used = {found.name for found in map(self._map_of, self._voices) if found is not None}
            self._adopted |= used
            self._stale = True

    def learn(self, target: str | None) -> None:
        """Make a route to a target of what is moved next; None gives it up."""
        self.target = target
        self._learner = Learner(target) if target is not None else None

    def ports_changed(self) -> None:
        """Take notice that other ports are open."""
        self._stale = True

    def step(self, now_s: float) -> None:
        """Do what the desk does each millisecond."""
        if self._stale or self._console.attributes != self._attributes:
            with self._lock:
                self._refresh()
        for voice in self._voices.values():
            self._listen(voice, now_s)
        self._set(self._mapper.glide(self._present, now_s))
        self._learn_by_time(now_s)
        if self._master is not None:
            self._master.clock.step(now_s)
        if now_s - self._shown_s >= FEEDBACK_S:
            self._shown_s = now_s
            self._light(now_s)

    def _notice(self, values: Mapping[str, float], by: Any) -> None:
        self._present.update(values)

    def _refresh(self) -> None:
        """Bring voices, routes and mapper up to date."""
        attributes = tuple(self._console.attributes)
        if not self._stale and attributes == self._attributes:
            return
        self._stale, self._attributes = False, attributes
        open_ports = {port.name: port for port in self._ports()}
        voices = {name: voice for name, voice in self._voices.items() if name in open_ports}
        for name, port in open_ports.items():
            if name not in voices or voices[name].port.input is not port.input:
                voices[name] = _Voice(port)
            voices[name].port = port
        mapped = (
            found.routes_for(name) for name in voices if (found := self._map_of(name)) is not None
        )
        theirs = dict.fromkeys(route for routes in mapped for route in routes)
        self._in_use = (*self._own, *theirs)
        for name, voice in voices.items():
            heard = [route for route in self._in_use if route.hears(name)]
            voice.feedback = Feedback(heard, attributes)
        self._mapper = Mapper(self._in_use, attributes, self._mapper)
        if voices.keys() != self._voices.keys():
            self._mapper.let_go()
        self._voices = voices
        if self._master not in voices.values():
            self._master = None

    def _map_of(self, port: str) -> ControllerMap | None:
        """The controller map that applies to a port: none where the player's own routes hear it."""
        if any(route.hears(port) for route in self._own):
            return None
        found = find_map(port, self._maps)
        return None if found is None or found.name in self._adopted else found

    def _listen(self, voice: _Voice, now_s: float) -> None:
        packets = voice.port.input.receive()
        if packets:
            self.messages += len(packets)
            for packet in packets:
                self._hear(packet)
        elif not voice.assembler.waits:
            return
        events = [event for packet in packets for event in decode(packet)]
        for event in events:
            if not event.channel:
                self._tick(voice, event, now_s)
        moves = voice.assembler.feed(events, now_s)
        if moves:
            self._play(voice, moves, now_s)

    def _play(self, voice: _Voice, moves: Sequence[Move], now_s: float) -> None:
        """Teach the learner, or else map."""
        name = voice.port.name
        learner = self._learner
        if learner is not None:
            route = learner.feed(name, moves, now_s, voice.assembler.zones.announced)
            self._found(learner, route)
            return
        outcome = self._mapper.feed(moves, self._present, now_s, name)
        for route in outcome.routes:
            voice.feedback.touched(route, now_s)
        self._set(outcome.values)
        for action in outcome.actions:
            self.changes += 1
            self._console.ask(action)
        for move in moves:
            if move.kind == "program" and not any(
                route.kind == "program" and route.hears(name) for route in self._in_use
            ):
                self._console.ask("preset.load", number=move.number + 1)

    def _set(self, values: Mapping[str, float]) -> None:
        if values:
            self.changes += len(values)
            self._console.set(values, "midi")

    def _learn_by_time(self, now_s: float) -> None:
        learner = self._learner
        if learner is not None:
            self._found(learner, learner.step(now_s))

    def _found(self, learner: Learner, route: Route | None) -> None:
        if route is None or self._learner is not learner:
            return
        self.learn(None)
        found = find_map(route.port, self._maps)
        if found is not None:
            route = found.bind(route)
        self.edit(lambda routes: learned(routes, route))
        self._learnt(route)

    def _tick(self, voice: _Voice, event: Any, now_s: float) -> None:
        """Follow the first clock that ticks, until it falls silent."""
        beat = voice.clock.feed(event, now_s)
        if self._master is None or self._master.clock.bpm is None:
            self._master = voice
        if self._master is not voice:
            return
        bpm = voice.clock.bpm
        values = {}
        if bpm is not None and abs(bpm - self._present["tempo_bpm"]) > TEMPO_STEP * bpm:
            values["tempo_bpm"] = bpm
        if beat is not None:
            values["beat"] = float(beat.number)
        if values:
            self._console.set(values, "midi")

    def _light(self, now_s: float) -> None:
        for voice in self._voices.values():
            lights = voice.port.lights
            if lights is not None and voice.feedback:
                for packet in voice.feedback.packets(self._present, now_s):
                    lights.send(packet)
