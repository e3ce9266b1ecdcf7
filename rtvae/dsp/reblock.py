"""Reblock: any host block size in, whole hops for the model, the least constant latency out.

After N frames the model has seen `N // hop` whole hops, so `N % hop` frames are still waiting.
The output must therefore lag by the largest `N % hop` that ever occurs: with a fixed block size
that is `hop - gcd(block_size, hop)`, with unknown sizes `hop - 1`.
"""

from collections.abc import Callable
from math import gcd

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]
Run = Callable[[Audio, Audio], None]


def least_latency_frames(hop: int, block_size: int) -> int:
    """Return the least constant latency of blocks of `block_size` frames (0: any size may come)."""
    return hop - 1 if block_size == 0 else hop - gcd(block_size, hop)


class Reblock:
    """Collects frames into hops and hands finished frames out, delayed by `latency_frames`.

    hop         frames in one hop of the model
    block_size  the usual number of frames in a block; 0 where any number may come
    max_block   the most frames one call of `process` will ever bring

    Blocks of another size than declared are played as well. Where one would find too few
    finished frames, the latency grows to `hop - 1`, which serves every size: the difference is
    inserted as silence before that block's sound, once, and `growths` counts it. Making that
    jump inaudible is the caller's business.
    """

    def __init__(self, hop: int, block_size: int, max_block: int) -> None:
        self.hop_frames = hop
        self._declared_latency = least_latency_frames(hop, block_size)
        # The first hop - 1 places of the output are kept free for the silence of a late growth.
        self._front = hop - 1
        self._input = np.zeros(max_block + hop, np.float32)
        self._output = np.zeros(max_block + 4 * hop, np.float32)
        self.growths = 0
        self.reset()

    def reset(self) -> None:
        """Forget all frames under way and return to the latency of the declared block size."""
        self.latency_frames = self._declared_latency
        self._waiting = 0
        self._first = self._front
        self._ready = self.latency_frames
        self._output.fill(0.0)

    def passes(self, frames: int) -> bool:
        """Whether a block of so many frames goes straight to the model and out again."""
        return self._waiting == 0 and self._ready == 0 and frames % self.hop_frames == 0

    def process(self, inp: Audio, out: Audio, run: Run) -> None:
        """Play one block: take `inp` and fill `out`, both float32 `(frames,)`, contiguous.

        `run(hops_in, hops_out)`, both float32 `(n * hop,)`, contiguous, is called once if the
        block completes n >= 1 hops and not at all otherwise; it must fill `hops_out`, and may
        not keep either array. `frames` is at most `max_block`; `inp` and `out` may not overlap.

        Real-time: no allocation that stays, no lock; at most three copies of the block, none
        where the latency is 0 and the block is a multiple of the hop.
        """
        frames = inp.shape[0]
        whole = (self._waiting + frames) // self.hop_frames * self.hop_frames
        if self.passes(frames):
            if frames:
                run(inp, out)
            return
        self._input[self._waiting : self._waiting + frames] = inp
        self._waiting += frames
        if whole:
            self._move_to_front()
            end = self._first + self._ready
            run(self._input[:whole], self._output[end : end + whole])
            self._ready += whole
            self._waiting -= whole
            self._input[: self._waiting] = self._input[whole : whole + self._waiting]
        if self._ready < frames:
            self._grow()
        out[:] = self._output[self._first : self._first + frames]
        self._first += frames
        self._ready -= frames

    def _move_to_front(self) -> None:
        # Only where source and target do not overlap (NumPy would copy aside); the output has
        # room for what may have to stay.
        front = self._front
        if self._first - front >= self._ready:
            self._output[front : front + self._ready] = self._output[
                self._first : self._first + self._ready
            ]
            self._first = front

    def _grow(self) -> None:
        silence = self.hop_frames - 1 - self.latency_frames
        self._output[self._first - silence : self._first] = 0.0
        self._first -= silence
        self._ready += silence
        self.latency_frames += silence
        self.growths += 1
