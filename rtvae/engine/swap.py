"""Swap: from the voice that plays to one that was prepared, without a click or a pause.

If both models fit into one block period, the new one runs along unheard until its latency has
passed and then takes over by an equal-power crossfade. If not, the old one fades out, the new one
starts, and fades in after its latency: never two at a time. The dry path crossfades at constant
gain either way, so that it does not dip.

Where the new voice has settings of its own the two are apart: the old one keeps the settings it
had until it is gone, the level into the model, the mix and the level after it among them.

        overlapping                          one at a time
    old ------\\                          old --\\
    new ..../------                       new    ..../------
"""

import math

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import PARAMETER_COUNT
from rtvae.engine.blend import Playable
from rtvae.engine.master import Master
from rtvae.link.control_block import Scene

Audio = NDArray[np.float32]

FADE_MS = 20.0

_HELD = -1  # the serial of values that stay; those of the control block count up from 0


class Swap:
    """One change from `old` to `new`. Made off the audio thread, then played there.

    `scene` are the values that come with `new`.

    Frames are counted from the swap's first one: `new` hears from `heard_from` on (None: not
    yet), and once `done`, from `whole_from` on nothing else is heard.
    """

    def __init__(
        self,
        old: Playable,
        new: Playable,
        *,
        overlap: bool,
        sample_rate_hz: int,
        max_block: int,
        scene: Scene | None = None,
    ) -> None:
        self.old, self.new = old, new
        self.scene = scene
        self.apart = scene is not None
        self.lead = 1.0
        self.done = False
        self.heard_from: int | None = None
        self.whole_from = 0
        self._fade_frames = round(FADE_MS * 1e-3 * sample_rate_hz)
        phase = np.arange(self._fade_frames + 1) / self._fade_frames
        self._rising = np.sin(0.5 * math.pi * phase).astype(np.float32)
        self._falling = self._rising[::-1].copy()
        self._index = np.arange(max_block, dtype=np.intp)
        self._place = np.empty(max_block, np.intp)
        self._gain = np.empty(max_block, np.float32)
        self._new_wet = np.empty(max_block, np.float32)
        self._new_dry = np.empty(max_block, np.float32)
        self._new_heard = np.empty(max_block, np.float32)
        self._old_values = np.empty(PARAMETER_COUNT, np.float32)
        self._position = 0
        self._fall_from = new.latency_frames if overlap else 0
        self._rise_from = self._fall_from if overlap else None
        self.overlap = overlap

    def hold(self, values: Audio) -> None:
        """Let the old voice stay with the settings in `values`. Real-time: one copy."""
        self._old_values[:] = values

    def take_apart(self, lead: float) -> None:
        """Give the new voice settings of its own, and `lead` times the sound that is heard."""
        self.apart, self.lead = True, lead

    def process(
        self,
        heard: Audio,
        wet: Audio,
        dry: Audio,
        values: Audio,
        master: Master,
        serial: int | None = None,
    ) -> None:
        """Play one block of both voices into `wet` and `dry`, all float32 `(frames,)`.

        `serial` is a number that changes with the values (None: look at all of them).
        Where they are apart, `master` does to each what it would to the sum of both.
        Real-time: no allocation that stays; runs one model, or two where they overlap.
        """
        frames = heard.shape[0]
        new_wet, new_dry = self._new_wet[:frames], self._new_dry[:frames]
        old_heard = self._position < self._fall_from + self._fade_frames
        new_heard = heard
        if self.apart:
            new_heard = self._new_heard[:frames]
            np.multiply(heard, np.float32(self.lead), out=new_heard)
        if old_heard:
            if self.apart:
                self.old.process(heard, wet, dry, self._old_values, _HELD)
            else:
                self.old.process(heard, wet, dry, values, serial)
        else:
            self.old.listen(heard, wet, dry)
        if self.overlap or not old_heard:
            if self.heard_from is None:
                self.heard_from = self._position
                # Knobs may have moved since it was prepared; it has not been heard yet.
                self.new.land(values)
            self.new.process(new_heard, new_wet, new_dry, values, serial)
            if self._rise_from is None:
                self._rise_from = self._position + self.new.latency_frames
        else:
            self.new.listen(new_heard, new_wet, new_dry)
        if self.apart:
            master.part_old(wet, dry)
            master.part_new(new_wet, new_dry)
        self._mix(wet, dry, new_wet, new_dry)
        self._position += frames
        self.done = (
            self._rise_from is not None and self._position >= self._rise_from + self._fade_frames
        )
        self.whole_from = self._position

    def _mix(self, wet: Audio, dry: Audio, new_wet: Audio, new_dry: Audio) -> None:
        wet *= self._gains(self._falling, self._fall_from, wet.shape[0])
        if self._rise_from is None:
            return
        rise = self._gains(self._rising, self._rise_from, wet.shape[0])
        new_wet *= rise
        wet += new_wet
        rise *= rise
        new_dry -= dry
        new_dry *= rise
        dry += new_dry

    def _gains(self, curve: Audio, start: int, frames: int) -> Audio:
        place, gain = self._place[:frames], self._gain[:frames]
        np.add(self._index[:frames], self._position - start, out=place)
        # "clip" holds the curve's first value before it begins and its last after it ends.
        return np.take(curve, place, out=gain, mode="clip")
