"""A device that fails on cue, on a virtual clock: every fault in no time, the same each time.

    script = FaultScript(blocks=1000, nan_blocks={200}, late_blocks={300: 0.05}, vanish_block=900)
    driver = FaultDriver(script, VirtualClock())

It ships with the product so that anybody can try what a live rig does when its device misbehaves.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field

import numpy as np

from rtvae.errors import DeviceError
from rtvae.io.clocks import VirtualClock
from rtvae.io.drivers import (
    DEFAULT_BLOCK_SIZE,
    INPUT_OVERFLOW,
    OUTPUT_UNDERFLOW,
    Audio,
    Callback,
    Opened,
    Request,
    Stop,
)
from rtvae.spec import StreamSpec

_STEP_S = 0.01


@dataclass(frozen=True)
class FaultScript:
    """What goes wrong, and in which block (counted from 0).

    blocks          after so many blocks the stream ends by itself
    open_errors     raised by the first so many calls of `open`, in turn
    block_sizes     (lowest, highest): each block has a random size between them (seeded), and the
                    device says beforehand that any size may come
    nan_blocks      blocks whose input is NaN
    late_blocks     block -> seconds the device stalls before it; flagged as lost sound
    frozen_blocks   block -> seconds without any callback before it, and without a flag: a server
                    that was stopped and continued
    vanish_block    from this block on there are no callbacks any more, though nothing ends:
                    the device was unplugged
    """

    blocks: int
    open_errors: tuple[DeviceError, ...] = ()
    block_sizes: tuple[int, int] | None = None
    nan_blocks: Set[int] = field(default_factory=frozenset)
    late_blocks: Mapping[int, float] = field(default_factory=dict)
    frozen_blocks: Mapping[int, float] = field(default_factory=dict)
    vanish_block: int | None = None
    seed: int = 0


class FaultDriver:
    """Plays `source`, float32 mono, then silence; keeps what was played in `played`.

    `idle` is called with the virtual time whenever 10 ms pass without a callback, which is where
    a supervisor would look at the block counter.
    """

    paced = True

    def __init__(
        self,
        script: FaultScript,
        clock: VirtualClock,
        source: Audio | None = None,
        *,
        muted_start: bool = True,
        idle: Callable[[float], None] = lambda now_s: None,
    ) -> None:
        self.muted_start = muted_start
        self.played: list[Audio] = []
        self._script, self._clock, self._idle = script, clock, idle
        self._source = np.zeros(0, np.float32) if source is None else source
        self._opens = 0

    def open(self, request: Request) -> Opened:
        """Open, or fail as the script says."""
        self._opens += 1
        if self._opens <= len(self._script.open_errors):
            raise self._script.open_errors[self._opens - 1]
        self._block_size = request.block_size or DEFAULT_BLOCK_SIZE
        self._rate_hz = request.sample_rate_hz
        declared = 0 if self._script.block_sizes else self._block_size
        return Opened(StreamSpec(self._rate_hz, declared, 1, 1), "fault script", (0,), (0,))

    def run(self, callback: Callback, stop: Stop) -> None:
        """Play the script."""
        script, at = self._script, 0
        random = np.random.default_rng(script.seed)
        for block in range(script.blocks):
            if stop():
                return
            if block == script.vanish_block:
                while not stop():
                    self._pass(_STEP_S)
                return
            self._pass(script.frozen_blocks.get(block, 0.0) + script.late_blocks.get(block, 0.0))
            frames = self._block_size
            if script.block_sizes:
                low, high = script.block_sizes
                frames = int(random.integers(low, high + 1))
            heard = np.zeros((frames, 1), np.float32)
            given = self._source[at : at + frames]
            heard[: given.shape[0], 0] = given
            if block in script.nan_blocks:
                heard.fill(np.nan)
            played = np.full((frames, 1), np.nan, np.float32)
            lost = INPUT_OVERFLOW | OUTPUT_UNDERFLOW if block in script.late_blocks else 0
            callback(heard, played, lost)
            self.played.append(played)
            at += frames
            self._clock.advance(frames / self._rate_hz)

    def close(self) -> None:
        """Nothing to let go of."""

    def _pass(self, seconds: float) -> None:
        end_s = self._clock.now() + seconds
        while self._clock.now() < end_s - 1e-9:
            self._clock.sleep_until(min(end_s, self._clock.now() + _STEP_S))
            self._idle(self._clock.now())
