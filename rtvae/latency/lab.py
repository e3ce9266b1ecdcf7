"""The lab: one model in one stream, its latency as reported and as measured.

Everything runs as it plays live: the driver, the callback, the block path, buffered or direct. The
device's output must come back to its input, over a cable or a connection in the JACK server.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rtvae.control.parameters import defaults, index_of
from rtvae.engine.block_path import BlockPath
from rtvae.engine.callback import EngineCallback
from rtvae.errors import DeviceError
from rtvae.io.drivers import DEFAULT_BLOCK_SIZE, Driver, Opened
from rtvae.latency.correlation import BURST_FRAMES, Audio, Lag, difference_db, find_lag, find_onset
from rtvae.latency.probe import Probe
from rtvae.link.control_block import ControlReader, ControlWriter
from rtvae.link.layout import CONTROL, TELEMETRY
from rtvae.link.telemetry import TelemetryWriter
from rtvae.model.live import LiveModel

CLEAR = 0.5
"""With less clarity than this, what came back is not what was sent."""
LONGEST_S = 0.1
LONGEST_PATCHED_S = 0.03
"""How late a burst may come back, over a cable and inside a server; twice what is reported, if
that is more."""
PARTS = ("device", "reblock", "buffer", "model")


@dataclass(frozen=True)
class Measurement:
    """Latencies in frames, by part as reported, and as measured over `bursts` clean bursts.

    `path_frames` (reblock, buffer and model) and `total_frames` are measured with the model's own
    sound where that keeps the waveform (`by_model`), otherwise with the dry sound that runs beside
    it. `jitter_frames` is the largest measured total less the smallest, `null_db` the difference
    of dry and wet (None where the model changes the sound), `lost` the bursts thrown away because
    a dropout fell into them. `onset_frames` says how much later than the dry sound the model's own
    begins (None where it sounds all the time).
    """

    model: str
    hop_frames: int
    block_size: int
    sample_rate_hz: int
    buffered: bool
    reported_frames: dict[str, int]
    device_frames: int
    path_frames: int
    total_frames: int
    jitter_frames: int
    bursts: int
    lost: int
    by_model: bool
    null_db: float | None
    onset_frames: int | None

    @property
    def reported_total_frames(self) -> int:
        """The sum of the reported parts."""
        return sum(self.reported_frames.values())

    @property
    def true(self) -> bool:
        """Whether every measurement gave what was reported, to the frame."""
        return self.total_frames == self.reported_total_frames and self.jitter_frames == 0


def measure(
    driver: Driver,
    opened: Opened,
    model: LiveModel,
    *,
    buffered: bool = False,
    pairs: int = 4,
    tries: int = 10,
    longest_s: float = LONGEST_S,
    latency_frames: Callable[[], int] | None = None,
) -> Measurement:
    """Measure `pairs` times, with wet and dry bursts, on an open driver.

    A pair with a dropout in it is thrown away; after `tries` rounds what there is has to do.
    `latency_frames` tells the device's latency at the end. Raises DeviceError if nothing comes
    back, or if no pair is without a dropout.
    """
    stream, rate_hz = opened.stream, opened.stream.sample_rate_hz
    control, telemetry = np.zeros((), CONTROL), TelemetryWriter(np.zeros((), TELEMETRY))
    control["values"] = defaults()
    path = BlockPath(
        model,
        stream,
        ControlReader(control),
        telemetry,
        input_channels=opened.input_channels[:1],
        output_channels=opened.output_channels[:1],
        buffered=buffered,
    )
    knobs = ControlWriter(control)
    found: list[_Pair] = []
    lost = 0
    try:
        path.voice.warm_up(stream.block_size or DEFAULT_BLOCK_SIZE)
        expected = stream.device_latency_frames + path.voice.latency_frames
        longest = max(round(longest_s * rate_hz), 2 * expected)
        for _ in range(tries):
            probe = Probe(
                EngineCallback(path, telemetry, rate_hz),
                bursts=2 * pairs + 2,
                spacing=2 * (longest + BURST_FRAMES),
                input_channel=opened.input_channels[0],
                output_channel=opened.output_channels[0],
                on_burst=lambda number: knobs.set(index_of("mix"), float(number % 2 == 0)),
                lost=lambda: path.voice.dry_only,
            )
            driver.run(probe, lambda probe=probe: probe.done)  # type: ignore[misc]
            # The first pair of a round finds the filters of the guard at rest, the others do not.
            for wet in range(2, probe.bursts, 2):
                pair = _Pair(probe, wet, longest)
                if pair.clean:
                    found.append(pair)
                else:
                    lost += 2
            if len(found) >= pairs:
                break
        reported = {
            "device": latency_frames() if latency_frames else stream.device_latency_frames,
            "reblock": path.voice.reblock_latency_frames,
            "buffer": path.voice.buffer_latency_frames,
            "model": model.delay_frames,
        }
    finally:
        path.voice.close()
    if not found:
        raise DeviceError(
            "Every measurement had a dropout in it; close other programs or use larger blocks."
        )
    if not all(pair.heard for pair in found):
        raise DeviceError(
            "Nothing came back: connect the output to the input with a cable and turn both up "
            "(on JACK, --patch connects them inside the server)."
        )
    by_model = all(pair.wet.clarity >= CLEAR for pair in found)
    totals = [(pair.wet if by_model else pair.dry).frames for pair in found]
    if by_model:
        totals += [pair.dry.frames for pair in found]
    paths = [(pair.wet_path if by_model else pair.dry_path).frames for pair in found]
    nulls = [pair.null_db for pair in found]
    onsets = [pair.onset_frames for pair in found if pair.onset_frames is not None]
    return Measurement(
        model=model.card.name,
        hop_frames=model.hop_frames,
        block_size=stream.block_size,
        sample_rate_hz=rate_hz,
        buffered=buffered,
        reported_frames=reported,
        device_frames=max(pair.device.frames for pair in found),
        path_frames=max(paths),
        total_frames=max(totals),
        jitter_frames=max(totals) - min(totals),
        bursts=2 * len(found),
        lost=lost,
        by_model=by_model,
        null_db=max(nulls) if by_model and model.card.name == "identity" else None,
        onset_frames=max(onsets) if onsets else None,
    )


class _Pair:
    """What one wet burst and the dry one after it tell."""

    def __init__(self, probe: Probe, wet: int, longest: int) -> None:
        self._probe, self._longest = probe, longest
        first, second = probe.starts[wet], probe.starts[wet + 1]
        self._first, self._second = first, second
        self.wet = self._find(probe.sent, probe.heard, first)
        self.dry = self._find(probe.sent, probe.heard, second)
        self.wet_path = self._find(probe.sent, probe.played, first)
        self.dry_path = self._find(probe.sent, probe.played, second)
        start = second + self.dry_path.frames
        self.device = find_lag(
            probe.played[start : start + BURST_FRAMES],
            probe.heard[start : start + BURST_FRAMES + longest - self.dry_path.frames],
        )
        self.onset_frames = self._onset(first, second)
        length = BURST_FRAMES + longest
        self.null_db = difference_db(
            probe.heard[first : first + length], probe.heard[second : second + length]
        )

    @property
    def clean(self) -> bool:
        """Whether nothing was lost on the way of either burst."""
        return all(
            self._probe.clean(start, start + BURST_FRAMES + lag.frames)
            for start, lag in ((self._first, self.wet), (self._second, self.dry))
        )

    @property
    def heard(self) -> bool:
        """Whether the dry burst came back, which sounds whatever the model does."""
        return self.dry.clarity >= CLEAR

    def _onset(self, wet: int, dry: int) -> int | None:
        before, length = self._longest // 2, BURST_FRAMES + self._longest
        wet_onset, dry_onset = (
            find_onset(self._probe.played[start - before : start + length], before)
            for start in (wet, dry)
        )
        if wet_onset is None or dry_onset is None:
            return None
        return wet_onset - dry_onset

    def _find(self, sent: Audio, came: Audio, start: int) -> Lag:
        length = BURST_FRAMES + self._longest
        return find_lag(sent[start : start + BURST_FRAMES], came[start : start + length])
