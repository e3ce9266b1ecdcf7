"""Channels: from the device's to the one that the model hears, and from its sound to theirs."""

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]


class Channels:
    """The mean of `inputs` is heard, and each of `outputs` sounds; both count from 0."""

    def __init__(self, inputs: tuple[int, ...], outputs: tuple[int, ...]) -> None:
        self._inputs, self._outputs = inputs, outputs
        self._output_count = len(set(outputs))

    def gather(self, inp: Audio, heard: Audio) -> None:
        """Fill `heard`, float32 `(frames,)`, from `inp`, `(frames, channels)`. Real-time safe."""
        heard[:] = inp[:, self._inputs[0]]
        if len(self._inputs) > 1:
            for channel in self._inputs[1:]:
                heard += inp[:, channel]
            heard /= len(self._inputs)

    def hand_out(self, wet: Audio, out: Audio) -> None:
        """Fill `out`, `(frames, channels)`, with `wet`, float32 `(frames,)`. Real-time safe."""
        if out.shape[1] == self._output_count:
            out[:] = wet[:, None]
            return
        out.fill(0.0)
        for channel in self._outputs:
            out[:, channel] = wet
