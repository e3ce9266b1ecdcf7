"""A recording made beside the audio thread: frames go into memory, another thread writes them.

The audio thread never waits: when the disk cannot keep up for as long as the memory lasts, frames
are lost and counted; when it is full, the recording ends and the sound goes on.
"""

import threading

import numpy as np

from rtvae.errors import AudioFileError
from rtvae.io.audio_file import AudioWriter
from rtvae.io.drivers import Audio
from rtvae.io.to_disk import ToDisk

_POLL_S = 0.05


class Tape:
    """Writes everything given to `push` into `writer`; `seconds` of memory between the two.

    One thread pushes, one thread of the tape's own writes. `error` is what ended the writing.
    """

    def __init__(
        self, writer: AudioWriter, channels: int, sample_rate_hz: int, seconds: float = 10.0
    ) -> None:
        self.lost_frames = 0
        self.error: AudioFileError | None = None
        self._writer = writer
        self._ring = np.zeros((round(seconds * sample_rate_hz), channels), np.float32)
        self._pushed = 0
        self._written = 0
        self._to_disk = ToDisk(writer.path)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._write_on, name="tape", daemon=True)
        self._thread.start()

    def push(self, audio: Audio) -> None:
        """Append float32 `(frames, channels)`. Real-time: one or two copies, never waits."""
        length, frames = self._ring.shape[0], audio.shape[0]
        if self._pushed + frames - self._written > length:
            self.lost_frames += frames
            return
        at = self._pushed % length
        first = min(frames, length - at)
        self._ring[at : at + first] = audio[:first]
        self._ring[: frames - first] = audio[first:]
        self._pushed += frames

    def close(self) -> None:
        """Write what is left and complete the file."""
        self._ending.set()
        self._thread.join()
        self._to_disk.close()

    def _write_on(self) -> None:
        try:
            while not self._ending.wait(_POLL_S):
                self._write_new()
            self._write_new()
            self._writer.finish()
        except AudioFileError as error:
            self.error = error
            self._writer.discard()

    def _write_new(self) -> None:
        length, end = self._ring.shape[0], self._pushed
        if end == self._written:
            return
        while self._written < end:
            at = self._written % length
            take = min(end - self._written, length - at)
            self._writer.write(self._ring[at : at + take])
            self._written += take
