"""A device whose output comes back to its input after a number of frames, without any time."""

from collections.abc import Callable

import numpy as np

from rtvae.io.drivers import INPUT_OVERFLOW, UNPACED, Callback, Opened, Request, Stop
from rtvae.spec import StreamSpec
from tests.support.rig import RATE_HZ


class LoopDriver:
    """`loop_frames` from output to input, at least one block; `reported` is what it says of it.

    `lost(block number)` tells whether sound is lost in a block; `loop_frames` may be changed.
    """

    muted_start = False
    paced = False

    def __init__(
        self,
        block_size: int,
        loop_frames: int,
        reported: int | None = None,
        *,
        gain: float = 1.0,
        lost: Callable[[int], bool] = lambda block: False,
    ) -> None:
        self.block_size, self.loop_frames = block_size, loop_frames
        self._reported = loop_frames if reported is None else reported
        self._gain, self._lost = np.float32(gain), lost
        self._cable = np.zeros(1 << 20, np.float32)
        self._at = 0
        self.blocks = 0

    def open(self, request: Request) -> Opened:
        stream = StreamSpec(RATE_HZ, self.block_size, 1, 1, self._reported)
        return Opened(stream, "loop", (0,), (0,))

    def run(self, callback: Callback, stop: Stop) -> None:
        size, length = self.block_size, self._cable.shape[0]
        heard, played = np.zeros((size, 1), np.float32), np.zeros((size, 1), np.float32)
        while not stop():
            places = np.arange(self._at, self._at + size)
            heard[:, 0] = self._cable[(places - self.loop_frames) % length]
            lost = self._lost(self.blocks)
            callback(heard, played, UNPACED | (INPUT_OVERFLOW if lost else 0))
            self._cable[places % length] = 0.0 if lost else self._gain * played[:, 0]
            self._at += size
            self.blocks += 1

    def close(self) -> None:
        pass
