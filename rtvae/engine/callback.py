"""The callback: what the audio device calls for each block. It plays, counts and measures."""

import math
from collections.abc import Callable
from time import perf_counter, thread_time

import numpy as np
from numpy.typing import NDArray

from rtvae.engine.block_path import BlockPath
from rtvae.engine.ladder import Ladder, Rung
from rtvae.io.drivers import INPUT_OVERFLOW, OUTPUT_UNDERFLOW, UNPACED
from rtvae.link.telemetry import TelemetryWriter

Audio = NDArray[np.float32]

GAP_S = 1.0
"""Where no block came for so long the machine or its server slept: the sound ramps in anew."""

LIGHT_SHARE = 0.25
"""A block that computed for less of its period was held up by others; so was what is lost then."""

_LOST = ((INPUT_OVERFLOW, "input_overflows"), (OUTPUT_UNDERFLOW, "output_underflows"))


class EngineCallback:
    """Calls the block path and tells the telemetry what it cost.

    From the block that reaches `fade_at_frames` on, the sound fades out: a stream of limited
    length does not end in a click. With a `ladder` the path plays on the rung that the machine can
    afford; where nobody waits for the blocks there is none.
    """

    def __init__(
        self,
        path: BlockPath,
        telemetry: TelemetryWriter,
        sample_rate_hz: int,
        fade_at_frames: float = math.inf,
        ladder: Ladder | None = None,
        clock: Callable[[], float] = perf_counter,
        work_clock: Callable[[], float] = thread_time,
    ) -> None:
        self._path = path
        self._frames_to_fade = fade_at_frames
        self._telemetry = telemetry
        self._period_s = 1.0 / sample_rate_hz
        self._ladder, self._clock, self._work_clock = ladder, clock, work_clock
        self._ended_s = math.inf
        self._heavy = False
        # Without a ladder nobody looks at it again, and it would keep a voice that is let go.
        self._voice = path.voice if ladder is not None else None
        telemetry.set("in_block", 0)
        telemetry.set("rung", 0)

    def __call__(self, heard: Audio, played: Audio, flags: int) -> None:
        """Play one block, float32 `(frames, channels)` each; `flags` as in rtvae.io.drivers.

        Real-time: no allocation that stays, no lock, no file; never raises.
        """
        start, work_start_s = self._clock(), self._work_clock()
        path, telemetry, frames = self._path, self._telemetry, heard.shape[0]
        telemetry.enter_block()
        if self._ladder is not None and start - self._ended_s > GAP_S + frames * self._period_s:
            path.resume()
        path.patient = bool(flags & UNPACED)
        self._frames_to_fade -= frames
        if self._frames_to_fade < 0:
            path.leaving = True
        try:
            path.process(heard, played)
        except Exception:  # an exception would end the stream for good
            played.fill(0.0)
            telemetry.add("guard_repairs")
        if flags:
            for flag, name in _LOST:
                if flags & flag:
                    telemetry.add(name)
        self._ended_s = self._clock()
        total_s = self._ended_s - start
        unpaced = bool(flags & UNPACED)
        late = not unpaced and total_s > frames * self._period_s
        if late:
            telemetry.add("late_blocks")
        if self._ladder is not None and (unpaced or path.voice is not self._voice):
            self._voice = path.voice  # another model is another try
            self._take(self._ladder.forget())
        elif self._ladder is not None:
            # A worker that is late is a mishap as well, and no reason to silence the dry path.
            lost = (flags != 0 and self._heavy) or path.voice.concealed
            # Nobody works longer than it takes, so the second clock is seldom needed.
            light_s = LIGHT_SHARE * frames * self._period_s
            self._heavy = total_s > light_s and self._work_clock() - work_start_s > light_s
            self._take(self._ladder.advance(frames, late, lost, path.holds, self._heavy))
        telemetry.push_timing(
            frames,
            1e6 * total_s,
            1e6 * path.encoder_s,
            1e6 * path.control_s,
            1e6 * path.decoder_s,
        )
        telemetry.leave_block(frames)

    def _take(self, rung: Rung) -> None:
        if rung is not self._path.rung:
            self._path.rung = rung
            self._telemetry.set("rung", rung)
            self._telemetry.add("rung_changes")
