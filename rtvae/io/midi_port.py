"""MIDI input ports: list, open, poll. The only module that imports rtmidi.

Messages wait in rtmidi's queue until they are polled. A callback is never set: on JACK it would
run on JACK's own real-time thread and stop the sound of everybody there.

A JACK server that is frozen, not dead, never answers a client that comes or goes, and rtmidi
waits for it with the interpreter locked. A short-lived process asks first whether it answers.
"""

import contextlib
import ctypes
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import rtmidi

from rtvae.errors import MidiError

VIRTUAL_NAME = "rtvae"
QUEUE_MESSAGES = 8192
JACK_ANSWER_S = 2.0
ALSA_SEQUENCER = Path("/dev/snd/seq")

# What a machine lists besides controllers: loops, clocks, synthesisers and ourselves.
NOT_CONTROLLERS = re.compile(
    r"through|timer|announce|rtmidi|rtvae|iac driver|network|bus \d|loop|synth|pipewire", re.I
)
# ALSA ends a port's name with numbers that change when the controller is plugged in again.
PASSING_NUMBERS = re.compile(r"\s+\d+:\d+$")
# What the asking process runs.
ASK_JACK = """
import rtmidi
print(*rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="rtvae-probe").get_ports(), sep="\\n")
"""


def input_names() -> list[str]:
    """Return the names of all MIDI inputs of this machine."""
    names = []
    for api in _working_apis():
        client = _client(api)
        if client is not None:
            names += _ports(client)
            client.delete()
    return names


def open_input(wanted: str) -> "MidiInput":
    """Open the first input whose name contains `wanted`, upper or lower case.

    Raises MidiError, which lists the inputs that there are.
    """
    found: list[str] = []
    for api in _working_apis():
        client = _client(api)
        if client is None:
            continue
        names = _ports(client)
        matching = [k for k, name in enumerate(names) if wanted.casefold() in name.casefold()]
        if matching and _open(client, matching[0]):
            return MidiInput(client, names[matching[0]])
        client.delete()
        found += names
    there_are = f"there are {', '.join(found)}" if found else "there is none on this machine"
    raise MidiError(
        f"No MIDI input has a name with {wanted!r} in it; {there_are}: "
        "plug it in, or leave --midi away."
    )


def open_virtual_input(name: str = VIRTUAL_NAME) -> "MidiInput":
    """Open an input port of our own that other programs connect to.

    Raises MidiError where the system has no such ports.
    """
    for api in _working_apis():
        client = _client(api)
        if client is None:
            continue
        try:
            client.open_virtual_port(name)
        except (rtmidi.RtMidiError, NotImplementedError):
            client.delete()
            continue
        return MidiInput(client, name, virtual=True)
    raise MidiError(
        "A virtual MIDI port cannot be opened: this machine runs neither an ALSA sequencer nor "
        "a JACK server, or its MIDI system has no virtual ports; name a port with --midi instead."
    )


def open_first_controller() -> "MidiInput | None":
    """Open the first input that looks like a controller; None if there is none."""
    for name in input_names():
        if not NOT_CONTROLLERS.search(name):
            try:
                return open_input(stable_name(name))
            except MidiError:
                continue
    return None


def stable_name(name: str) -> str:
    """Return the part of a port's name that stays when its controller comes back."""
    return PASSING_NUMBERS.sub("", name)


class MidiInput:
    """One open input, polled.

    `name` is the port's name; `queue_overflows` counts the polls that found the queue full, so
    that messages were lost.
    """

    def __init__(self, client: Any, name: str, virtual: bool = False) -> None:
        self._client = client
        self._virtual = virtual
        self.name = name
        self.queue_overflows = 0
        self._on_jack = client.get_current_api() == rtmidi.API_UNIX_JACK

    def receive(self) -> list[list[int]]:
        """Return the packets that came since the last call, each a list of bytes."""
        packets: list[list[int]] = []
        with contextlib.suppress(rtmidi.RtMidiError):
            while len(packets) < QUEUE_MESSAGES and (message := self._client.get_message()):
                packets.append(message[0])
        # rtmidi keeps one place of its queue free.
        self.queue_overflows += len(packets) >= QUEUE_MESSAGES - 1
        return packets

    def present(self, thoroughly: bool = False) -> bool:
        """Whether the port still exists. MIDI systems do not tell when one goes: ask now and then.

        A virtual port goes only with its JACK server; to find that out takes a thorough look,
        which starts a process. A server that does not answer may come to itself again.
        """
        if not self._virtual:
            wanted = stable_name(self.name)
            return any(stable_name(name) == wanted for name in _ports(self._client))
        if not (self._on_jack and thoroughly):
            return True
        destinations = _ask_jack()
        return destinations is None or any(n.endswith(f":{self.name}") for n in destinations)

    def close(self) -> None:
        """Let go of the port."""
        if self._on_jack and _ask_jack() is None:
            # Closing would never return. Nobody may ever free this client, not even at exit.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._client))
            return
        self._client.delete()


def _working_apis() -> Iterator[int]:
    """The MIDI systems that answer here, best first, each asked only when its turn comes."""
    works: dict[int, Callable[[], bool]] = {
        rtmidi.API_LINUX_ALSA: ALSA_SEQUENCER.exists,
        rtmidi.API_MACOSX_CORE: lambda: True,
        rtmidi.API_WINDOWS_MM: lambda: True,
        rtmidi.API_UNIX_JACK: lambda: _ask_jack() is not None,
    }
    compiled = rtmidi.get_compiled_api()
    return (api for api, answers in works.items() if api in compiled and answers())


def _ask_jack() -> list[str] | None:
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


def _client(api: int) -> Any:
    """A client of a MIDI system, or None where the system refuses."""
    try:
        return rtmidi.MidiIn(api, name=VIRTUAL_NAME, queue_size_limit=QUEUE_MESSAGES)
    except (rtmidi.RtMidiError, MemoryError):
        return None


def _ports(client: Any) -> list[str]:
    try:
        return list(client.get_ports())
    except rtmidi.RtMidiError:
        return []


def _open(client: Any, number: int) -> bool:
    try:
        client.open_port(number, name="control")
    except (rtmidi.RtMidiError, TypeError):
        return False
    return True
