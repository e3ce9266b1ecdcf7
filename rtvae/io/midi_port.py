"""MIDI ports: list, open, poll, send. The only module that imports rtmidi.

Messages wait in rtmidi's queue until they are polled. A callback is never set: on JACK it would
run on JACK's own real-time thread and stop the sound of everybody there.

A JACK server that is frozen, not dead, never answers a client that comes or goes, and rtmidi
waits for it with the interpreter locked. A short-lived process asks first whether it answers.
"""

import contextlib
import ctypes
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import rtmidi

from rtvae.errors import MidiError
from rtvae.io.midi_port_names import first_like, stable_names

VIRTUAL_NAME = "rtvae"
CONTROL_PORT = "control"
LIGHTS_NAME = "rtvae-lights"
QUEUE_MESSAGES = 8192
JACK_ANSWER_S = 2.0
ALSA_SEQUENCER = Path("/dev/snd/seq")

# What the asking process runs. Not rtmidi: its clients take part in every period, and a process
# that is just starting costs the others one.
ASK_JACK = """
from rtvae.io.libjack import midi_destinations
print(*midi_destinations(), sep="\\n")
"""


def input_names() -> list[str]:
    """Return the names of all MIDI inputs of this machine."""
    return _all_names(input_client)


def output_names() -> list[str]:
    """Return the names of all MIDI outputs of this machine."""
    return _all_names(output_client)


def open_input(wanted: str) -> "MidiInput":
    """Open the first input whose name contains `wanted`, upper or lower case.

    Raises MidiError, which lists the inputs that there are.
    """
    found: list[str] = []
    for api in working_apis():
        client = input_client(api)
        if client is None:
            continue
        listed = list_ports(client)
        names = stable_names(listed)
        place = first_like(wanted, names)
        if place is not None and open_place(client, place):
            return MidiInput(client, names[place], listed[place])
        client.delete()
        found += names
    raise no_such_input(wanted, found)


def no_such_input(wanted: str, found: Sequence[str]) -> MidiError:
    """Return what to raise where no input has a wanted name."""
    there_are = f"there are {', '.join(found)}" if found else "there is none on this machine"
    return MidiError(
        f"No MIDI input has a name with {wanted!r} in it; {there_are}: "
        "plug it in, or leave --midi away."
    )


def open_virtual_input(name: str = VIRTUAL_NAME) -> "MidiInput":
    """Open an input port of our own that other programs connect to.

    Raises MidiError where the system has no such ports.
    """
    client = _with_virtual_port(input_client, name)
    if client is None:
        raise MidiError(
            "A virtual MIDI port cannot be opened: this machine runs neither an ALSA sequencer nor "
            "a JACK server, or its MIDI system has no virtual ports; name a port with --midi "
            "instead."
        )
    return MidiInput(client, name, name, virtual=True)


def open_output(name: str) -> "MidiOutput | None":
    """Open the output of a stable name; None if it is gone or refuses."""
    for api in working_apis():
        client = output_client(api)
        if client is None:
            continue
        names = stable_names(list_ports(client))
        if name in names and open_place(client, names.index(name)):
            return MidiOutput(client, name)
        client.delete()
    return None


def open_virtual_output() -> "MidiOutput | None":
    """Open an output port of our own that controllers' lights may be connected to."""
    client = _with_virtual_port(lambda api: output_client(api, LIGHTS_NAME), "lights")
    return MidiOutput(client, LIGHTS_NAME) if client is not None else None


class _Port:
    """One open port. `name` is its stable name."""

    def __init__(self, client: Any, name: str) -> None:
        self.name = name
        self.api: int = client.get_current_api()
        self._client: Any = client
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the port. Another thread may be in any other method meanwhile."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            close_client(client)


