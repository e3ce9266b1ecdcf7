"""Shared memory: what one process writes, another reads; a full disk is a sentence, not a crash."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from rtvae.control.parameters import PARAMETER_COUNT, defaults, index_of, name_of, parameter_at
from rtvae.errors import EngineError
from rtvae.link import session_memory
from rtvae.link.control_block import ControlReader, ControlWriter, make_scene
from rtvae.link.layout import LATENT_ROWS, SCOPE_FRAMES, VALUE_ROWS, Mark, State
from rtvae.link.telemetry import TelemetryReader, TelemetryWriter


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(session_memory, "_parents", lambda: [tmp_path])
    return session_memory.create_session_folder()


def test_every_parameter_has_one_name_and_one_place() -> None:
    names = [name_of(k) for k in range(PARAMETER_COUNT)]
    assert len(set(names)) == PARAMETER_COUNT
    assert [index_of(name) for name in names] == list(range(PARAMETER_COUNT))
    for name in ("latent.0.offset", "latent.129.scale", "latent.1", "volume", ""):
        with pytest.raises(KeyError):
            index_of(name)


def test_settings_reach_another_mapping_and_outlive_the_writer(folder: Path) -> None:
    writer = ControlWriter(session_memory.open_control(folder))
    writer.set_many({index_of("latent.3.offset"): 1.5, index_of("mute"): 1.0})
    del writer
    reader = ControlReader(session_memory.open_control(folder))
    assert reader.refresh()
    assert reader.values[index_of("latent.3.offset")] == 1.5
    assert reader.values[index_of("mute")] == 1.0
    assert not reader.refresh()


def test_a_value_out_of_range_is_held_inside_and_nan_is_rest(folder: Path) -> None:
    writer = ControlWriter(session_memory.open_control(folder))
    for index in range(PARAMETER_COUNT):
        parameter = parameter_at(index)
        for value, wanted in (
            (np.inf, parameter.high),
            (-np.inf, parameter.low),
            (np.nan, parameter.default),
        ):
            writer.set(index, value)
            assert writer.values[index] == np.float32(wanted)


def test_the_serial_changes_with_the_values_and_only_then(folder: Path) -> None:
    block = session_memory.open_control(folder)
    writer, reader = ControlWriter(block), ControlReader(block)
    reader.refresh()
    serials = [reader.serial]
    for change in (
        lambda: reader.refresh(),
        lambda: (writer.set(0, 0.5), reader.refresh()),
        lambda: writer.panic() or reader.refresh(),
        lambda: reader.enter(make_scene(1, {"mix": 0.25})),
        lambda: (writer.set(0, 0.75), reader.refresh()),
    ):
        change()
        serials.append(reader.serial)
    assert [serial != before for before, serial in pairwise(serials)] == [0, 1, 0, 1, 1]
    assert len(set(serials)) == 4


def test_a_reader_never_sees_half_a_write(folder: Path) -> None:
    block = session_memory.open_control(folder)
    reader = ControlReader(block)
    reader.refresh()
    # A host that was killed inside a write leaves the counter odd.
    block["sequence"] = int(block["sequence"]) | 1
    block["values"][:] = 0.25
    assert not reader.refresh()
    assert list(reader.values) == pytest.approx(defaults())
    ControlWriter(block).set(index_of("mix"), 0.5)
    assert reader.refresh()
    assert reader.values[index_of("mix")] == 0.5


def test_panic_is_counted(folder: Path) -> None:
    writer = ControlWriter(session_memory.open_control(folder))
    reader = ControlReader(session_memory.open_control(folder))
    before = reader.panic_count
    writer.panic()
    writer.panic()
    assert reader.panic_count == before + 2


def test_rings_keep_the_newest_and_survive_an_engine_restart(folder: Path) -> None:
    first = TelemetryWriter(session_memory.open_telemetry(folder))
    first.set("latents", 2)
    rows = np.arange(2 * (LATENT_ROWS + 5), dtype=np.float32).reshape(-1, 2)
    first.push_latents(rows, -rows)
    sound = np.arange(SCOPE_FRAMES - 3, dtype=np.float32)
    first.push_scope(sound, -sound)
    second = TelemetryWriter(session_memory.open_telemetry(folder))
    second.push_scope(np.full(10, 7, np.float32), np.full(10, 8, np.float32))
    second.set_state(State.PLAYING)
    reader = TelemetryReader(session_memory.open_telemetry(folder))
    before, after = reader.latents(LATENT_ROWS)
    np.testing.assert_array_equal(before, rows[-LATENT_ROWS:])
    np.testing.assert_array_equal(after, -rows[-LATENT_ROWS:])
    heard, played = reader.scope(12)
    np.testing.assert_array_equal(heard, [*sound[-2:], *[7] * 10])
    np.testing.assert_array_equal(played, [*-sound[-2:], *[8] * 10])
    assert reader.state is State.PLAYING


def test_a_missing_session_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be opened"):
        session_memory.open_control(tmp_path)


def test_no_room_for_the_session_is_a_sentence(tmp_path: Path) -> None:
    program = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16));"
        "from rtvae.link.session_memory import create_session_folder as c;"
        "from rtvae.errors import EngineError\n"
        "try: c()\n"
        "except EngineError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert "no room for the session's shared memory" in done.stdout
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_a_turned_parameter_is_one_row_with_the_frame_where_it_took_hold(folder: Path) -> None:
    block = session_memory.open_telemetry(folder)
    writer = TelemetryWriter(block)
    values = np.array(defaults(), np.float32)
    writer.start_voice(values)
    assert int(block["value_rows"]) == 1 + PARAMETER_COUNT
    assert block["value_index"][0] == Mark.VOICE
    np.testing.assert_array_equal(block["value"][1 : 1 + PARAMETER_COUNT], values)
    writer.push_scope(np.zeros(64, np.float32), np.zeros(64, np.float32))
    writer.push_values(values)
    values[index_of("mix")] = 0.25
    writer.push_values(values)
    writer.push_mark(Mark.PANIC)
    rows = slice(1 + PARAMETER_COUNT, int(block["value_rows"]))
    assert list(block["value_index"][rows]) == [index_of("mix"), Mark.PANIC]
    assert list(block["value_frame"][rows]) == [64, 64]
    assert block["value"][rows][0] == 0.25


def test_the_ring_of_values_wraps(folder: Path) -> None:
    block = session_memory.open_telemetry(folder)
    writer = TelemetryWriter(block)
    values = np.array(defaults(), np.float32)
    for _ in range(VALUE_ROWS // PARAMETER_COUNT + 1):
        writer.start_voice(values)
    count = int(block["value_rows"])
    newest = np.arange(count - PARAMETER_COUNT, count) % VALUE_ROWS
    np.testing.assert_array_equal(block["value_index"][newest], np.arange(PARAMETER_COUNT))


def test_sound_stays_on_its_frame_whatever_an_engine_did(folder: Path) -> None:
    block = session_memory.open_telemetry(folder)
    ones = np.ones(64, np.float32)
    first = TelemetryWriter(block)
    first.push_scope(ones, ones)
    # Killed here: the sound is there, the count is not.
    second = TelemetryWriter(block)
    assert int(block["frames"]) == 64
    second.add("frames", 64)  # a block that broke off
    assert second.frame == 128
    second.push_scope(ones, ones)
    second.push_timing(64, 1.0, 1.0, 1.0, 1.0)
    assert int(block["scope_frames"]) == 192
    np.testing.assert_array_equal(block["scope_input"][:192:64], [1.0, 0.0, 1.0])
    assert int(block["timing_start"][0]) == 128
