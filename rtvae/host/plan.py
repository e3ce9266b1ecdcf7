"""From what was asked and what the machine has to what will be done. Pure.

--driver     --input                 --output              where none is named
auto         device or file          device                the system's own devices
             or, without devices or with a file to write:  as dummy
portaudio    device or file          device                the system's own devices
dummy        file, in real time      file                  bundled recording, rtvae-output.wav
file         file, unpaced           file                  the same

A device that is not there is waited for where somebody can see that (there is a window) or asked
for it by --driver portaudio. Elsewhere, as in a script, it is an error.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rtvae.errors import AudioFileError, NoDeviceError, UsageError

DRIVERS = ("auto", "portaudio", "dummy", "file")
DEFAULT_OUTPUT = "rtvae-output.wav"
SOUND_SUFFIXES = (".wav", ".w64", ".flac", ".ogg", ".opus", ".mp3", ".aif", ".aiff", ".caf", ".au")


@dataclass(frozen=True)
class PlayRequest:
    """What the player asked for; None is "as usual". Channels count from 1."""

    model: str | None = None
    blend: str | None = None
    preset: str | None = None
    set_list: str | None = None
    fresh: bool = False
    driver: str = "auto"
    input: str | None = None
    output: str | None = None
    block_size: int | None = None
    sample_rate_hz: int | None = None
    input_channels: tuple[int, ...] | None = None
    output_channels: tuple[int, ...] | None = None
    midi: tuple[str, ...] = ()
    window: bool = True
    duration_s: float | None = None
    loop: bool | None = None
    buffered: bool | None = None
    stats: Path | None = None
    record: bool = False
    record_to: Path | None = None
    osc: str | None = None
    osc_to: str | None = None
    osc_rate_hz: float = 30.0


@dataclass(frozen=True)
class Plan:
    """What will be done: the driver with its ends, whether a window opens, what to say first.

    `waits` says that a device that is not there is waited for.
    """

    driver: str
    input: str | None
    output: str | None
    loop: bool
    window: bool
    sentence: str = ""
    waits: bool = False

    @property
    def to_file(self) -> bool:
        """Whether the sound goes to a file."""
        return self.driver != "portaudio"


def make_plan(
    request: PlayRequest,
    *,
    has_screen: bool,
    has_devices: Callable[[], bool],
    recording: Callable[[], Path],
    exists: Callable[[Path], bool] = os.path.exists,
) -> Plan:
    """Return what to do. `has_devices` and `recording` are only asked when it matters.

    Raises UsageError, NoDeviceError and AudioFileError.
    """
    from_file = request.input is not None and looks_like_file(request.input)
    to_file = request.output is not None and looks_like_file(request.output)
    if from_file and not exists(Path(str(request.input))):
        raise AudioFileError(f"There is no file {request.input}; check the name.")
    driver, why = request.driver, "Playing from file to file"
    if driver == "auto" and to_file:
        driver = "dummy"
    elif driver == "auto" and has_devices():
        driver = "portaudio"
    elif driver == "auto":
        driver, why = "dummy", "There is no audio device"
        device = None if from_file else request.input
        if (device or request.output) and request.window and has_screen:
            driver = "portaudio"
        elif device or request.output:
            raise NoDeviceError(
                f"There is no audio device on this machine, so {device or request.output!r} cannot "
                "be opened; connect one, or name files, or nothing to play the bundled recording."
            )
    if driver == "portaudio":
        return _device_plan(request, from_file, to_file, has_screen)
    return _file_plan(request, driver, why, has_screen, recording, exists)


def _device_plan(request: PlayRequest, from_file: bool, to_file: bool, has_screen: bool) -> Plan:
    if to_file:
        raise UsageError(
            f"{request.output!r} is a file and --driver portaudio plays on devices; "
            "use --driver dummy to write what plays into a file."
        )
    window = request.window and has_screen
    loop = from_file and _loops(request, window)
    waits = window or request.driver == "portaudio"
    return Plan("portaudio", request.input, request.output, loop, window, waits=waits)


def _file_plan(
    request: PlayRequest,
    driver: str,
    why: str,
    has_screen: bool,
    recording: Callable[[], Path],
    exists: Callable[[Path], bool],
) -> Plan:
    window = request.window and has_screen and driver == "dummy"
    loop = _loops(request, window)
    if loop and driver == "file" and request.duration_s is None:
        raise UsageError("--loop with --driver file would never end; add --duration SECONDS.")
    output = unused_name(Path(request.output or DEFAULT_OUTPUT), exists)
    what = request.input or "the bundled recording"
    pace = "in real time" if driver == "dummy" else "as fast as it goes"
    sentence = f"{why}: {what} goes through the model {pace}, and the result to {output}."
    source = request.input or str(recording())
    return Plan(driver, source, str(output), loop, window, sentence)


def _loops(request: PlayRequest, window: bool) -> bool:
    """A recording ends the session, unless somebody watches or it should last."""
    return (window or request.duration_s is not None) if request.loop is None else request.loop


def looks_like_file(end: str) -> bool:
    """Whether --input or --output names a sound file rather than a device."""
    path = Path(end)
    by_path = end.startswith(("./", "../", "/", "~"))
    return by_path or path.suffix.lower() in SOUND_SUFFIXES or os.path.isfile(path)


def unused_name(path: Path, exists: Callable[[Path], bool] = os.path.exists) -> Path:
    """Return `path`, or where that is taken the first free one of NAME-2, NAME-3, ..."""
    free, number = path, 1
    while exists(free):
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