class MidiInput(_Port):
    """One open input, polled. `listed` is the name that its system has for it.

    `queue_overflows` counts the polls that found the queue full, so that messages were lost.
    """

    def __init__(self, client: Any, name: str, listed: str, virtual: bool = False) -> None:
        super().__init__(client, name)
        self.listed = listed
        self.virtual = virtual
        self.queue_overflows = 0

    def receive(self) -> list[list[int]]:
        """Return the packets that came since the last call, each a list of bytes."""
        packets: list[list[int]] = []
        with self._lock, contextlib.suppress(rtmidi.RtMidiError):
            client = self._client
            while client is not None and len(packets) < QUEUE_MESSAGES:
                message = client.get_message()
                if not message:
                    break
                packets.append(message[0])
        # rtmidi keeps one place of its queue free.
        self.queue_overflows += len(packets) >= QUEUE_MESSAGES - 1
        return packets

    def neighbours(self) -> list[str]:
        """Return the names of all inputs of this port's MIDI system."""
        with self._lock:
            return list_ports(self._client) if self._client is not None else []

    def present(self, thoroughly: bool = False) -> bool:
        """Whether the port still exists. MIDI systems do not tell when one goes: ask now and then.

        A virtual port goes only with its JACK server; to find that out takes a thorough look,
        which starts a process. A server that does not answer may come to itself again.
        """
        if not self.virtual:
            return self.listed in self.neighbours()
        return not (thoroughly and self.died_with_jack(ask_jack()))

    def died_with_jack(self, destinations: Sequence[str] | None) -> bool:
        """Whether the port's JACK server was another one, by what `ask_jack` said."""
        if self.api != rtmidi.API_UNIX_JACK or destinations is None:
            return False
        ours = f":{self.name if self.virtual else CONTROL_PORT}"
        return not any(n.startswith(VIRTUAL_NAME) and n.endswith(ours) for n in destinations)


class MidiOutput(_Port):
    """One open output."""

    def send(self, packet: Sequence[int]) -> None:
        """Send one message; one that cannot be sent is lost."""
        with self._lock, contextlib.suppress(rtmidi.RtMidiError):
            if self._client is not None:
                self._client.send_message(packet)


def working_apis() -> Iterator[int]:
    """The MIDI systems that answer here, best first, each asked only when its turn comes."""
    works: dict[int, Callable[[], bool]] = {
        rtmidi.API_LINUX_ALSA: ALSA_SEQUENCER.exists,
        rtmidi.API_MACOSX_CORE: lambda: True,
        rtmidi.API_WINDOWS_MM: lambda: True,
        rtmidi.API_UNIX_JACK: lambda: ask_jack() is not None,
    }
    compiled = rtmidi.get_compiled_api()
    return (api for api, answers in works.items() if api in compiled and answers())


def is_jack(api: int) -> bool:
    """Whether a MIDI system is JACK, whose server may come and go."""
    return bool(api == rtmidi.API_UNIX_JACK)


def ask_jack() -> list[str] | None:
    """The ports that JACK sends MIDI to; None if there is no server or it does not answer."""
    try:
        asked = subprocess.run(
            [sys.executable, "-c", ASK_JACK],
            timeout=JACK_ANSWER_S,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.splitlines() if asked.returncode == 0 else None


def input_client(api: int, name: str = VIRTUAL_NAME) -> Any:
    """A client of a MIDI system that hears, or None where the system refuses."""
    try:
        client = rtmidi.MidiIn(api, name=name, queue_size_limit=QUEUE_MESSAGES)
    except (rtmidi.RtMidiError, MemoryError):
        return None
    # Clocks are heard; what only says that a controller lives is not.
    client.ignore_types(sysex=True, timing=False, active_sense=True)
    return client


def output_client(api: int, name: str = LIGHTS_NAME) -> Any:
    """A client of a MIDI system that sends, or None where the system refuses."""
    try:
        return rtmidi.MidiOut(api, name=name)
    except (rtmidi.RtMidiError, MemoryError):
        return None


def list_ports(client: Any) -> list[str]:
    """Return the names of the ports that a client can be connected to."""
    try:
        return list(client.get_ports())
    except rtmidi.RtMidiError:
        return []


def close_client(client: Any) -> None:
    """Let go of a client."""
    if is_jack(client.get_current_api()) and ask_jack() is None:
        # Closing would never return. Nobody may ever free this client, not even at exit.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(client))
        return
    client.delete()


def _all_names(make: Callable[[int], Any]) -> list[str]:
    names = []
    for api in working_apis():
        client = make(api)
        if client is not None:
            names += list_ports(client)
            client.delete()
    return names


def _with_virtual_port(make: Callable[[int], Any], name: str) -> Any:
    """A client with a port of our own; None where no system has such."""
    for api in working_apis():
        client = make(api)
        if client is None:
            continue
        try:
            client.open_virtual_port(name)
        except (rtmidi.RtMidiError, NotImplementedError):
            client.delete()
            continue
        return client
    return None


def open_place(client: Any, number: int) -> bool:
    """Connect a client to the port at a place of what it lists; whether that was done."""
    try:
        client.open_port(number, name=CONTROL_PORT)
    except (rtmidi.RtMidiError, TypeError):
        return False
    return True
