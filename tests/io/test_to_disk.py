"""Files on their way to the disk are forced there again and again, and nobody waits for it."""

import os
import queue
import threading
from pathlib import Path

import pytest

from rtvae.io.to_disk import ToDisk, force

PATIENCE_S = 10.0


def test_what_is_named_is_forced_in_turn_and_once_more_at_the_end(tmp_path: Path) -> None:
    forced: queue.Queue[Path] = queue.Queue()
    sound, rows = tmp_path / "a.w64", tmp_path / "a.rtvp"
    to_disk = ToDisk(sound, rows, every_s=0.001, force=forced.put)
    assert [forced.get(timeout=PATIENCE_S) for _ in range(6)] == 3 * [sound, rows]
    to_disk.close()
    calm = ToDisk(sound, every_s=1000.0, force=forced.put)
    while not forced.empty():
        forced.get()
    calm.close()
    assert forced.get_nowait() == sound


def test_a_disk_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    goes_on = threading.Event()
    to_disk = ToDisk(tmp_path, every_s=0.0, force=lambda path: goes_on.wait(PATIENCE_S) and None)
    to_disk.close(wait_s=0.01)
    assert "to disk" in {thread.name for thread in threading.enumerate()}
    goes_on.set()


def test_a_file_and_its_folder_reach_the_disk_and_what_is_gone_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: forced.append(os.fstat(handle).st_ino))
    file = tmp_path / "a"
    file.touch()
    for path in (file, tmp_path, tmp_path / "gone"):
        force(path)
    assert forced == [file.stat().st_ino, tmp_path.stat().st_ino]
