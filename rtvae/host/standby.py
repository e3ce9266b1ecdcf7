"""Standby: what runs while there is no audio device to start on.

An engine plays silence through the model, so that window, knobs and MIDI are there to be used;
every two seconds a process of its own looks whether the wanted device has come.
"""

from collections.abc import Callable

from rtvae.errors import DeviceError
from rtvae.host.child import Child, Message
from rtvae.host.devices import ANSWER_S
from rtvae.host.plan import looks_like_file
from rtvae.io.device_list import Device, choose_device

LOOK_EVERY_S = 2.0
NO_DEVICE = "no audio device yet"

# What the start message says of a device, and what a silent engine is told instead.
_SILENCE: Message = {
    "driver": "dummy",
    "input": None,
    "output": None,
    "input_channels": None,
    "output_channels": None,
    "loop": False,
    "duration_s": None,
}


class Standby:
    """A silent engine for `start`, and looks at the devices. Call `step` often; it does not wait.

    `spawn` makes an engine process, `look` one of `rtvae.host.look`. `facts` is what the engine
    said about itself.
    """

    def __init__(
        self,
        start: Message,
        spawn: Callable[[], Child],
        look: Callable[[], Child],
        now_s: float,
    ) -> None:
        self.facts: Message = {}
        self._start = start
        self._spawn, self._look = spawn, look
        self._engine: Child | None = None
        self._looking: Child | None = None
        self._since_s = now_s
        self._looked_s = now_s - LOOK_EVERY_S

    def step(self, now_s: float) -> bool:
        """Look after both processes; return whether the device has come."""
        self._follow_engine()
        if self._looking is None:
            if now_s - self._looked_s >= LOOK_EVERY_S:
                self._looked_s = now_s
                self._looking = self._look()
            return False
        answers = self._looking.heard()
        if not answers and now_s - self._looked_s < ANSWER_S:
            return False
        self._looking.kill()
        self._looking = None
        if answers and is_there(self._start, answers[0].get("devices")):
            # Listed is not free: one that is held by others is not tried all the time.
            return now_s - self._since_s >= LOOK_EVERY_S
        if self._engine is None:
            self._engine = self._spawn()
            self._engine.tell({**self._start, **_SILENCE})
        return False

    def end(self) -> None:
        """End both processes."""
        for child in (self._engine, self._looking):
            if child is not None:
                child.kill()
        self._engine = self._looking = None

    def _follow_engine(self) -> None:
        if self._engine is None:
            return
        for message in self._engine.heard():
            if message.get("event") == "ready":
                told = {key: message[key] for key in message if key != "event"}
                self.facts = {**told, "device": NO_DEVICE}
        if self._engine.exit_status() is not None:
            self._engine.kill()
            self._engine = None


def is_there(start: Message, listed: object) -> bool:
    """Whether the devices that a start message names are among those that were listed."""
    try:
        devices = [Device(**device) for device in listed] if isinstance(listed, list) else []
        choose_device(devices, start["output"], "output")
        if start["input"] is None or not looks_like_file(str(start["input"])):
            choose_device(devices, start["input"], "input")
    except (DeviceError, TypeError):
        return False
    return True
