"""The window's process from start to end; what cannot go on ends in one sentence.

Qt is imported late, so that a missing session, screen or library is told apart and said plainly.
"""

import os
import signal
import sys
from pathlib import Path

from rtvae.errors import RtvaeError, SetupError, UsageError
from rtvae.link.control_block import ControlReader
from rtvae.link.layout import LAYOUT_VERSION
from rtvae.link.session_memory import open_control, open_telemetry
from rtvae.link.telemetry import TelemetryReader


def main(arguments: list[str]) -> int:
    """Run the window on a session folder; return the exit status."""
    try:
        if len(arguments) != 1:
            raise UsageError("Usage: python -m rtvae.window SESSION_FOLDER (rtvae play does it).")
        telemetry, control = open_session(Path(arguments[0]))
        require_screen()
        try:
            from rtvae.window.application import run
        except ImportError as error:
            raise SetupError(
                f"The window's libraries cannot be loaded ({error}); "
                "run tools/run.py again or play with --no-window."
            ) from error
    except RtvaeError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    # Ctrl-C in the terminal reaches the whole process group; the host decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return run(telemetry, control)


def open_session(folder: Path) -> tuple[TelemetryReader, ControlReader]:
    """Map a session's shared memory, for looking only.

    Raises EngineError when it is not there, SetupError when another version of rtvae made it.
    """
    control, telemetry = open_control(folder), open_telemetry(folder)
    for block in (control, telemetry):
        block.flags.writeable = False
        if int(block["version"]) != LAYOUT_VERSION:
            raise SetupError(
                f"The session in {folder} was made by another version of rtvae; "
                "end it and start rtvae play again."
            )
    return TelemetryReader(telemetry), ControlReader(control)


def require_screen() -> None:
    """Raise SetupError where Qt would abort the process for want of a display."""
    chosen = any(os.environ.get(name) for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"))
    if sys.platform.startswith("linux") and not chosen:
        raise SetupError("There is no screen to open the window on; play with --no-window.")
