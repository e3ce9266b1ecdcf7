"""Mute: a raised-cosine ramp to silence and back, muted at the start unless told otherwise."""

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]

RAMP_MS = 15.0


class Mute:
    """Mute ramp for one mono stream; once open it passes audio bit for bit."""

    def __init__(self, max_block: int, sample_rate_hz: int, *, muted: bool = True) -> None:
        self._ramp_frames = max(1, round(RAMP_MS * 1e-3 * sample_rate_hz))
        self._index = np.arange(1, max_block + 1, dtype=np.float32)
        self._scratch = np.empty(max_block, np.float32)
        self._open_frames = 0 if muted else self._ramp_frames

    @property
    def silent(self) -> bool:
        """Whether the ramp has arrived at silence."""
        return self._open_frames == 0

    def shut(self) -> None:
        """Be silent at once: what played before is over, and sound ramps in anew. Real-time."""
        self._open_frames = 0

    @property
    def open(self) -> bool:
        """Whether the ramp has arrived at full level."""
        return self._open_frames == self._ramp_frames

    def process(self, audio: Audio, muted: bool) -> None:
        """Move towards silence or sound and apply the gain to `audio`, float32 `(frames,)`.

        A change of mind half way turns round where it is. Real-time: no allocation that stays.
        """
        direction = -1 if muted else 1
        ahead = self._open_frames if muted else self._ramp_frames - self._open_frames
        moving = min(ahead, audio.shape[0])
        if moving:
            gain = self._scratch[:moving]
            np.multiply(self._index[:moving], direction, out=gain)
            gain += self._open_frames
            gain *= np.pi / self._ramp_frames
            np.cos(gain, out=gain)
            gain *= -0.5
            gain += 0.5
            audio[:moving] *= gain
            self._open_frames += direction * moving
        if muted:
            audio[moving:] = 0.0
