"""Which device did the player mean? Pure: from a list of devices and a name to one device."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from rtvae.errors import DeviceError, NoDeviceError

JACK = "JACK Audio Connection Kit"


@dataclass(frozen=True)
class Device:
    """One audio device as PortAudio lists it; `number` is valid until the next look."""

    number: int
    name: str
    host_api: str
    input_channels: int
    output_channels: int
    sample_rate_hz: int
    default_input: bool
    default_output: bool

    def channels(self, what: str) -> int:
        """How many channels it has as "input" or "output"."""
        return self.input_channels if what == "input" else self.output_channels

    def is_default(self, what: str) -> bool:
        """Whether it is its host's choice as "input" or "output"."""
        return self.default_input if what == "input" else self.default_output


def choose_device(devices: Sequence[Device], wanted: str | None, what: str) -> Device:
    """Return the device that `wanted` means; `what` is "input" or "output".

    A number is the device with that number; a text is the device of that name, else the only one
    whose name contains it (upper and lower case alike). None is the default: JACK where a server
    runs, because nothing else can have the sound card then, else the first host's choice.
    Raises NoDeviceError if no device has such channels, DeviceError if none or several fit.
    """
    able = [device for device in devices if device.channels(what) > 0]
    if not able:
        raise NoDeviceError(
            f"There is no audio {what} device; connect one or start the audio server "
            "(rtvae play --driver dummy plays without one)."
        )
    if wanted is None:
        return _default(able, what)
    if wanted.isdecimal():
        return _by_number(devices, int(wanted), what)
    return _by_name(able, wanted, what)


def _default(able: list[Device], what: str) -> Device:
    defaults = [device for device in able if device.is_default(what)] or able
    return next((device for device in defaults if device.host_api == JACK), defaults[0])


def _by_number(devices: Sequence[Device], number: int, what: str) -> Device:
    found = next((device for device in devices if device.number == number), None)
    if found is None:
        raise DeviceError(
            f"There is no audio device number {number}; `rtvae devices` shows the numbers."
        )
    if not found.channels(what):
        raise DeviceError(
            f"Device {number} ({found.name}) has no {what}; `rtvae devices` shows which have one."
        )
    return found


def _by_name(able: list[Device], wanted: str, what: str) -> Device:
    low = wanted.casefold()
    found = [device for device in able if device.name.casefold() == low]
    found = found or [device for device in able if low in device.name.casefold()]
    if not found:
        raise DeviceError(f"There is no {what} device named {wanted!r}; {_closest(able, wanted)}.")
    hosts_choice = [device for device in found if device.is_default(what)]
    if len(found) > 1 and len(hosts_choice) != 1:
        listed = ", ".join(f"{device.number} ({device.name})" for device in found[:5])
        raise DeviceError(
            f"{wanted!r} fits {len(found)} {what} devices; choose one by its number: {listed}."
        )
    return found[0] if len(found) == 1 else hosts_choice[0]


def _closest(able: list[Device], wanted: str) -> str:
    names = list(dict.fromkeys(device.name for device in able))
    by_case = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(wanted.casefold(), by_case, n=3, cutoff=0.4)
    chosen = [by_case[name] for name in close] or names[:3]
    return f"the closest {'is' if len(chosen) == 1 else 'are'} {', '.join(map(repr, chosen))}"
