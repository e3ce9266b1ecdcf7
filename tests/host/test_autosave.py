"""Autosave: the newest state is on the disk, a dead session's is found, a living one's is not."""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.control.presets import ModelName, Preset, SnapshotSetting
from rtvae.errors import PresetError
from rtvae.host.autosave import Autosave, Left, Saved, from_text, left_behind, read, to_text
from rtvae.host.notes import Note
from rtvae.host.whole_file import Disk

STATE = Preset(
    "Glass",
    ModelName("strings", "0" * 64),
    settings=(("mix", 0.25), ("latent.2.offset", 1.5)),
    snapshots=(SnapshotSetting(3, (0.5,), (1.0,)),),
)
SAVED = Saved(STATE, "/m/strings", "/m/voice", "Friday", 2, True)


class Session:
    """An autosave and what it says; `die` is what a killed process leaves."""

    def __init__(
        self, folder: Path, goes_on: Left | None = None, files: Disk | None = None
    ) -> None:
        self.notes: list[Note] = []
        self.autosave = Autosave(
            folder, self.notes.append, goes_on=goes_on, files=files or Disk(), every_s=0.0
        )
        self.autosave.open()

    def keep(self, saved: Saved, folder: Path) -> None:
        self.autosave.keep(saved)
        until(lambda: to_text(saved) in [path.read_text() for path in folder.glob("*.json")])

    def die(self) -> None:
        with self.autosave._changed:
            self.autosave._ending = True
            self.autosave._changed.notify()
        self.autosave._thread.join()
        assert self.autosave._lock is not None
        self.autosave._lock.close()


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20.0
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def found(folder: Path) -> list[Saved]:
    """What a new session would find; it lets go of it again."""
    states = []
    for left in left_behind(folder):
        states.append(read(left.path))
        left.mark.close()
    return states


def test_a_state_is_read_back_as_it_was() -> None:
    assert from_text(to_text(SAVED)) == SAVED
    assert from_text(to_text(Saved(Preset(""), "/m"))) == Saved(Preset(""), "/m")


def test_what_a_dead_session_left_is_found_and_gone_on_with(tmp_path: Path) -> None:
    first = Session(tmp_path)
    first.keep(SAVED, tmp_path)
    assert found(tmp_path) == []  # it lives
    first.die()
    (left,) = left_behind(tmp_path)
    assert read(left.path) == SAVED
    assert found(tmp_path) == []  # it is taken
    second = Session(tmp_path, left)
    second.die()
    assert found(tmp_path) == [SAVED]  # a crash before anything was written costs nothing


def test_after_a_proper_end_nothing_is_found(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.keep(SAVED, tmp_path)
    (tmp_path / f".{session.autosave._path.name}.7.part").write_text("half")
    session.autosave.end()
    assert list(tmp_path.iterdir()) == []


def test_what_is_left_by_an_error_is_written_to_the_last_word(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.keep(SAVED, tmp_path)
    last = Saved(Preset("Choir"), "/m/voice")
    session.autosave.keep(last)
    session.autosave.leave()
    (left,) = left_behind(tmp_path)
    assert read(left.path) == last
    second = Session(tmp_path, left)
    second.autosave.leave()
    assert found(tmp_path) == [last]  # nothing was written yet, and it is still there


def test_two_sessions_do_not_touch_each_others_state(tmp_path: Path) -> None:
    one, two = Session(tmp_path), Session(tmp_path)
    other = Saved(Preset("Choir"), "/m/voice")
    one.keep(SAVED, tmp_path)
    two.keep(other, tmp_path)
    two.autosave.end()
    one.die()
    assert found(tmp_path) == [SAVED]


def test_of_two_dead_sessions_the_newest_comes_first_and_the_other_is_kept(tmp_path: Path) -> None:
    other = Saved(Preset("Choir"), "/m/voice")
    for k, saved in enumerate((SAVED, other)):
        session = Session(tmp_path)
        session.keep(saved, tmp_path)
        session.die()
        os.utime(session.autosave._path, (1e9 + k, 1e9 + k))
    assert found(tmp_path) == [other, SAVED]


def test_a_full_disk_is_told_once_and_what_was_there_is_kept(tmp_path: Path) -> None:
    class Full(Disk):
        full = False

        def write(self, path: Path, content: bytes) -> None:
            if self.full:
                path.write_bytes(content[:10])
                raise OSError(errno.ENOSPC, "No space left on device")
            super().write(path, content)

    disk = Full()
    session = Session(tmp_path, files=disk)
    session.keep(SAVED, tmp_path)
    disk.full = True
    for k in range(3):
        session.autosave.keep(Saved(Preset(f"p{k}"), "/m"))
        until(lambda: session.autosave._saved is None)
    until(lambda: bool(session.notes))
    disk.full = False
    session.keep(Saved(Preset("later"), "/m"), tmp_path)
    assert len(session.notes) == 1
    assert "No space left on device" in session.notes[0].sentence
    session.die()
    assert found(tmp_path) == [Saved(Preset("later"), "/m")]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".lock"]


def test_it_writes_no_more_than_once_in_its_time(tmp_path: Path) -> None:
    class Counting(Disk):
        writes = 0

        def write(self, path: Path, content: bytes) -> None:
            self.writes += 1
            super().write(path, content)

    disk = Counting()
    autosave = Autosave(tmp_path, lambda note: None, files=disk, every_s=3600.0)
    autosave.open()
    for k in range(100):
        autosave.keep(Saved(Preset(f"p{k}"), "/m"))
    until(lambda: disk.writes == 1)
    autosave.end()
    assert disk.writes == 1
    assert not autosave._thread.is_alive()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "[" * 100_000,
        '{"format": 2}',
        '{"format": 1}',
        to_text(SAVED)[:200],
        to_text(SAVED).replace("0.25", "25"),
        to_text(SAVED).replace("2,", '"x",'),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(PresetError) as refusal:
        from_text(text)
    assert "\n" not in str(refusal.value)
    (tmp_path / "a.json").write_text(text)
    (left,) = left_behind(tmp_path)
    left.put_aside()
    assert [path.name for path in tmp_path.iterdir()] == ["a.broken"]


@given(st.text() | st.dictionaries(st.text(), st.text()).map(str))
def test_any_text_is_a_state_or_one_sentence(text: str) -> None:
    with pytest.raises(PresetError):
        from_text(text)
