"""Smoothing: a setting that jumps becomes a gain that glides.

A change is spread evenly over a fixed number of frames, counted per sample: the result does not
depend on the block size.
"""

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]


class Ramp:
    """One value gliding linearly to its newest target in `ramp_frames` frames."""

    def __init__(self, value: float, ramp_frames: int, max_block: int) -> None:
        self.value = value
        self._target = value
        self._step = 0.0
        self._left = 0
        self._ramp_frames = max(1, ramp_frames)
        self._index = np.arange(1, max_block + 1, dtype=np.float32)
        self._gain = np.empty(max_block, np.float32)

    @property
    def settled(self) -> bool:
        """Whether the value has reached its target."""
        return self._left == 0

    def land(self, value: float) -> None:
        """Rest at `value` at once. Real-time safe."""
        self.value = self._target = value
        self._left = 0

    def advance(self, target: float, frames: int) -> Audio | None:
        """Glide `frames` frames (<= max_block) towards `target`.

        Returns the value at each frame, float32 `(frames,)`, valid until the next call, or None
        where the value rests at `self.value` throughout.
        Real-time: no allocation that stays.
        """
        if target != self._target:
            self._target = target
            self._left = self._ramp_frames
            self._step = (target - self.value) / self._ramp_frames
        if self._left == 0:
            return None
        moving = min(frames, self._left)
        gain = self._gain[:frames]
        np.multiply(self._index[:moving], self._step, out=gain[:moving])
        gain[:moving] += self.value
        gain[moving:] = target
        self._left -= moving
        self.value = target if self._left == 0 else self.value + moving * self._step
        return gain

    def apply(self, audio: Audio, target: float) -> None:
        """Multiply `audio`, float32 `(frames,)`, in place; at rest at 1 it is left as it is.

        Real-time: no allocation that stays.
        """
        gain = self.advance(target, audio.shape[0])
        if gain is not None:
            audio *= gain
        elif self.value != 1.0:
            audio *= self.value
