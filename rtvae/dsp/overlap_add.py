"""Overlap-add: a processor of fixed windows played as a stream, one hop at a time.

Each hop, the newest `window` frames are processed, weighted, and added to what earlier windows
left; the oldest hop is then complete. The weights are a Hann curve divided by the sum of all its
shifts by whole hops, so that they add up to one exactly, whatever the hop:

    w[k] = h[k] / sum over j of h[k + j*hop],    h[k] = sin^2(pi (k + 1/2) / window)

An exact processor therefore gives its input back, `window - hop` frames late.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]


def constant_sum_weights(window: int, hop: int) -> Audio:
    """Return the weights, float32 `(window,)`; all shifts by `hop` frames together give 1."""
    hann = np.sin(np.pi * (np.arange(window) + 0.5) / window) ** 2
    phase = np.arange(window) % hop
    return (hann / np.bincount(phase, hann)[phase]).astype(np.float32)


class OverlapAdd:
    """Streams audio through `transform`, which fills its second argument from its first.

    Both arguments are float32 `(window,)`, the same two arrays each time. `window` and `hop` are
    in frames, 1 <= hop <= window; a hop of one window means no overlap.
    """

    def __init__(self, window: int, hop: int, transform: Callable[[Audio, Audio], None]) -> None:
        self.hop_frames = hop
        self.delay_frames = window - hop
        self._weights = constant_sum_weights(window, hop)
        self._transform = transform
        self._heard = np.zeros(window, np.float32)
        self._made = np.zeros(window, np.float32)
        self._sum = np.zeros(window, np.float32)
        self._aside = np.zeros(window, np.float32)

    def reset(self) -> None:
        """Forget everything heard and everything not yet complete."""
        self._heard.fill(0.0)
        self._sum.fill(0.0)

    def process(self, inp: Audio, out: Audio) -> None:
        """Take one hop and give one, float32 `(hop,)` each, `delay_frames` late.

        Real-time: no allocation that stays, apart from what `transform` does.
        """
        hop = self.hop_frames
        _shift(self._heard, hop, self._aside)
        self._heard[-hop:] = inp
        self._transform(self._heard, self._made)
        self._made *= self._weights
        self._sum += self._made
        out[:] = self._sum[:hop]
        _shift(self._sum, hop, self._aside)
        self._sum[-hop:] = 0.0


def _shift(array: Audio, frames: int, aside: Audio) -> None:
    # By way of a second buffer: NumPy would allocate one where source and target overlap.
    kept = array.shape[0] - frames
    aside[:kept] = array[frames:]
    array[:kept] = aside[:kept]
