"""A session's folder from the host's side: made, marked with who owns it, cleaned up after.

The host holds a lock on `host.pid` for as long as it lives, and the system lets go of the lock
however the host dies. A session folder whose lock is free has lost its host: the engine that
still plays there is stopped and the folder removed when the next host starts.
"""

import contextlib
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from rtvae.link.session_memory import (
    CONTROL_FILE,
    TELEMETRY_FILE,
    create_session_folder,
    remove_session_folder,
)

PID_FILE = "host.pid"
ENGINE_PID_FILE = "engine.pid"
FOLDER_PATTERN = "rtvae-*"
# A folder this young and without a mark may belong to a host that is just starting.
UNMARKED_GRACE_S = 60.0
KILL_WAIT_S = 1.0


@contextlib.contextmanager
def session() -> Iterator[Path]:
    """Make a session folder that is locked as ours; remove it at the end."""
    folder = create_session_folder()
    try:
        with open(folder / PID_FILE, "w", encoding="ascii") as mark:
            lock(mark)
            mark.write(str(os.getpid()))
            mark.flush()
            yield folder
    finally:
        remove_session_folder(folder)


def note_engine(folder: Path, pid: int) -> None:
    """Write down which process plays in a session folder."""
    (folder / ENGINE_PID_FILE).write_text(str(pid), encoding="ascii")


def clean_up_after_dead_hosts(parents: list[Path] | None = None) -> list[str]:
    """Stop the engines and remove the folders that hosts left behind; say so, one line each."""
    done = []
    for parent in places() if parents is None else parents:
        for folder in sorted(parent.glob(FOLDER_PATTERN)):
            if not _abandoned(folder):
                continue
            if _stop_engine(folder):
                done.append("An engine left over from a session that was killed has been stopped.")
            remove_session_folder(folder)
    return done


def places() -> list[Path]:
    """Where session folders may lie."""
    found = {Path("/dev/shm"), Path(tempfile.gettempdir())}
    return sorted(place for place in found if place.is_dir())


def is_played_in(folder: Path) -> bool:
    """Whether a folder is a session of ours whose host lives."""
    try:
        if not _is_ours(folder):
            return False
        with open(folder / PID_FILE, "r+", encoding="ascii") as mark:
            return not lock(mark)
    except OSError:
        return False


def _is_ours(folder: Path) -> bool:
    facts = folder.lstat()
    foreign = hasattr(os, "getuid") and facts.st_uid != os.getuid()
    return not foreign and stat.S_ISDIR(facts.st_mode) and _is_session(folder)


def _abandoned(folder: Path) -> bool:
    try:
        if not _is_ours(folder):
            return False
        facts = folder.lstat()
        if not (folder / PID_FILE).exists():
            return time.time() - facts.st_mtime > UNMARKED_GRACE_S
        with open(folder / PID_FILE, "r+", encoding="ascii") as mark:
            return lock(mark)
    except OSError:
        return False


def _is_session(folder: Path) -> bool:
    """Whether a folder is what its name promises: others may call theirs rtvae-something too."""
    return (folder / CONTROL_FILE).is_file() and (folder / TELEMETRY_FILE).is_file()


def lock(file: IO[str]) -> bool:
    """Take the lock on an open file; false if another process holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _stop_engine(folder: Path) -> bool:
    """Kill the engine that plays in a folder. Its number may be another program's by now."""
    try:
        pid = int((folder / ENGINE_PID_FILE).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return False
    if pid <= 1 or str(folder) not in _command_line(pid):
        return False
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    # Not before it is gone has it let go of the device.
    until = time.monotonic() + KILL_WAIT_S
    while str(folder) in _command_line(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return True


def _command_line(pid: int) -> str:
    try:
        return (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
    except OSError:
        pass
    try:
        listing = subprocess.run(
            ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, timeout=2
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return listing.stdout
