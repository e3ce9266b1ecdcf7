"""The pipes to the host neither lose words nor wait."""

import json
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from rtvae.window.pipes import LINES_LIMIT, LineReader, LineWriter
from rtvae.window.wire import LINE_LIMIT_BYTES, PANIC, doing, loading, setting


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            pass


def read_all(descriptor: int) -> list[dict[str, Any]]:
    with open(descriptor, "rb", closefd=False) as file:
        return [json.loads(line) for line in file]


def test_lines_arrive_whole_in_the_windows_thread(qtbot: QtBot, pipe: tuple[int, int]) -> None:
    reader, lines, threads = LineReader(pipe[0]), [], set()

    def hear(line: bytes) -> None:
        lines.append(line)
        threads.add(threading.current_thread())

    reader.line.connect(hear)
    with qtbot.waitSignal(reader.ended):
        reader.start()
        for piece in (b"one\ntw", b"o\n", b"\xff\x00\n", b"half"):
            os.write(pipe[1], piece)
        os.close(pipe[1])
    assert lines == [b"one", b"two", b"\xff\x00"]
    assert threads == {threading.main_thread()}


def test_a_line_without_end_is_dropped(qtbot: QtBot, pipe: tuple[int, int]) -> None:
    reader, lines = LineReader(pipe[0]), []
    reader.line.connect(lines.append)
    with qtbot.waitSignal(reader.ended):
        reader.start()
        for _ in range(3 * LINE_LIMIT_BYTES // 50_000):
            os.write(pipe[1], b"x" * 50_000)
        os.write(pipe[1], b"\nafter\n")
        os.close(pipe[1])
    assert lines[-1] == b"after"
    assert all(len(line) <= LINE_LIMIT_BYTES + 100_000 for line in lines)


def test_what_is_said_is_written_before_closing(pipe: tuple[int, int]) -> None:
    writer = LineWriter(pipe[1])
    writer.send(PANIC)
    writer.send(setting({"mix": 0.5}))
    writer.close(wait_s=5.0)
    os.close(pipe[1])
    said = read_all(pipe[0])
    assert {"do": "panic"} in said
    assert {"set": {"mix": 0.5}} in said


def test_a_host_that_does_not_read_costs_neither_time_nor_memory(pipe: tuple[int, int]) -> None:
    writer = LineWriter(pipe[1])
    for k in range(20_000):
        writer.send(setting({"mix": k / 20_000, "latent.1.offset": 1.0}))
        writer.send(loading(f"model-{k}" + "x" * 1000))
    writer.send(setting({"mix": 1.0}))
    reading: list[dict[str, Any]] = []
    reads = threading.Thread(target=lambda: reading.extend(read_all(pipe[0])))
    reads.start()
    writer.close(wait_s=5.0)
    os.close(pipe[1])
    reads.join()
    mixes = [said["set"]["mix"] for said in reading if "set" in said]
    assert mixes == sorted(mixes)
    assert mixes[-1] == 1.0
    # What fits into the pipe, what was on its way, and what was kept.
    assert len(reading) < 4 * LINES_LIMIT
    assert loading("model-19999" + "x" * 1000) in reading


def test_a_hand_on_the_pad_never_floods_and_what_is_asked_for_keeps_its_place(
    qtbot: QtBot, pipe: tuple[int, int]
) -> None:
    writer = LineWriter(pipe[1])
    full = doing("model.load", name="x" * 200_000)
    writer.send(full)
    qtbot.waitUntil(lambda: writer.waiting == 0)
    for k in range(1000):
        writer.send(doing("pad", x=k / 1000, y=0.5))
    writer.send(doing("snapshot.store", number=3))
    for k in range(1000):
        writer.send(doing("map", x=k / 1000, y=0.5))
    reading: list[dict[str, Any]] = []
    reads = threading.Thread(target=lambda: reading.extend(read_all(pipe[0])))
    reads.start()
    writer.close(wait_s=5.0)
    os.close(pipe[1])
    reads.join()
    assert reading == [
        full,
        doing("pad", x=0.999, y=0.5),
        doing("snapshot.store", number=3),
        doing("map", x=0.999, y=0.5),
    ]


def test_a_host_that_is_gone_is_not_an_error(pipe: tuple[int, int]) -> None:
    before = set(threading.enumerate())
    os.close(pipe[0])
    writer = LineWriter(pipe[1])
    writer.send(PANIC)
    writer.close(wait_s=5.0)
    writer.send(PANIC)
    assert set(threading.enumerate()) <= before
