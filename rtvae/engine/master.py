"""The master settings: the level into the voice, the mix of wet and dry, the level after it.

Each glides in 10 ms. While two voices with settings of their own cross, the going one keeps what it
had, the coming one has what is set now, and neither is ever heard with the other's.
"""

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import index_of
from rtvae.dsp.smoothing import Ramp

Audio = NDArray[np.float32]

RAMP_MS = 10.0

_MIX = index_of("mix")
_INPUT_GAIN = index_of("input_gain_db")
_OUTPUT_GAIN = index_of("output_gain_db")


class Master:
    """The master settings of one stream, starting from the control block's `values`."""

    def __init__(self, values: Audio, sample_rate_hz: int, max_block: int) -> None:
        frames = round(RAMP_MS * 1e-3 * sample_rate_hz)
        self._input, self._mix, self._output, self._new_mix, self._new_output = (
            Ramp(1.0, frames, max_block) for _ in range(5)
        )
        self._apart = False
        self._joined_input = 1.0
        self.take(values)
        self.land()

    def take(self, values: Audio) -> None:
        """Glide to the control block's `values` from here on. Real-time safe."""
        self._mix_target = float(values[_MIX])
        self._input_target = _gain(values[_INPUT_GAIN])
        self._output_target = _gain(values[_OUTPUT_GAIN])
        self._neutral = False

    def land(self) -> None:
        """Be where the settings are, without a glide. Real-time safe."""
        self._mix.land(self._mix_target)
        self._input.land(self._input_target)
        self._output.land(self._output_target)

    @property
    def input_gain(self) -> float | None:
        """By how much `hear` multiplies its input; None while that glides."""
        value = self._input.value
        resting = self._input.settled and not self._apart and value == self._input_target
        return value if resting else None

    @property
    def neutral(self) -> bool:
        """Whether it leaves the sound as it is until a parameter changes."""
        return self._neutral

    def hear(self, heard: Audio) -> None:
        """Bring the input, float32 `(frames,)`, to its level in place. Real-time safe."""
        if self._apart:
            self._input.apply(heard, self._input.value)
        elif not self._neutral:
            self._input.apply(heard, self._input_target)

    def finish(self, wet: Audio, dry: Audio) -> None:
        """Mix `dry` into `wet`, both float32 `(frames,)`, and bring it to its level, in place.

        Real-time: no allocation that stays.
        """
        if self._neutral:
            return
        share = self._mix.advance(self._mix_target, wet.shape[0])
        resting = self._mix.value if share is None else share
        if share is not None or resting != 1.0:
            wet -= dry
            wet *= resting
            wet += dry
        self._output.apply(wet, self._output_target)
        self._neutral = self._is_neutral()

    def depart(self) -> None:
        """From here on the going voice keeps the settings that it has. Real-time safe."""
        self._apart = True
        for ramp in (self._input, self._mix, self._output):
            ramp.land(ramp.value)

    @property
    def lead(self) -> float:
        """How much louder than the going voice the coming one hears the input."""
        return self._input_target / self._input.value

    def arrive(self) -> None:
        """The coming voice has the settings that were taken last. Real-time safe."""
        self._new_mix.land(self._mix_target)
        self._new_output.land(self._output_target)
        self._joined_input = self._input_target

    def join(self) -> None:
        """The coming voice is alone now. Real-time safe."""
        self._apart = False
        self._neutral = False
        self._input.land(self._joined_input)
        self._mix.land(self._new_mix.value)
        self._output.land(self._new_output.value)

    def part_old(self, wet: Audio, dry: Audio) -> None:
        """Bring the going voice's wet and dry to their shares in place: their sum is heard.

        Real-time: no allocation that stays.
        """
        wet *= self._mix.value * self._output.value
        dry *= (1.0 - self._mix.value) * self._output.value

    def part_new(self, wet: Audio, dry: Audio) -> None:
        """As `part_old` for the coming voice. Real-time: no allocation that stays."""
        mixes = self._new_mix.advance(self._mix_target, wet.shape[0])
        gains = self._new_output.advance(self._output_target, wet.shape[0])
        mix = self._new_mix.value if mixes is None else mixes
        gain = self._new_output.value if gains is None else gains
        wet *= mix * gain
        dry *= (1.0 - mix) * gain

    def _is_neutral(self) -> bool:
        """Whether gains and mix leave the sound as it is until a parameter changes."""
        ramps = (self._input, self._mix, self._output)
        targets = (self._input_target, self._mix_target, self._output_target)
        return targets == (1.0, 1.0, 1.0) and all(r.settled and r.value == 1.0 for r in ramps)


def _gain(decibels: float) -> float:
    return float(10.0 ** (float(decibels) / 20.0))
