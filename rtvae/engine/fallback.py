"""Fallback: how much of the model may be heard after it failed.

A failed hop takes the sound to the dry path; after 0.1 s without another the model comes back.
Three failures within 10 s are enough: the dry path stays until the model is reloaded or the
player panics. A model may also be left out because the machine cannot afford it; let in again, it
runs unheard for the same 0.1 s.
"""

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.smoothing import Ramp

Audio = NDArray[np.float32]

RAMP_MS = 10.0
REST_MS = 100.0
WINDOW_MS = 10_000.0
FAILURES = 3


class Fallback:
    """Crossfades the wet path to the dry one and back. Time is counted in frames of the stream."""

    def __init__(self, sample_rate_hz: int, max_block: int) -> None:
        def frames(milliseconds: float) -> int:
            return max(1, round(milliseconds * 1e-3 * sample_rate_hz))

        self._ramp_frames = frames(RAMP_MS)
        self._rest_frames = frames(REST_MS)
        self._window_frames = frames(WINDOW_MS)
        self._wetness = Ramp(1.0, self._ramp_frames, max_block)
        self._now = 0
        self._failed_at = [-self._window_frames] * FAILURES
        self._newest = 0
        self._resting = 0
        self.latched = False
        self.left_out = False

    @property
    def dry(self) -> bool:
        """Whether the model is, or is about to be, out of the sound."""
        return self.latched or self.left_out or self._resting > 0

    @property
    def silenced(self) -> bool:
        """Whether the model is left out and no longer heard, so that it need not run."""
        return (self.latched or self.left_out) and self._wetness.settled

    @property
    def at_rest(self) -> bool:
        """Whether the model is all that is heard, with no reason against it."""
        return not self.dry and self._wetness.settled and self._wetness.value == 1.0

    def pass_by(self, frames: int) -> None:
        """So many frames went well while `at_rest`. Real-time safe."""
        self._now += frames

    def fail(self) -> None:
        """One call of the model failed. Real-time safe."""
        self._newest = (self._newest + 1) % FAILURES
        self._failed_at[self._newest] = self._now
        self._resting = self._rest_frames
        first = self._failed_at[(self._newest + 1) % FAILURES]
        if self._now - first < self._window_frames:
            self.latched = True

    def rest(self) -> None:
        """The model came too late: bridge that with the dry path, and do not hold it against it.

        Real-time safe.
        """
        self._resting = self._rest_frames

    def forgive(self) -> None:
        """Give the model another chance. Real-time safe."""
        self.latched = False
        for k in range(FAILURES):
            self._failed_at[k] = self._now - self._window_frames

    def process(self, wet: Audio, dry: Audio) -> None:
        """Crossfade `wet` in place, both float32 `(frames,)`.

        Real-time: no allocation that stays; leaves a healthy model's sound bit for bit alone.
        """
        frames = wet.shape[0]
        target = 0.0 if self.dry else 1.0
        self._now += frames
        self._resting = self._rest_frames if self.left_out else max(0, self._resting - frames)
        gain = self._wetness.advance(target, frames)
        if gain is not None:
            wet -= dry
            wet *= gain
            wet += dry
        elif self._wetness.value == 0.0:
            wet[:] = dry
