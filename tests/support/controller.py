"""A MIDI controller of another program, on a JACK server."""

from typing import Any

import rtmidi


def controller(name: str = "nanoKONTROL2") -> Any:
    """An output port, as a controller shows itself; `delete` unplugs it."""
    port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=name)
    port.open_virtual_port("knobs")
    return port


def lights(name: str = "nanoKONTROL2 out") -> Any:
    """An input port that shows a controller's rings and lights; `get_message` is what it shows."""
    port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=name)
    port.open_virtual_port("knobs")
    return port
