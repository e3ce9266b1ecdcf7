"""The MIDI loop: a thread that polls one input port and turns its knobs into settings.

Polled each millisecond, because a callback would run on the audio server's own thread. Once a
second it asks whether the port is still there, because no MIDI system tells when one goes; a
port that went is opened again, by name, as soon as it is back. Settings stay where they were.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from rtvae.control.mapping import Mapper
from rtvae.control.midi import decode
from rtvae.control.midi_assembler import Assembler
from rtvae.control.routes import Route
from rtvae.errors import MidiError
from rtvae.host.notes import Level, Note

POLL_S = 0.001
PRESENCE_S = 1.0
NO_PORT = "none"


class Port(Protocol):
    """An open input, as `rtvae.io.midi_port.MidiInput` is one."""

    name: str
    queue_overflows: int

    def receive(self) -> list[list[int]]:
        """Return the packets that came since the last call."""

    def present(self, thoroughly: bool = False) -> bool:
        """Whether the port still exists; `thoroughly` may take a tenth of a second."""

    def close(self) -> None:
        """Let go of the port."""


class MidiLoop:
    """Feeds `apply` with parameter values by name, from the port that `open_port` opens.

    `hear` is given every packet as it came.

    `open_port` is given the name of the port that was lost, "" the first time. It returns None
    where nobody asked for a port and there is none, and raises MidiError where one was asked for.
    The first opening happens in `start`, on the caller's thread, so that a wrong name is told at
    once; each later one on the loop's own.
    """

    def __init__(
        self,
        open_port: Callable[[str], Port | None],
        routes: Sequence[Route],
        apply: Callable[[dict[str, float]], object],
        note: Callable[[Note], None],
        hear: Callable[[list[int]], None] = lambda packet: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.messages = 0
        self.changes = 0
        self._overflows_before = 0
        self._open_port = open_port
        self._assembler, self._mapper = Assembler(), Mapper(routes)
        self._apply = apply
        self._note = note
        self._hear = hear
        self._clock = clock
        self._port: Port | None = None
        self._name = ""
        self._looked_s = clock()
        self._doubtful = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="midi", daemon=True)

    @property
    def status(self) -> str:
        """The port in words."""
        if not self._name:
            return NO_PORT
        lost = self._port is None and not self._stop.is_set()
        return f"{self._name} (gone)" if lost else self._name

    @property
    def queue_overflows(self) -> int:
        """How often messages were lost because they came faster than they were polled."""
        now = self._port.queue_overflows if self._port is not None else 0
        return self._overflows_before + now

    def start(self) -> None:
        """Open the port and begin to listen. Raises MidiError."""
        self._port = self._open_port("")
        if self._port is not None:
            self._name = self._port.name
            self._thread.start()

    def audio_server_restarted(self) -> None:
        """Look thoroughly: a port that lived in the audio server may have died with it."""
        self._doubtful = True

    def stop(self) -> None:
        """Stop listening and let go of the port."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._close()

    def step(self) -> None:
        """Do what the loop does each millisecond."""
        now_s = self._clock()
        if self._port is not None:
            self._listen(self._port)
        if self._doubtful or now_s - self._looked_s >= PRESENCE_S:
            thoroughly, self._doubtful = self._doubtful, False
            self._look(now_s, thoroughly)

    def _run(self) -> None:
        while not self._stop.wait(POLL_S):
            self.step()

    def _listen(self, port: Port) -> None:
        packets = port.receive()
        if not packets:
            return
        self.messages += len(packets)
        for packet in packets:
            self._hear(packet)
        events = (event for packet in packets for event in decode(packet))
        outcome = self._mapper.feed(self._assembler.feed(events, self._clock()), {}, self._clock())
        moved = outcome.values | dict.fromkeys(outcome.actions, 1.0)
        if moved:
            self.changes += len(moved)
            self._apply(moved)

    def _look(self, now_s: float, thoroughly: bool) -> None:
        self._looked_s = now_s
        if self._port is not None and not self._port.present(thoroughly):
            self._close()
            self._say(f"MIDI input {self._name} is gone; it is taken up again when it is back.")
        elif self._port is None:
            try:
                self._port = self._open_port(self._name)
            except MidiError:
                return
            if self._port is not None:
                self._say(f"MIDI input {self._port.name} is back.", "info")

    def _close(self) -> None:
        if self._port is not None:
            self._overflows_before += self._port.queue_overflows
            self._port.close()
            self._port = None

    def _say(self, sentence: str, level: Level = "warning") -> None:
        self._note(Note(sentence, level))
