"""The probe: stands between a device and the engine's callback and keeps what passes.

    device in -> kept as `heard`
    bursts    -> kept as `sent`  -> engine -> kept as `played` -> device out

The engine does not hear the device, so that nothing goes round twice. The bursts come at even
distances; every second one is played with the mix at dry.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rtvae.io.drivers import INPUT_OVERFLOW, OUTPUT_UNDERFLOW, Callback
from rtvae.latency.correlation import BURST_FRAMES, burst

Audio = NDArray[np.float32]


class Probe:
    """Plays `bursts` bursts, `spacing` frames apart, through `callback`; a callback itself.

    `on_burst(k)` is called in the block before burst k begins, `lost()` after each block: whether
    the engine lost sound in it. Channels count from 0.
    """

    def __init__(
        self,
        callback: Callback,
        *,
        bursts: int,
        spacing: int,
        input_channel: int,
        output_channel: int,
        on_burst: Callable[[int], None] = lambda number: None,
        lost: Callable[[], bool] = lambda: False,
    ) -> None:
        frames = bursts * spacing
        self.frames = 0
        self.bursts, self.spacing = bursts, spacing
        self.sent = np.zeros(frames, np.float32)
        for start in self.starts:
            self.sent[start : start + BURST_FRAMES] = burst()
        self.played = np.zeros(frames, np.float32)
        self.heard = np.zeros(frames, np.float32)
        self._lost_at: list[int] = []
        self._longest_block = 0
        self._callback, self._on_burst, self._lost = callback, on_burst, lost
        self._input, self._output = input_channel, output_channel
        self._next = 0

    @property
    def starts(self) -> range:
        """The first frame of each burst."""
        return range(self.spacing // 2, self.bursts * self.spacing, self.spacing)

    @property
    def done(self) -> bool:
        """Whether everything has been played."""
        return self.frames >= self.sent.shape[0]

    def clean(self, start: int, end: int) -> bool:
        """Whether nothing was lost between two frames; a device tells of it a block later."""
        end += 2 * self._longest_block
        return not any(start <= at <= end for at in self._lost_at)

    def __call__(self, heard: Audio, played: Audio, flags: int) -> None:
        """Play one block; see rtvae.io.drivers. Real-time: copies, and one small array."""
        frames, at = heard.shape[0], self.frames
        left = min(frames, self.sent.shape[0] - at)
        inp = np.zeros(heard.shape, np.float32)
        if left > 0:
            inp[:left] = self.sent[at : at + left, None]
        while self._next < self.bursts and at + frames >= self._next * self.spacing:
            self._on_burst(self._next)
            self._next += 1
        self._callback(inp, played, flags)
        if left <= 0:
            return
        self.heard[at : at + left] = heard[:left, self._input]
        self.played[at : at + left] = played[:left, self._output]
        if flags & (INPUT_OVERFLOW | OUTPUT_UNDERFLOW) or self._lost():
            self._lost_at.append(at)
        self._longest_block = max(self._longest_block, frames)
        self.frames = at + left
