"""Render: a file through the very block path that plays live, as fast as the machine can."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rtvae.control.parameters import clamp, defaults
from rtvae.engine.block_path import BlockPath
from rtvae.engine.callback import EngineCallback
from rtvae.errors import UsageError
from rtvae.io.drivers import DEFAULT_BLOCK_SIZE, Request
from rtvae.io.file_driver import FileDriver
from rtvae.link.control_block import ControlReader
from rtvae.link.layout import CONTROL, TELEMETRY
from rtvae.link.telemetry import TelemetryWriter
from rtvae.model.live import LiveModel


@dataclass(frozen=True)
class Rendered:
    """What came out: `frames` of sound, made with a path that lags by `latency_frames`.

    `repairs` counts the blocks in which the model failed, `limited` those that were too loud.
    """

    frames: int
    sample_rate_hz: int
    latency_frames: int
    repairs: int
    limited: int


def render_file(
    model: LiveModel,
    source: Path,
    destination: Path,
    *,
    values: Mapping[int, float] | None = None,
    block_size: int = DEFAULT_BLOCK_SIZE,
    compensate_latency: bool = True,
) -> Rendered:
    """Play `source` through `model` into `destination` (WAV, W64 or FLAC, mono).

    `values` sets parameters by their place in the control block (control/parameters.py). The
    output is as long as the input and starts at full level. With `compensate_latency` it lines up
    with the input; without, it is sample for sample what the file driver of the engine writes.
    The parameters never move, so the same input gives the same output at the same block size.
    Raises AudioFileError, UsageError; then nothing is written.
    """
    both = os.path.exists(source) and os.path.exists(destination)
    if both and os.path.samefile(source, destination):
        raise UsageError(f"{destination} is the input itself; name another file for the output.")
    control, measured = np.zeros((), CONTROL), np.zeros((), TELEMETRY)
    control["values"] = defaults()
    for index, value in (values or {}).items():
        control["values"][index] = clamp(index, value)
    telemetry = TelemetryWriter(measured)
    driver = FileDriver()
    rate_hz = model.card.sample_rate_hz
    try:
        opened = driver.open(
            Request(rate_hz, block_size=block_size, input=str(source), output=str(destination))
        )
        path = BlockPath(
            model,
            opened.stream,
            ControlReader(control),
            telemetry,
            input_channels=opened.input_channels,
            output_channels=opened.output_channels,
            muted_start=driver.muted_start,
        )
        path.voice.warm_up(opened.stream.block_size)
        latency_frames = path.voice.latency_frames
        if compensate_latency:
            driver.advance(latency_frames)
        driver.run(EngineCallback(path, telemetry, rate_hz), lambda: False)
    finally:
        driver.close()
    return Rendered(
        frames=driver.frames,
        sample_rate_hz=rate_hz,
        latency_frames=latency_frames,
        repairs=int(measured["guard_repairs"]),
        limited=int(measured["limited_blocks"]),
    )
