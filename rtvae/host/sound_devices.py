"""Which devices the session plays through: looked at by a process of its own, and changed."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rtvae.errors import DeviceError
from rtvae.host.child import Child
from rtvae.host.devices import ANSWER_S
from rtvae.host.part import Deed
from rtvae.host.plan import looks_like_file
from rtvae.io.device_list import Device, choose_device


class SoundDevices:
    """Lists the devices for the window, and plays through others when asked to.

    `look` makes a process of `rtvae.host.look`; `play_on` changes "input", "output" or both by
    name, None is the system's own. `start` is the first message to every engine, kept true.
    """

    def __init__(
        self,
        look: Callable[[], Child],
        play_on: Callable[[Mapping[str, str | None]], None],
        start: Mapping[str, Any],
    ) -> None:
        self._look = look
        self._play_on = play_on
        self._start = start
        self._looking: Child | None = look()
        self._since_s = time.monotonic()
        self._devices: list[Device] = []

    def deeds(self) -> Mapping[str, Deed]:
        """Return what it does, by name."""
        return {"device": self._change, "devices.look": self._look_again}

    def info(self) -> Mapping[str, Any]:
        """Return the devices by the names that `device` takes, and those that are played on."""
        return {
            "devices": {
                "inputs": list(names(self._devices, "input").values()),
                "outputs": list(names(self._devices, "output").values()),
                "input": self._played_on("input"),
                "output": self._played_on("output"),
            }
        }

    def step(self, now_s: float) -> None:
        """Take the answer of the process that looks."""
        if self._looking is None:
            return
        answers = self._looking.heard()
        if answers:
            listed = answers[0].get("devices")
            self._devices = [Device(**device) for device in listed] if listed else []
        if answers or now_s - self._since_s > ANSWER_S:
            self.close()

    def close(self) -> None:
        """End the process that looks."""
        if self._looking is not None:
            self._looking.kill()
            self._looking = None

    def _look_again(self, arguments: Mapping[str, Any]) -> None:
        if self._looking is None:
            self._looking, self._since_s = self._look(), time.monotonic()

    def _played_on(self, side: str) -> str:
        """The name of what is played on, in the list's words where it is there.

        "" for the system's own; of a file its name.
        """
        wanted = self._start[side]
        if wanted is None:
            return ""
        if self._start["driver"] != "portaudio":
            return Path(wanted).name
        try:
            meant = choose_device(self._devices, wanted, side)
        except DeviceError:  # a file, or not listed yet, or gone
            return Path(wanted).name if looks_like_file(wanted) else str(wanted)
        return names(self._devices, side)[meant.number]

    def _change(self, arguments: Mapping[str, Any]) -> None:
        sides = [side for side in ("input", "output") if side in arguments]
        if sides:
            self._play_on({side: _device(arguments[side]) for side in sides})


def names(devices: Sequence[Device], what: str) -> dict[int, str]:
    """Return the names of the devices with an "input" or "output" by their numbers.

    The default comes first. A name that several share has the number before it.
    """
    able = [device for device in devices if device.channels(what) > 0]
    able.sort(key=lambda device: not device.is_default(what))
    often = Counter(device.name.casefold() for device in able)
    return {
        device.number: device.name
        if often[device.name.casefold()] == 1
        else f"{device.number}: {device.name}, {device.host_api}"
        for device in able
    }


def _device(said: Any) -> str | None:
    """Return what `choose_device` understands: the number of a name that is not the only one."""
    if not isinstance(said, str) or not said:
        return None
    number, colon, _ = said.partition(": ")
    return number if colon and number.isdecimal() else said
