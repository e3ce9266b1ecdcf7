"""File in, file out, as fast as the machine can: the callback runs as it does live.

Every block has the same number of frames; the last one is padded with silence, so the block path
sees no size that a device would not bring. The output starts without a fade, because nobody sits
in front of a loudspeaker, and takes its name only when it is complete.
"""

import numpy as np

from rtvae.errors import UsageError
from rtvae.io.audio_file import AudioWriter
from rtvae.io.drivers import (
    DEFAULT_BLOCK_SIZE,
    UNPACED,
    Callback,
    Opened,
    Request,
    Stop,
    fit_channels,
)
from rtvae.io.source import open_source, require_end
from rtvae.spec import StreamSpec


class FileDriver:
    """Plays `request.input` (a file) into `request.output` (a file), frame for frame.

    Without an input there is silence for `duration_s`. The output has as many frames as the
    input and is what the callback returned, so it lags by the path's latency unless `advance`
    takes that off.
    """

    muted_start = False
    paced = False

    def __init__(self) -> None:
        self._writer: AudioWriter | None = None
        self._advance_frames = 0
        self.frames = 0

    def open(self, request: Request) -> Opened:
        """Read the input and start the output. Raises AudioFileError, DeviceError, UsageError."""
        if request.output is None:
            raise UsageError("The file driver writes a file; name it as the output.")
        self._source, input_channels, name = open_source(request)
        self.frames = require_end(self._source)
        self._block_size = request.block_size or DEFAULT_BLOCK_SIZE
        wanted = request.output_channels or (1,)
        outputs = max(wanted)
        output_channels = fit_channels(wanted, outputs, "output", request.output)
        self._writer = AudioWriter(request.output, request.sample_rate_hz, outputs)
        self._outputs = outputs
        return Opened(
            stream=StreamSpec(
                request.sample_rate_hz, self._block_size, self._source.channels, outputs
            ),
            device=f"file {name} to {request.output}",
            input_channels=input_channels,
            output_channels=output_channels,
        )

    def advance(self, latency_frames: int) -> None:
        """Take the path's latency off: the output then lines up with the input, to its end."""
        self._advance_frames = latency_frames

    def run(self, callback: Callback, stop: Stop) -> None:
        """Play the whole input; a stop keeps what has been played. Raises AudioFileError."""
        if self._writer is None:
            return
        heard = np.empty((self._block_size, self._source.channels), np.float32)
        played = np.empty((self._block_size, self._outputs), np.float32)
        end = self.frames + self._advance_frames
        at = 0
        try:
            while at < end and not stop():
                self._source.fill(heard)
                callback(heard, played, UNPACED)
                first = max(0, self._advance_frames - at)
                self._writer.write(played[first : end - at])
                at += self._block_size
        except BaseException:
            self._writer.discard()
            raise
        self._writer.finish()

    def close(self) -> None:
        """Remove an output that was not completed."""
        if self._writer is not None:
            self._writer.discard()
