"""A call for the window of a session that plays: left in the session's folder, found by its host.

`rtvae window` leaves the call; the host takes it away and opens the window, or brings the one that
is open to the front. The call says on which screen it was made, so that a session that was started
without one can show its window too.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from rtvae.errors import EngineError, UsageError
from rtvae.host.session import PID_FILE, is_played_in, places

CALL_FILE = "window.call"
LARGEST_BYTES = 1 << 14
ANSWER_S = 3.0
LOOK_S = 0.05
SCREEN = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "QT_QPA_PLATFORM")


def running_sessions(parents: list[Path] | None = None) -> dict[int, Path]:
    """Return our own sessions that play, by their host's process number."""
    found = {}
    for parent in places() if parents is None else parents:
        for mark in sorted(parent.glob(f"rtvae-*/{PID_FILE}")):
            if is_played_in(mark.parent):
                try:
                    found[int(mark.read_text(encoding="ascii"))] = mark.parent
                except (OSError, ValueError):
                    continue
    return found


def choose(sessions: Mapping[int, Path], wanted: int | None) -> Path:
    """Return the session that is meant. Raises UsageError where there is none, or several."""
    listed = ", ".join(map(str, sorted(sessions)))
    if not sessions:
        raise UsageError("No session plays here; start one with rtvae play.")
    if wanted is not None and wanted not in sessions:
        raise UsageError(f"No session {wanted} plays here; there is {listed}.")
    if wanted is None and len(sessions) > 1:
        raise UsageError(f"Several sessions play: {listed}; say which one, rtvae window NUMBER.")
    return sessions[wanted if wanted is not None else next(iter(sessions))]


def call(
    folder: Path, environment: Mapping[str, str], clock: Callable[[], float] = time.monotonic
) -> None:
    """Leave a call and wait until the host has taken it. Raises EngineError where it does not."""
    path = folder / CALL_FILE
    part = folder / f".{CALL_FILE}.{os.getpid()}"
    screen = {name: environment[name] for name in SCREEN if environment.get(name)}
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(screen, file)
        os.replace(part, path)
    except OSError as error:
        raise EngineError(
            f"The session's folder {folder} cannot be written to ({error.strerror}); "
            "has it just ended?"
        ) from error
    until_s = clock() + ANSWER_S
    while path.exists():
        if clock() > until_s:
            path.unlink(missing_ok=True)
            raise EngineError("The session does not answer; end it and start rtvae play again.")
        time.sleep(LOOK_S)


def on_screen(environment: Mapping[str, str], screen: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with the screen of a call; its own where nobody called."""
    if not screen:
        return dict(environment)
    return {k: v for k, v in environment.items() if k not in SCREEN} | dict(screen)


def answered(folder: Path) -> dict[str, str] | None:
    """Take a call away; return the screen it was made on, or None where nobody called."""
    path = folder / CALL_FILE
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_BYTES)
        path.unlink()
    except OSError:
        return None
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(said, dict):
        return {}
    return {name: said[name] for name in SCREEN if isinstance(said.get(name), str)}
