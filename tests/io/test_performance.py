"""The performance file: what is written comes back, and what is cut or changed costs its own part.

Nothing that happens to the bytes may do more than end the reading early.
"""

import io
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rtvae.errors import AudioFileError, PerformanceError
from rtvae.io.audio_file import AudioWriter
from rtvae.io.performance import Performance, read_performance
from rtvae.io.performance_chunks import (
    COLUMNS,
    FORMAT,
    MAGIC,
    Damage,
    object_chunk,
    read_chunks,
    rows_chunk,
)
from rtvae.io.performance_facts import Gap, Head, PlayedModel, Voice, written
from rtvae.io.performance_writer import PerformanceWriter, minutes_free, unused_stem

HEAD = Head(FORMAT, "1.0", "2026-01-02T03:04:05", 48_000, True, ("mix", "mute"))
MODEL = PlayedModel("toy", "/models/toy", "ab" * 32, ("a", "b"), ("pitch", ""), "cd" * 32)
VOICE = Voice(0, 1024, "fresh", MODEL, None, "native", 128, 64, 64, 0)
ROWS = 3


def table(tag: str, rows: int = ROWS, width: int = 3) -> dict[str, np.ndarray]:
    shapes = {"one": rows, "wide": (rows, width), "ragged": 3 * rows}
    found = {
        c.name: np.arange(np.prod(shapes[c.shape])).reshape(shapes[c.shape]).astype(c.dtype)
        for c in COLUMNS[tag]
    }
    if tag == "midi":
        found["size"] = np.full(rows, 3, "<u4")
    return found


def write(stem: Path, rounds: int = 3) -> Path:
    """A small whole performance."""
    writer = PerformanceWriter(stem, HEAD)
    writer.add_voice(VOICE)
    for _ in range(rounds):
        writer.add_sound(np.full(64, 0.5, np.float32), np.full(64, -0.5, np.float32))
        for tag in ("late", "turn", "midi"):
            writer.add_rows(tag, table(tag))
    writer.add_blocks(np.array([0, 64, 128, 224], np.uint64), np.array([64, 64, 96, 64], np.uint32))
    writer.add_gap(Gap(10, 20, "the engine stopped"))
    writer.finish("stopped")
    return writer.rows


def summary(found: Performance) -> dict[str, int]:
    """How much of each kind was read."""
    return {
        "voices": len(found.voices),
        "gaps": len(found.gaps),
        "turned": found.turned["frame"].shape[0],
        "blocks": found.blocks["frame"].shape[0],
        "midi": found.midi["frame"].shape[0],
        "latents": sum(part["frame"].shape[0] for part in found.latents),
    }


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    found = read_performance(write(tmp_path / "take"))
    assert found.head == HEAD
    assert found.voices == (VOICE,)
    assert found.gaps == (Gap(10, 20, "the engine stopped"),)
    assert (found.ended, found.damage) == ("stopped", "")
    np.testing.assert_array_equal(found.turned["value"][:ROWS], table("turn")["value"])
    (latents,) = found.latents
    np.testing.assert_array_equal(latents["after"][:ROWS], table("late")["after"])
    assert list(found.each_block()) == [(0, 64), (64, 64), (128, 96), (224, 64)]
    assert found.blocks["count"].tolist() == [2, 1, 1]
    assert found.block_frames == 288
    packets = list(found.packets())
    assert packets[1] == (1, bytes([3, 4, 5]))
    sound, rate_hz = soundfile.read(found.sound, dtype="float32")
    assert rate_hz == 48_000
    assert sound.shape == (192, 2)
    assert sound[0].tolist() == [0.5, -0.5]


def test_names_that_are_no_unicode_come_back(tmp_path: Path) -> None:
    voice = replace(VOICE, model=replace(MODEL, path=os.fsdecode(b"/models/\xff")))
    writer = PerformanceWriter(tmp_path / "take", HEAD)
    writer.add_voice(voice)
    writer.finish("stopped")
    assert read_performance(writer.rows).voices == (voice,)


def test_blocks_past_every_number_are_counted_all_the_same(tmp_path: Path) -> None:
    path = write(tmp_path / "take")
    row = {"frame": np.array([2**64 - 1]), "size": np.array([64]), "count": np.array([1])}
    path.write_bytes(path.read_bytes() + rows_chunk("bloc", row))
    assert read_performance(path).block_frames == 2**64 + 63


def test_the_sounds_name_leads_to_the_performance(tmp_path: Path) -> None:
    write(tmp_path / "take")
    assert read_performance(tmp_path / "take.w64").head == HEAD


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_any_table_survives_the_way_through_bytes(data: Any) -> None:
    tag = data.draw(st.sampled_from(sorted(COLUMNS)))
    rows = data.draw(st.integers(0, 20))
    width = data.draw(st.integers(0, 8))
    sizes = data.draw(hnp.arrays("<u4", rows, elements=st.integers(0, 9)))
    shapes = {"one": rows, "wide": (rows, width), "ragged": int(sizes.sum())}
    columns = {c.name: data.draw(hnp.arrays(c.dtype, shapes[c.shape])) for c in COLUMNS[tag]}
    if tag == "midi":
        columns["size"] = sizes
    (chunk,) = read_chunks(io.BytesIO(MAGIC + rows_chunk(tag, columns)))
    for name, column in chunk.table().items():
        if rows:
            np.testing.assert_array_equal(column, columns[name])


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    file = io.BytesIO(MAGIC + object_chunk("head", written(HEAD)) + data)
    chunks = read_chunks(file)
    assert next(chunks).tag == "head"
    with pytest.raises((Damage, StopIteration)):
        while True:
            chunk = next(chunks)
            chunk.table() if chunk.tag in COLUMNS else chunk.object()


