"""Delay line: the dry path, held back by exactly as many frames as the wet path lags.

The delay is an argument of each read, so that a change of latency can be crossfaded by reading
the same line twice.
"""

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.address import address_of

Audio = NDArray[np.float32]


class DelayLine:
    """A ring of the newest `max_delay_frames + max_block` frames; silence before the first.

    It has `frames` places, lies at the address `place`, and the next frame goes to `at`.
    """

    def __init__(self, max_delay_frames: int, max_block: int) -> None:
        self.max_delay_frames = max_delay_frames
        self._ring = np.zeros(max_delay_frames + max_block, np.float32)
        self.frames, self.place = self._ring.shape[0], address_of(self._ring)
        self.at = 0

    def reset(self) -> None:
        """Forget everything written."""
        self._ring.fill(0.0)
        self.at = 0

    def skip(self, frames: int) -> None:
        """The caller has put so many frames into the ring itself. Real-time safe."""
        self.at = (self.at + frames) % self.frames

    def write(self, audio: Audio) -> None:
        """Append one block, float32 `(frames,)`, frames <= max_block.

        Real-time: one copy, no allocation that stays.
        """
        frames = audio.shape[0]
        at = self.at
        first = min(frames, self._ring.shape[0] - at)
        if first == frames:
            self._ring[at : at + frames] = audio
        else:
            self._ring[at:] = audio[:first]
            self._ring[: frames - first] = audio[first:]
        self.skip(frames)

    def read(self, out: Audio, delay_frames: int) -> None:
        """Fill `out`, float32 `(frames,)`, with the newest frames as they were a delay ago.

        `out` ends `delay_frames` (0..max_delay_frames) before the last frame written.
        Real-time: one copy, no allocation that stays.
        """
        frames = out.shape[0]
        length = self._ring.shape[0]
        at = (self.at - delay_frames - frames) % length
        first = min(frames, length - at)
        if first == frames:
            out[:] = self._ring[at : at + frames]
        else:
            out[:first] = self._ring[at:]
            out[first:] = self._ring[: frames - first]

    def process(self, inp: Audio, out: Audio, delay_frames: int) -> None:
        """Write `inp`, then fill `out` of the same length with what was heard a delay ago."""
        self.write(inp)
        self.read(out, delay_frames)
