"""An engine on the bench: block path, callback and shared memory, driven block by block."""

from collections.abc import Iterable, Iterator
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import defaults, index_of
from rtvae.engine.blend import Playable
from rtvae.engine.block_path import BlockPath
from rtvae.engine.callback import EngineCallback
from rtvae.engine.ladder import Ladder
from rtvae.engine.lineup import make_voice
from rtvae.io.clocks import Clock, MonotonicClock
from rtvae.io.drivers import UNPACED
from rtvae.link.control_block import ControlReader, ControlWriter
from rtvae.link.layout import CONTROL, TELEMETRY
from rtvae.link.telemetry import TelemetryReader, TelemetryWriter
from rtvae.model.live import LiveModel
from rtvae.spec import StreamSpec

Audio = NDArray[np.float32]
RATE_HZ = 48_000


class Rig:
    """Plays mono audio through a model exactly as a device would.

    Buffered inference waits for its worker unless `patient` is false.
    """

    def __init__(
        self,
        model: LiveModel,
        block_size: int = 64,
        *,
        declared: int | None = None,
        muted_start: bool = False,
        max_block: int = 8192,
        channels: tuple[tuple[int, ...], tuple[int, ...]] = ((0,), (0,)),
        settings: dict[str, float] | None = None,
        beside: LiveModel | None = None,
        ladder: Ladder | None = None,
        clock: Clock | None = None,
        buffered: bool = False,
        patient: bool = True,
    ) -> None:
        control = np.zeros((), CONTROL)
        control["values"] = defaults()
        measured = np.zeros((), TELEMETRY)
        self.block_size = block_size
        self.writer = ControlWriter(control)
        self.set(**(settings or {}))
        self.reader = ControlReader(control)
        self.memory = measured
        self.telemetry = TelemetryReader(measured)
        writer = TelemetryWriter(measured)
        inputs, outputs = channels
        self.stream = StreamSpec(
            RATE_HZ,
            block_size if declared is None else declared,
            max(inputs) + 1,
            max(outputs) + 1,
        )
        self.path = BlockPath(
            model,
            self.stream,
            self.reader,
            writer,
            beside=beside,
            input_channels=inputs,
            output_channels=outputs,
            max_block=max_block,
            muted_start=muted_start,
            buffered=buffered,
        )
        self.flags = UNPACED if buffered and patient else 0
        now = (clock or MonotonicClock()).now
        self.callback = EngineCallback(
            self.path, writer, RATE_HZ, ladder=ladder, clock=now, work_clock=now
        )

    def set(self, **values: float) -> None:
        """Turn knobs; a dot in a name is written as two underscores."""
        for name, value in values.items():
            self.writer.set(index_of(name.replace("__", ".")), value)

    def play(self, audio: Audio, sizes: Iterable[int] | None = None) -> Audio:
        """Play mono audio, float32 `(frames,)`, whole; return what came out of channel 0."""
        out = self.play_channels(audio[:, None], sizes)
        return out[:, 0]

    def play_channels(self, audio: Audio, sizes: Iterable[int] | None = None) -> Audio:
        """Play `(frames, channels)`; block sizes as given, in turn."""
        out = np.full((audio.shape[0], self.stream.output_channels), np.nan, np.float32)
        at = 0
        for size in self._sizes(sizes):
            if at >= audio.shape[0]:
                return out
            self.callback(audio[at : at + size], out[at : at + size], self.flags)
            at += size
        return out

    def play_blocks(self, count: int, level: float = 0.0) -> Audio:
        """Play so many blocks of a constant level."""
        return self.play(np.full(count * self.block_size, level, np.float32))

    def voice(self, *models: LiveModel) -> Playable:
        """Prepare another model for this rig, or two to be blended."""
        values = self.reader.values.copy()
        return make_voice(models, self.stream, self.path.max_block, values, self.path.buffered)

    def count(self, name: str) -> int:
        """One of the telemetry's counters."""
        return int(self.telemetry.scalar(name))

    def _sizes(self, sizes: Iterable[int] | None) -> Iterator[int]:
        return cycle([self.block_size] if sizes is None else sizes)


def noise(frames: int, seed: int = 0, level: float = 0.8) -> Audio:
    """White noise, float32 `(frames,)`, below the guard's ceiling."""
    return np.random.default_rng(seed).uniform(-level, level, frames).astype(np.float32)


def tone(frames: int, frequency_hz: float = 220.0, level: float = 0.5) -> Audio:
    """A sine, float32 `(frames,)`."""
    phase = 2 * np.pi * frequency_hz * np.arange(frames) / RATE_HZ
    return (level * np.sin(phase)).astype(np.float32)


def largest_step(audio: Audio) -> float:
    """The largest difference between neighbouring samples: a click stands out in it."""
    return float(np.abs(np.diff(audio)).max())
