"""What the telemetry says, in the units a player reads: decibels, milliseconds, percent."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtvae.link.layout import TIMING_ROWS, State
from rtvae.link.telemetry import TelemetryReader, dropouts

FLOOR_DB = -90.0
LOAD_WINDOW_S = 1.0
USUAL_RATE_HZ = 48_000


@dataclass(frozen=True)
class Readings:
    """One look at the engine. Load is the share of a block's period that the block took."""

    state: State
    sample_rate_hz: int
    block_size: int
    input_peak_db: float
    output_peak_db: float
    device_latency_frames: int
    reblock_latency_frames: int
    buffer_latency_frames: int
    model_latency_frames: int
    load: float
    blocks: int
    late_blocks: int
    dropouts: int
    guard_repairs: int

    @property
    def latency_frames(self) -> int:
        """From the microphone to the loudspeaker, in frames."""
        around = self.device_latency_frames + self.reblock_latency_frames
        return around + self.buffer_latency_frames + self.model_latency_frames

    @property
    def latency_ms(self) -> float:
        """From the microphone to the loudspeaker, in milliseconds."""
        return 1000.0 * self.latency_frames / self.sample_rate_hz


def read(telemetry: TelemetryReader) -> Readings:
    """Return what the telemetry holds now."""

    def whole(name: str) -> int:
        return int(telemetry.scalar(name))

    rate_hz = whole("sample_rate_hz") or USUAL_RATE_HZ
    recent = recent_loads(telemetry, rate_hz, LOAD_WINDOW_S)
    return Readings(
        state=telemetry.state,
        sample_rate_hz=rate_hz,
        block_size=whole("block_size"),
        input_peak_db=decibels(telemetry.scalar("input_peak")),
        output_peak_db=decibels(telemetry.scalar("output_peak")),
        device_latency_frames=whole("device_latency_frames"),
        reblock_latency_frames=whole("reblock_latency_frames"),
        buffer_latency_frames=whole("buffer_latency_frames"),
        model_latency_frames=whole("model_latency_frames"),
        load=float(np.median(recent)) if recent.size else 0.0,
        blocks=whole("blocks"),
        late_blocks=whole("late_blocks"),
        dropouts=dropouts(whole("input_overflows"), whole("output_underflows")),
        guard_repairs=whole("guard_repairs"),
    )


def loads(telemetry: TelemetryReader, rows: int) -> NDArray[np.float64]:
    """Return the newest blocks' loads, oldest first, float64 `(<= rows,)`."""
    costs_us, frames = telemetry.timing(rows)
    rate_hz = telemetry.scalar("sample_rate_hz") or USUAL_RATE_HZ
    return costs_us[:, 0] * 1e-6 * rate_hz / np.maximum(frames, 1)


def recent_loads(
    telemetry: TelemetryReader, sample_rate_hz: int, seconds: float
) -> NDArray[np.float64]:
    """Return the loads of the blocks of the last seconds."""
    block = int(telemetry.scalar("block_size")) or 128
    rows = min(TIMING_ROWS, max(1, round(seconds * sample_rate_hz / block)))
    return loads(telemetry, rows)


def decibels(level: float) -> float:
    """Return a linear level in dBFS, FLOOR_DB at least."""
    return max(FLOOR_DB, 20.0 * math.log10(level)) if level > 0.0 else FLOOR_DB
