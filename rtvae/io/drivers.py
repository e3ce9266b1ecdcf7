"""What every audio driver is: opened once, then it calls back with each block until it ends.

    driver.open(request) -> Opened      the device is there and its shape is known
    driver.run(callback, stop)          blocks; calls callback(heard, played, flags) per block
    driver.close()                      lets go; never hangs

`heard` is float32 `(frames, input channels)`, read-only; `played` float32 `(frames, output
channels)`, to be filled completely. `flags` tells what the device lost just before this block, and
whether nobody waits for it, as with files and with a JACK server that freewheels.
Drivers differ in where the blocks come from and in who keeps time; the callback cannot tell.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rtvae.errors import DeviceError
from rtvae.spec import StreamSpec

INPUT_OVERFLOW = 1
OUTPUT_UNDERFLOW = 2
UNPACED = 4

DEFAULT_BLOCK_SIZE = 128

Audio = NDArray[np.float32]
Callback = Callable[[Audio, Audio, int], None]
Stop = Callable[[], bool]


@dataclass(frozen=True)
class Request:
    """What the player asked for.

    `input` and `output` name a device (part of its name, or its number) or a sound file,
    whichever the driver takes; None is the driver's default. `block_size` 0 leaves it to the
    driver. Channels count from 1: the model hears the mean of `input_channels` and sounds on
    each of `output_channels`; None is the driver's default. `duration_s` None is "until the
    input ends, or for ever".
    """

    sample_rate_hz: int
    block_size: int = 0
    input: str | None = None
    output: str | None = None
    input_channels: tuple[int, ...] | None = None
    output_channels: tuple[int, ...] | None = None
    loop: bool = False
    duration_s: float | None = None


@dataclass(frozen=True)
class Opened:
    """What the driver got: the stream's shape, the device in words, the channels in use.

    Channels here count from 0 and all exist. `latency_frames` tells what the device's latency is
    by now, where that can change while it plays; not for the audio thread.
    """

    stream: StreamSpec
    device: str
    input_channels: tuple[int, ...]
    output_channels: tuple[int, ...]
    notices: tuple[str, ...] = field(default=())
    latency_frames: Callable[[], int] | None = None


class Driver(Protocol):
    """A source and sink of blocks.

    `muted_start` says that a loudspeaker may be listening, so that sound must fade in;
    `paced` that blocks come in real time, so that priority and locked memory matter.
    """

    muted_start: bool
    paced: bool

    def open(self, request: Request) -> Opened:
        """Open as asked. Raises DeviceError (or a subclass) or AudioFileError."""

    def run(self, callback: Callback, stop: Stop) -> None:
        """Deliver blocks until the input ends or `stop()` is true; blocks the caller."""

    def close(self) -> None:
        """Let go of the device or the files. Safe to call twice; never hangs."""


def fit_channels(
    wanted: tuple[int, ...], available: int, what: str, device: str
) -> tuple[int, ...]:
    """Return those of the wanted channels (from 1) that the device has, counted from 0.

    Asking for the usual pair on a mono device gives its one channel. Raises DeviceError if none
    of them exists; `what` is "input" or "output".
    """
    fitting = tuple(channel - 1 for channel in wanted if 1 <= channel <= available)
    if not fitting:
        asked = " and ".join(str(channel) for channel in wanted) or "none"
        raise DeviceError(
            f"{device} has {available} {what} channel{'s' if available != 1 else ''}, and "
            f"{what} channel {asked} was asked for; choose from 1 to {available}."
        )
    return fitting
