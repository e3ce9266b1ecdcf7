"""The survey: what every block size would cost a model on this machine, measured one by one.

Blocks come as a device brings them, one each period on a thread with real-time priority where the
system grants it, and go through the whole callback. What a bad moment adds does not depend on the
block size, so the moments of all sizes are judged together.
"""

import threading
import time
from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import defaults
from rtvae.engine import realtime
from rtvae.engine.block_path import BlockPath
from rtvae.engine.callback import EngineCallback
from rtvae.engine.governor import BLOCK_SIZES, Choice, Cost, Shape, busy_share, choice
from rtvae.link.control_block import ControlReader
from rtvae.link.layout import CONTROL, TELEMETRY
from rtvae.link.telemetry import TelemetryWriter
from rtvae.model.live import LiveModel
from rtvae.spec import StreamSpec

SECONDS_EACH = 1.0
FEWEST_BLOCKS, MOST_BLOCKS = 100, 500
LEVEL = np.float32(0.1)
HIGH = 0.999

Measure = Callable[[tuple[LiveModel, ...], int, int], NDArray[np.float64]]


def survey(
    models: tuple[LiveModel, ...],
    sample_rate_hz: int,
    measure: Measure | None = None,
    block_sizes: Sequence[int] = BLOCK_SIZES,
) -> list[Choice]:
    """Return every way to play one or two models, direct and buffered for each block size.

    `measure(models, sample rate, block size)` gives the seconds that each of some blocks took.
    """
    measure = measure or measure_blocks
    seconds = {size: measure(models, sample_rate_hz, size) for size in block_sizes}
    hop = max(model.hop_frames for model in models)
    usual = {
        size: float(np.quantile(taken, 1.0 - 0.5 * busy_share(size, hop)))
        for size, taken in seconds.items()
    }
    moments = np.concatenate([taken - usual[size] for size, taken in seconds.items()])
    moment = float(np.quantile(moments, HIGH, method="higher"))
    timing = tuple((model.hop_frames, model.delay_frames) for model in models)
    shape = Shape(sample_rate_hz, timing, tuple(usual.items()))
    return [
        choice(shape, Cost(usual[size], usual[size] + moment), size, buffered=buffered)
        for size in block_sizes
        for buffered in (False, True)
    ]


def measure_blocks(
    models: tuple[LiveModel, ...], sample_rate_hz: int, block_size: int
) -> NDArray[np.float64]:
    """Play noise in blocks of one size, in real time; return the seconds that each took."""
    period_s = block_size / sample_rate_hz
    count = int(np.clip(SECONDS_EACH / period_s, FEWEST_BLOCKS, MOST_BLOCKS))
    taken: list[float] = []

    def play() -> None:
        realtime.raise_priority()
        taken.extend(_play(models, StreamSpec(sample_rate_hz, block_size, 1, 1), count, period_s))

    thread = threading.Thread(target=play, name="survey")
    thread.start()
    thread.join()
    return np.array(taken)


def _play(
    models: tuple[LiveModel, ...], stream: StreamSpec, count: int, period_s: float
) -> list[float]:
    control, measured = np.zeros((), CONTROL), np.zeros((), TELEMETRY)
    control["values"] = defaults()
    telemetry = TelemetryWriter(measured)
    beside = models[1] if len(models) > 1 else None
    path = BlockPath(models[0], stream, ControlReader(control), telemetry, beside=beside)
    path.voice.warm_up(stream.block_size)
    callback = EngineCallback(path, telemetry, stream.sample_rate_hz)
    random = np.random.default_rng(0)
    heard = LEVEL * random.standard_normal((stream.block_size, 1), np.float32)
    played = np.empty_like(heard)
    taken = []
    for _ in range(count):
        start = perf_counter()
        callback(heard, played, 0)
        taken.append(perf_counter() - start)
        time.sleep(max(0.0, period_s - taken[-1]))
    return taken
