"""The built-in clocked device: a recording instead of a microphone, a file instead of a speaker.

Paced by a clock as a sound card is, so that everything live can be heard, seen and measured on a
machine without one. Like a sound card it drops what comes too late: a machine that falls more
than two blocks behind gets an underflow flag and a fresh start of the clock, not a burst.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from rtvae.io.audio_file import AudioWriter
from rtvae.io.clocks import Clock, MonotonicClock
from rtvae.io.drivers import (
    DEFAULT_BLOCK_SIZE,
    INPUT_OVERFLOW,
    OUTPUT_UNDERFLOW,
    Callback,
    Opened,
    Request,
    Stop,
    fit_channels,
)
from rtvae.io.source import open_source
from rtvae.io.tape import Tape
from rtvae.spec import StreamSpec

_SLACK_BLOCKS = 2


class DummyClockDriver:
    """Plays `request.input` (a file; None is silence) in real time.

    The output goes to `request.output` (a file; None is nowhere) by a thread of its own and grows
    in place, so that a WAV or W64 can be read even after the program was killed.
    `on_audio_thread` is called once before the first block.
    """

    muted_start = True
    paced = True

    def __init__(
        self, on_audio_thread: Callable[[], None] = lambda: None, clock: Clock | None = None
    ) -> None:
        self._begin = on_audio_thread
        self._clock = clock or MonotonicClock()
        self._tape: Tape | None = None

    def open(self, request: Request) -> Opened:
        """Read the input and start the output. Raises AudioFileError, DeviceError.

        The calling thread is the audio thread: it must be the one that calls `run`.
        """
        self._source, input_channels, name = open_source(request)
        rate_hz = request.sample_rate_hz
        block_size = request.block_size or DEFAULT_BLOCK_SIZE
        wanted = request.output_channels or (1,)
        outputs = max(wanted)
        output_channels = fit_channels(wanted, outputs, "output", "The built-in device")
        self._stream = StreamSpec(rate_hz, block_size, self._source.channels, outputs)
        if request.output is not None:
            writer = AudioWriter(request.output, rate_hz, outputs, in_place=True)
            self._tape = Tape(writer, outputs, rate_hz)
        target = Path(request.output).name if request.output else "nowhere"
        self._begin()
        return Opened(
            stream=self._stream,
            device=f"built-in clocked device ({Path(name).name} to {target})",
            input_channels=input_channels,
            output_channels=output_channels,
        )

    def run(self, callback: Callback, stop: Stop) -> None:
        """Deliver a block each period. Raises AudioFileError if the output could not be kept."""
        size, length = self._stream.block_size, self._source.length_frames
        heard = np.empty((size, self._stream.input_channels), np.float32)
        played = np.empty((size, self._stream.output_channels), np.float32)
        period_s = size / self._stream.sample_rate_hz
        due_s = self._clock.now()
        at = 0
        while (length is None or at < length) and not stop():
            flags = 0
            if self._clock.now() - due_s > _SLACK_BLOCKS * period_s:
                flags = INPUT_OVERFLOW | OUTPUT_UNDERFLOW
                due_s = self._clock.now()
            self._source.fill(heard)
            callback(heard, played, flags)
            if self._tape is not None:
                self._tape.push(played if length is None else played[: length - at])
            at += size
            due_s += period_s
            self._clock.sleep_until(due_s)
        self.close()
        if self._tape is not None and self._tape.error is not None:
            raise self._tape.error

    def close(self) -> None:
        """Complete the output file."""
        if self._tape is not None:
            self._tape.close()
