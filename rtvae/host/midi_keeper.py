"""The keeper of MIDI ports: opens what is wanted, misses what goes, and takes it up again by name.

It has a thread of its own and looks once a second, because no MIDI system tells when a port comes
or goes, and because opening one may take long; nobody's knobs wait for it.
"""

import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from rtvae.errors import MidiError
from rtvae.host.notes import Level, Note
from rtvae.io.midi_port_names import is_controller

LOOK_S = 1.0
VIRTUAL = "virtual"


class Input(Protocol):
    """An open input, as `rtvae.io.midi_port.MidiInput` is one."""

    name: str
    virtual: bool
    queue_overflows: int

    def receive(self) -> list[list[int]]:
        """Return the packets that came since the last call."""


class Lights(Protocol):
    """An open output, as `rtvae.io.midi_port.MidiOutput` is one."""

    def send(self, packet: Sequence[int]) -> None:
        """Send one message."""

    def close(self) -> None:
        """Let go of the port."""


class Ports(Protocol):
    """The machine's ports, as `rtvae.io.midi_port_watch.MidiPorts` shows them."""

    def inputs(self) -> list[str]:
        """Return the names of the inputs there are now."""

    def controllers(self) -> list[str]:
        """Return the names of those inputs that are controllers."""

    def open_input(self, wanted: str) -> Input:
        """Open an input by its name or a part of it. Raises MidiError."""

    def open_virtual(self) -> Input:
        """Open an input of our own. Raises MidiError."""

    def open_lights(self, port: Input) -> Lights | None:
        """Open the output of the device that an input is of."""

    def close_input(self, port: Input) -> None:
        """Let go of an input."""

    def lost_with_server(self) -> Sequence[Input]:
        """Return the inputs that died with an audio server."""

    def close(self) -> None:
        """Let go of everything."""


@dataclass(frozen=True)
class OpenPort:
    """An input that is open, and the output beside it once its controller is to show something."""

    input: Input
    lights: Lights | None = None

    @property
    def name(self) -> str:
        """The input's name."""
        return self.input.name