def test_cut_at_any_byte_everything_before_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "take", rounds=1)
    whole = path.read_bytes()
    full = summary(read_performance(path))
    before = dict.fromkeys(full, 0)
    head = len(MAGIC) + len(object_chunk("head", written(HEAD)))
    for end in (*range(0, head - 1, 31), *range(head - 1, len(whole) + 1)):
        path.write_bytes(whole[:end])
        try:
            now = summary(read_performance(path))
        except PerformanceError as error:
            assert "can be read" in str(error)
            assert before == dict.fromkeys(full, 0)
            continue
        assert all(now[kind] >= before[kind] for kind in full), "more bytes never give less"
        before = now
    assert before == full
    path.write_bytes(whole[:-1])
    assert read_performance(path).damage == "the last chunk is cut short"
    assert summary(read_performance(path)) == full
    assert read_performance(path).ended == ""


def test_a_changed_byte_ends_the_reading_there(tmp_path: Path) -> None:
    path = write(tmp_path / "take", rounds=1)
    whole = path.read_bytes()
    full = summary(read_performance(path))
    for at in range(len(MAGIC) + len(object_chunk("head", written(HEAD))), len(whole), 11):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        found = read_performance(path)
        assert found.damage
        assert all(summary(found)[kind] <= full[kind] for kind in full)
        assert found.ended == ""


def test_latents_of_another_width_are_a_table_of_their_own(tmp_path: Path) -> None:
    writer = PerformanceWriter(tmp_path / "take", HEAD)
    for width in (3, 3, 5):
        writer.add_rows("late", table("late", width=width))
    writer.finish("stopped")
    found = read_performance(writer.rows)
    assert [part["before"].shape for part in found.latents] == [(2 * ROWS, 3), (ROWS, 5)]


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ({**written(HEAD), "format": FORMAT + 1}, "by a newer rtvae"),
        ({**written(HEAD), "sample_rate_hz": "fast"}, r"head\.sample_rate_hz"),
        ({**written(HEAD), "parameters": [1]}, r"head\.parameters"),
        ({**written(HEAD), "sample_rate_hz": 0}, "has no sample rate"),
        ({**written(HEAD), "sample_rate_hz": 1 << 63}, r"head\.sample_rate_hz"),
        ({}, r"head\.format"),
    ],
)
def test_a_head_that_makes_no_sense_is_one_sentence(
    tmp_path: Path, head: dict[str, Any], words: str
) -> None:
    path = tmp_path / "take.rtvp"
    path.write_bytes(MAGIC + object_chunk("head", head))
    with pytest.raises(PerformanceError, match=words):
        read_performance(path)


def test_what_is_no_performance_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "take.rtvp"
    with pytest.raises(PerformanceError, match="There is no performance"):
        read_performance(path)
    path.write_bytes(b"RIFF")
    with pytest.raises(PerformanceError, match="does not begin like one"):
        read_performance(path)
    with pytest.raises(PerformanceError, match=r"is a folder; name the \.rtvp in it"):
        read_performance(tmp_path)


def test_no_file_is_written_over(tmp_path: Path) -> None:
    assert unused_stem(tmp_path / "take.w64") == tmp_path / "take"
    (tmp_path / "take.w64").touch()
    (tmp_path / "take-2.rtvp").touch()
    assert unused_stem(tmp_path / "take") == tmp_path / "take-3"
    with pytest.raises(PerformanceError, match="cannot be written"):
        PerformanceWriter(tmp_path / "take-2", HEAD)


def test_a_full_disk_is_called_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = PerformanceWriter(tmp_path / "take", HEAD)

    def fail(*_: object) -> None:
        raise AudioFileError("System error")

    monkeypatch.setattr(AudioWriter, "write", fail)
    quiet = np.zeros(64, np.float32)
    with pytest.raises(PerformanceError, match="System error"):
        writer.add_sound(quiet, quiet)
    none_left = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: none_left)
    with pytest.raises(PerformanceError, match="The disk is full"):
        writer.add_sound(quiet, quiet)
    writer.close()


def test_the_room_on_the_disk_is_told_in_minutes(tmp_path: Path) -> None:
    few, many = (minutes_free(tmp_path, 48_000, 64, latents) for latents in (64, 0))
    assert 0.0 < few < many
    with pytest.raises(PerformanceError, match="check the folder"):
        minutes_free(tmp_path / "nowhere", 48_000, 64, 4)
