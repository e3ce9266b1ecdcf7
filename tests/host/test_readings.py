"""Telemetry in a reader's units, in the terminal and in the stats file."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from rtvae.errors import UsageError
from rtvae.host.notes import Note
from rtvae.host.readings import read
from rtvae.host.stats import LoadHistogram, summarise, write_stats
from rtvae.host.status_line import METER_CELLS, StatusLine, meter, plain
from rtvae.link.layout import State
from rtvae.link.session_memory import create_session_folder, open_telemetry, remove_session_folder
from rtvae.link.telemetry import TelemetryReader, TelemetryWriter

PERIOD_US = 1e6 * 128 / 48_000


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = create_session_folder()
    yield folder
    remove_session_folder(folder)


@pytest.fixture
def writer(folder: Path) -> TelemetryWriter:
    writer = TelemetryWriter(open_telemetry(folder))
    for name, value in {
        "sample_rate_hz": 48_000,
        "block_size": 128,
        "device_latency_frames": 256,
        "reblock_latency_frames": 32,
        "buffer_latency_frames": 64,
        "model_latency_frames": 128,
        "input_peak": 0.5,
        "output_peak": 0.0,
        "input_overflows": 2,
        "output_underflows": 3,
    }.items():
        writer.set(name, value)
    writer.set_state(State.PLAYING)
    return writer


@pytest.fixture
def reader(folder: Path, writer: TelemetryWriter) -> TelemetryReader:
    return TelemetryReader(open_telemetry(folder))


PARTS = ("device", "reblock", "buffer", "model")


def push(writer: TelemetryWriter, loads: list[float]) -> None:
    for load in loads:
        writer.push_timing(128, load * PERIOD_US, 0.0, 0.0, 0.0)


def test_readings(writer: TelemetryWriter, reader: TelemetryReader) -> None:
    push(writer, [0.9] * 100 + [0.2] * 375)
    now = read(reader)
    assert now.latency_frames == 480
    assert now.latency_ms == 10.0
    assert round(now.input_peak_db, 1) == -6.0
    assert now.output_peak_db == -90.0
    assert now.dropouts == 3
    assert round(now.load, 3) == 0.2, "the median of the last second"


def test_readings_before_the_first_block(folder: Path) -> None:
    now = read(TelemetryReader(open_telemetry(folder)))
    assert now.load == 0.0
    assert now.latency_ms == 0.0


def test_every_block_counts_in_the_stats(writer: TelemetryWriter, reader: TelemetryReader) -> None:
    histogram = LoadHistogram(reader)
    random = np.random.default_rng(4)
    loads = random.uniform(0.1, 0.4, 20_000)
    loads[::500] = 0.9
    for start in range(0, 20_000, 1000):
        push(writer, list(loads[start : start + 1000]))
        histogram.take()
    stats = summarise(reader, histogram)
    for name, share in (("median", 0.5), ("p99", 0.99), ("p99_9", 0.999)):
        assert abs(stats["load"][name] - np.quantile(loads, share)) < 0.003
    assert stats["latency"]["total"] == {"frames": 480, "ms": 10.0}
    assert sum(stats["latency"][part]["frames"] for part in PARTS) == 480
    assert stats["latency"]["device"] == {"frames": 256, "ms": 5.333}
    assert stats["xruns"] == 3


def test_stats_of_a_session_that_never_played(folder: Path, tmp_path: Path) -> None:
    silent = TelemetryReader(open_telemetry(folder))
    write_stats(tmp_path / "s.json", summarise(silent, LoadHistogram(silent)))
    assert json.loads((tmp_path / "s.json").read_text())["load"]["median"] == 0.0
    with pytest.raises(UsageError, match="cannot be written"):
        write_stats(tmp_path / "no" / "s.json", {})


def test_a_terminal_gets_a_line_that_is_drawn_over(reader: TelemetryReader) -> None:
    out = io.StringIO()
    line = StatusLine(Console(file=out, force_terminal=True, width=120))
    for doing in ("starting", "playing"):
        line.update(read(reader), doing)
    line.say(Note("The device is gone.", "warning"))
    line.close()
    text = strip_colours(out.getvalue())
    for fragment in ("starting", "playing", "-6 dB", "latency 10.0 ms", "load", "dropouts 3"):
        assert fragment in text
    # Only the sentence stays: everything else was drawn over and at last removed.
    assert [part for part in text.split("\n") if "device is gone" in part]
    assert "\x1b[2K" in out.getvalue()


def test_elsewhere_there_is_a_plain_line_every_few_seconds(reader: TelemetryReader) -> None:
    out = io.StringIO()
    now_s = [0.0]
    line = StatusLine(Console(file=out, width=40), clock=lambda: now_s[0])
    for _ in range(500):
        line.update(read(reader), "playing")
        now_s[0] += 0.02
    line.say(Note("A sentence of more than forty characters stays on one line of its own."))
    lines = out.getvalue().splitlines()
    assert len(lines) == 3
    assert (
        lines[0]
        == "playing  in -6 dB  out -90 dB  latency 10.0 ms (480 frames)  load 0 %  dropouts 3"
    )
    assert "\x1b" not in out.getvalue()


def test_markup_in_a_sentence_is_shown_as_it_is() -> None:
    out = io.StringIO()
    StatusLine(Console(file=out)).say(Note("There is no model '[bold]x[/bold]'."))
    assert out.getvalue() == "There is no model '[bold]x[/bold]'.\n"


def test_the_meter_is_as_long_as_it_is_loud() -> None:
    assert meter(0.0) == "█" * METER_CELLS
    assert meter(-24.0).count("█") == METER_CELLS // 2
    assert meter(-90.0) == "·" * METER_CELLS
    assert meter(6.0) == "█" * METER_CELLS


def strip_colours(text: str) -> str:
    import re

    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def test_files_have_no_device_buffers(writer: TelemetryWriter, reader: TelemetryReader) -> None:
    writer.set("device_latency_frames", 0)
    assert "latency 4.7 ms (224 frames, no device buffers)" in plain(read(reader), "playing")
