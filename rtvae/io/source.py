"""Sound from memory, block by block: a recording once or looped, or silence.

What every driver without a microphone plays into the callback.
"""

import os

import numpy as np

from rtvae.errors import UsageError
from rtvae.io.audio_file import read_audio
from rtvae.io.drivers import Audio, Request, fit_channels


class Source:
    """Hands out consecutive blocks of `audio`, float32 `(frames, channels)`.

    `length_frames` is how many frames there are: None is endless. Past the end comes silence.
    """

    def __init__(self, audio: Audio, *, loop: bool, length_frames: int | None) -> None:
        self.channels = audio.shape[1]
        self.length_frames = length_frames
        self._audio = audio
        self._loop = loop
        self._at = 0

    def fill(self, block: Audio) -> None:
        """Fill the whole block, float32 `(frames, channels)`. Real-time: copies only."""
        done, frames = 0, block.shape[0]
        whole = self._audio.shape[0]
        while done < frames:
            if self._at == whole and self._loop:
                self._at = 0
            take = min(frames - done, whole - self._at)
            if take == 0:
                block[done:] = 0.0
                return
            block[done : done + take] = self._audio[self._at : self._at + take]
            self._at += take
            done += take


def open_source(request: Request) -> tuple[Source, tuple[int, ...], str]:
    """Return the source that a request names, the channels to hear (from 0), and its name.

    No input is silence. Without named channels all channels of a file are heard, as their mean.
    Raises AudioFileError, DeviceError.
    """
    rate_hz = request.sample_rate_hz
    limit = None if request.duration_s is None else max(1, round(request.duration_s * rate_hz))
    if request.input is None:
        silence = np.zeros((rate_hz, 1), np.float32)
        return Source(silence, loop=True, length_frames=limit), (0,), "silence"
    audio = read_audio(request.input, rate_hz)
    everything = tuple(range(1, audio.shape[1] + 1))
    channels = fit_channels(
        request.input_channels or everything, audio.shape[1], "input", request.input
    )
    length = limit if request.loop else min(audio.shape[0], limit or audio.shape[0])
    return Source(audio, loop=request.loop, length_frames=length), channels, request.input


def is_sound_file(name: str | None) -> bool:
    """Whether an input names an existing file rather than a device."""
    return name is not None and os.path.isfile(name)


def require_end(source: Source) -> int:
    """Return the source's length in frames. Raises UsageError if it has no end."""
    if source.length_frames is None:
        raise UsageError(
            "A file cannot take a sound without an end; give a duration, "
            "or an input file that is not looped."
        )
    return source.length_frames
