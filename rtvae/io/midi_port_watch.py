"""The watch over MIDI ports: what is plugged in, seen once a second at hardly any cost.

Each MIDI system is looked at through one client that stays. Where an input of it is open, its own
client looks: a client more in a JACK graph is a switch of threads more in each of its periods.
"""

import time
from collections.abc import Callable
from typing import Any

from rtvae.io.midi_port import (
    MidiInput,
    MidiOutput,
    ask_jack,
    close_client,
    input_client,
    is_jack,
    list_ports,
    no_such_input,
    open_output,
    open_place,
    open_virtual_input,
    open_virtual_output,
    output_names,
    working_apis,
)
from rtvae.io.midi_port_names import (
    first_like,
    is_bridged,
    is_controller,
    partner,
    stable_names,
)

CLIENT_NAME = "rtvae-midi"
"""Not the name of our own port, which others look for."""
SYSTEMS_S = 30.0
"""A MIDI system that was not there, as a JACK server, is looked for this often."""


class MidiPorts:
    """The MIDI ports of this machine. All of it belongs to one thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: list[MidiInput] = []
        self._watchers: dict[int, Any] = {}
        self._apis: list[int] = []
        self._looked_s = float("-inf")

    def inputs(self) -> list[str]:
        """Return the stable names of the inputs there are now."""
        self._look_for_systems()
        return [name for api in list(self._apis) for _, name in self._listed(api)]

    def controllers(self) -> list[str]:
        """Return the names of those inputs that are controllers, each of them once."""
        self._look_for_systems()
        others = any(not is_jack(api) for api in self._apis)
        return [
            name
            for api in list(self._apis)
            for _, name in self._listed(api)
            if is_controller(name) and not (others and is_jack(api) and is_bridged(name))
        ]

    def open_input(self, wanted: str) -> MidiInput:
        """Open an input by its name, or the first whose name contains `wanted`.

        Raises MidiError, which lists the inputs that there are.
        """
        self._look_for_systems()
        found: list[str] = []
        for api in list(self._apis):
            ports = self._listed(api)
            names = [name for _, name in ports]
            place = first_like(wanted, names)
            client = self._take(api) if place is not None else None
            if place is not None and client is not None:
                if open_place(client, place):
                    port = MidiInput(client, names[place], ports[place][0])
                    self._open.append(port)
                    return port
                close_client(client)
            found += names
        raise no_such_input(wanted, found)

    def open_virtual(self) -> MidiInput:
        """Open an input of our own that others connect to. Raises MidiError."""
        port = open_virtual_input()
        self._open.append(port)
        return port

    def open_lights(self, port: MidiInput) -> MidiOutput | None:
        """Open the output of the device that an input is of; None if it has none."""
        if port.virtual:
            return open_virtual_output()
        name = partner(port.name, stable_names(output_names()))
        return open_output(name) if name is not None else None

    def close_input(self, port: MidiInput) -> None:
        """Let go of an input."""
        self._open = [other for other in self._open if other is not port]
        port.close()
        if is_jack(port.api):
            # It may have gone with its server.
            self._looked_s = float("-inf")

    def lost_with_server(self) -> list[MidiInput]:
        """Return the inputs that died with an audio server that was started again since."""
        self._looked_s = float("-inf")
        for api in list(self._watchers):
            if is_jack(api):
                close_client(self._watchers.pop(api))
        if not any(is_jack(port.api) for port in self._open):
            return []
        destinations = ask_jack()
        return [port for port in self._open if port.died_with_jack(destinations)]

    def close(self) -> None:
        """Let go of everything."""
        for port in self._open:
            port.close()
        for client in self._watchers.values():
            close_client(client)
        self._open.clear()
        self._watchers.clear()

    def _listed(self, api: int) -> list[tuple[str, str]]:
        """The inputs of a system: what it calls them, and what we call them."""
        port = next((port for port in self._open if port.api == api), None)
        if port is not None:
            listed = port.neighbours()
        else:
            if api not in self._watchers:
                self._watchers[api] = self._client(api)
            watcher = self._watchers[api]
            listed = list_ports(watcher) if watcher is not None else []
            if watcher is None:
                del self._watchers[api]
                self._apis.remove(api)
        kept = {port.listed: port.name for port in self._open if port.api == api}
        return list(zip(listed, stable_names(listed, kept), strict=True))

    def _take(self, api: int) -> Any:
        """A client to open a port with: the watching one, or a new one where a port watches."""
        return self._watchers.pop(api, None) or self._client(api)

    def _client(self, api: int) -> Any:
        return None if is_jack(api) and ask_jack() is None else input_client(api, CLIENT_NAME)

    def _look_for_systems(self) -> None:
        """See which MIDI systems there are; JACK is not asked again while it is in use."""
        if self._clock() - self._looked_s < SYSTEMS_S:
            return
        self._looked_s = self._clock()
        used = {*self._watchers, *(port.api for port in self._open)}
        if not any(is_jack(api) for api in used & set(self._apis)):
            self._apis = list(working_apis())
