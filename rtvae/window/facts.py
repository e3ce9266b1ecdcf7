"""The scalars of the telemetry, read once a frame and held inside sensible bounds."""

from dataclasses import dataclass

from rtvae.link.telemetry import TelemetryReader, dropouts
from rtvae.spec import MAX_LATENTS

USUAL_RATE_HZ = 48_000
USUAL_HOP_FRAMES = 64
_RATES_HZ = (8_000, 768_000)
_HOPS_FRAMES = (1, 1 << 15)


@dataclass(frozen=True)
class Facts:
    """What the engine says about itself at one moment."""

    state: int
    blocks: int
    model_serial: int
    sample_rate_hz: int
    block_size: int
    hop_frames: int
    latents: int
    device_latency_frames: int
    reblock_latency_frames: int
    buffer_latency_frames: int
    model_latency_frames: int
    late_blocks: int
    input_overflows: int
    output_underflows: int
    guard_repairs: int
    concealed_blocks: int
    limited_blocks: int
    looper_rows: int

    @property
    def block_s(self) -> float:
        """Length of a block in seconds; 0 where any size may come."""
        return self.block_size / self.sample_rate_hz

    @property
    def latency_frames(self) -> int:
        """From the input to the output, in frames."""
        around = self.device_latency_frames + self.reblock_latency_frames
        return around + self.buffer_latency_frames + self.model_latency_frames

    @property
    def loop_s(self) -> float:
        """Length of the looper's loop in seconds; 0 where there is none."""
        return self.looper_rows * self.hop_frames / self.sample_rate_hz

    @property
    def dropouts(self) -> int:
        """How often the device ran out of sound or threw some away."""
        return dropouts(self.input_overflows, self.output_underflows)


def read_facts(telemetry: TelemetryReader) -> Facts:
    """Return the facts; what the engine has not written yet takes its usual value."""

    def whole(name: str) -> int:
        return int(telemetry.scalar(name))

    return Facts(
        state=whole("state"),
        blocks=whole("blocks"),
        model_serial=whole("model_serial"),
        sample_rate_hz=_within(whole("sample_rate_hz"), _RATES_HZ, USUAL_RATE_HZ),
        block_size=whole("block_size"),
        hop_frames=_within(whole("hop_frames"), _HOPS_FRAMES, USUAL_HOP_FRAMES),
        latents=min(whole("latents"), MAX_LATENTS),
        device_latency_frames=whole("device_latency_frames"),
        reblock_latency_frames=whole("reblock_latency_frames"),
        buffer_latency_frames=whole("buffer_latency_frames"),
        model_latency_frames=whole("model_latency_frames"),
        late_blocks=whole("late_blocks"),
        input_overflows=whole("input_overflows"),
        output_underflows=whole("output_underflows"),
        guard_repairs=whole("guard_repairs"),
        concealed_blocks=whole("concealed_blocks"),
        limited_blocks=whole("limited_blocks"),
        looper_rows=whole("looper_rows"),
    )


def _within(value: int, bounds: tuple[int, int], usual: int) -> int:
    return value if bounds[0] <= value <= bounds[1] else usual