class MidiKeeper:
    """Keeps the wanted ports open. `open` are those that are, replaced as a whole at each change.

    `wanted` are parts of names, VIRTUAL for one of our own; None is every controller there is, as
    it comes. `there` are the names of all inputs, `missing` of those that were open and are wanted
    back; `own` is the name of our own port once there was one. `make_ports` is called on the
    keeper's thread, as all that touches ports is; `note` takes sentences, `changed` is called after
    each change of `open`.
    """

    def __init__(
        self,
        make_ports: Callable[[], Ports],
        wanted: Sequence[str] | None,
        note: Callable[[Note], None],
        changed: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.open: tuple[OpenPort, ...] = ()
        self.there: tuple[str, ...] = ()
        self.missing: tuple[str, ...] = ()
        self.own = ""
        self._make_ports = make_ports
        self._ports: Ports | None = None
        self._wanted = None if wanted is None else tuple(wanted)
        self._show: frozenset[str] = frozenset()
        self._note = note
        self._changed = changed
        self._clock = clock
        self._doubtful = False
        self._fault: MidiError | None = None
        self._stumbled = False
        self._overflows_before = 0
        self._ready = threading.Event()
        self._wake = threading.Event()
        self._stop = False
        self._thread = threading.Thread(target=self._run, name="midi ports", daemon=True)

    @property
    def automatic(self) -> bool:
        """Whether every controller is opened as it comes."""
        return self._wanted is None

    @property
    def queue_overflows(self) -> int:
        """How often messages were lost because they came faster than they were polled."""
        return self._overflows_before + sum(port.input.queue_overflows for port in self.open)

    def start(self) -> None:
        """Open what is wanted and keep it. Raises MidiError where a wanted port is not there."""
        self._thread.start()
        self._ready.wait()
        if self._fault is not None:
            self.stop()
            raise self._fault

    def stop(self) -> None:
        """Let go of every port."""
        self._stop = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def want(self, wanted: Sequence[str] | None) -> None:
        """Keep other ports from now on; the name of our own means it as VIRTUAL does."""
        if wanted is not None:
            wanted = [VIRTUAL if name == self.own else name for name in wanted]
        self._wanted = None if wanted is None else tuple(wanted)
        self._wake.set()

    def show_on(self, names: Collection[str]) -> None:
        """Open the outputs of these inputs' controllers too."""
        if self._show != frozenset(names):
            self._show = frozenset(names)
            self._wake.set()

    def audio_server_restarted(self) -> None:
        """Look thoroughly: ports that lived in the audio server may have died with it."""
        self._doubtful = True
        self._wake.set()

    def look(self) -> None:
        """Do what the keeper does each second."""
        if self._ports is None:
            self._ports = self._make_ports()
        ports, wanted = self._ports, self._wanted
        if self._doubtful:
            self._doubtful = False
            dead = ports.lost_with_server()
            self._let_go([port for port in self.open if port.input in dead], ports)
        self.there = tuple(ports.inputs())
        gone = [p for p in self.open if not p.input.virtual and p.name not in self.there]
        self._let_go(gone, ports)
        meant = ports.controllers() if wanted is None else wanted
        others = [p for p in self.open if not any(self._fits(p, text) for text in meant)]
        self._let_go(others, ports, told=False)
        self.missing = tuple(name for name in self.missing if self._wants(name, wanted))
        self._take_up(meant, ports)
        self._light(ports)

    def _run(self) -> None:
        try:
            self._first_look()
            self._ready.set()
            while not self._stop:
                self._wake.wait(LOOK_S)
                self._wake.clear()
                if not self._stop:
                    self._look_again()
        finally:
            self._ready.set()
            self._let_go(list(self.open), self._ports, told=False)
            if self._ports is not None:
                self._ports.close()

    def _look_again(self) -> None:
        try:
            self.look()
        except Exception as error:  # the controllers that are open play on
            if not self._stumbled:
                self._stumbled = True
                fault = f"{type(error).__name__}: {error}"
                self._say(f"Looking for MIDI ports met a fault of rtvae's ({fault}); report it.")

    def _first_look(self) -> None:
        """Open what was asked for by name; there, what is missing is the player's mistake."""
        self._ports = self._make_ports()
        try:
            for wanted in self._wanted or ():
                self._open_one(wanted, self._ports)
        except MidiError as error:
            self._fault, self._stop = error, True
            return
        self._look_again()

    def _take_up(self, wanted: Sequence[str], ports: Ports) -> None:
        """Open what is there and wanted and not open yet; what had been open is told to be back."""
        for text in wanted:
            name = self._missing_name(text)
            if any(self._fits(port, name) for port in self.open):
                continue
            if name != VIRTUAL and not any(name.casefold() in n.casefold() for n in self.there):
                continue
            try:
                port = self._open_one(name, ports)
            except MidiError:
                continue
            if port.name in self.missing:
                self.missing = tuple(n for n in self.missing if n != port.name)
                self._say(f"MIDI input {port.name} is back.", "info")
            elif self._ready.is_set():
                self._say(f"Knobs are read from MIDI input {port.name}.", "info")

    def _missing_name(self, text: str) -> str:
        """The full name of the port that was open for a wanted text, else the text."""
        if text in self.there:
            return text
        return next((n for n in self.missing if text.casefold() in n.casefold()), text)

    def _fits(self, port: OpenPort, text: str) -> bool:
        """Whether a port is what a wanted text means."""
        return self._means(text, port.name, port.input.virtual)

    def _wants(self, missing: str, wanted: Sequence[str] | None) -> bool:
        """Whether a port that is gone is still wanted back."""
        if wanted is None:
            return is_controller(missing)
        return any(self._means(text, missing, missing == self.own) for text in wanted)

    def _means(self, text: str, name: str, virtual: bool) -> bool:
        """Whether a wanted text means a port: by its whole name, or else by a part of it."""
        if text == VIRTUAL or virtual:
            return text == VIRTUAL and virtual
        if text in self.there or text in self.missing:
            return text == name
        return text.casefold() in name.casefold()

    def _open_one(self, name: str, ports: Ports) -> OpenPort:
        port = OpenPort(ports.open_virtual() if name == VIRTUAL else ports.open_input(name))
        if port.input.virtual:
            self.own = port.name
        self._set((*self.open, port))
        return port

    def _let_go(self, lost: Sequence[OpenPort], ports: Ports | None, told: bool = True) -> None:
        for port in lost:
            self._set(tuple(other for other in self.open if other is not port))
            self._overflows_before += port.input.queue_overflows
            if port.lights is not None:
                port.lights.close()
            if ports is not None:
                ports.close_input(port.input)
            if told:
                self.missing = (*self.missing, port.name)
                sentence = f"MIDI input {port.name} is gone; it is taken up again when it is back."
                self._say(sentence)
            else:
                self.missing = tuple(name for name in self.missing if name != port.name)

    def _light(self, ports: Ports) -> None:
        """Open outputs where something is to be shown."""
        for port in self.open:
            if port.lights is None and port.name in self._show:
                lights = ports.open_lights(port.input)
                if lights is not None:
                    lit = OpenPort(port.input, lights)
                    self._set(tuple(lit if other is port else other for other in self.open))

    def _set(self, ports: tuple[OpenPort, ...]) -> None:
        self.open = ports
        self._changed()

    def _say(self, sentence: str, level: Level = "warning") -> None:
        self._note(Note(sentence, level))
