"""Which audio devices there are: asked of a process of its own, which may hang in our place.

An audio server that is frozen blocks whoever looks for devices, for ever. And PortAudio only
sees what was there when it started: a process that has never looked before sees the present.
"""

import json
import subprocess
from dataclasses import dataclass

from rtvae.errors import DeviceError
from rtvae.host.child import python_command, python_environment
from rtvae.io.device_list import Device

ANSWER_S = 10.0


@dataclass(frozen=True)
class Survey:
    """The devices, and where there can be none the reason."""

    devices: tuple[Device, ...]
    problem: str = ""

    @property
    def playable(self) -> bool:
        """Whether there is something to hear with and something to play on."""
        hears = any(device.input_channels for device in self.devices)
        return hears and any(device.output_channels for device in self.devices)


def survey(module: str = "rtvae.host.look", seconds: float = ANSWER_S) -> Survey:
    """Look at the devices. `module` is the process that does it.

    Raises DeviceError if the machine's audio system does not answer within `seconds`.
    """
    try:
        looked = subprocess.run(
            python_command(module),
            env=python_environment(),
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        found = json.loads(looked.stdout)
        return Survey(tuple(Device(**device) for device in found["devices"]), found["problem"])
    except subprocess.TimeoutExpired as error:
        raise DeviceError(
            f"The audio system did not answer within {seconds:g} s; restart the audio server "
            "(rtvae play --driver dummy plays without one)."
        ) from error
    except ValueError as error:
        raise DeviceError(
            f"Looking for audio devices failed (exit status {looked.returncode}); "
            "restart the audio server (rtvae play --driver dummy plays without one)."
        ) from error
