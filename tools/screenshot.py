"""Takes the README's picture: starts the real thing on a screen of its own and photographs it.

The screen is Xvfb, so nothing on the user's desktop is touched. What is started is `rtvae play`
with the built-in clocked device, or any command given after `--`.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from rtvae.host.window_call import running_sessions  # noqa: E402
from rtvae.link.session_memory import open_telemetry  # noqa: E402
from rtvae.link.telemetry import TelemetryReader  # noqa: E402

PICTURE = ROOT / "docs" / "window.png"
SCREEN = "1280x800"
END_S = 8.0
PATIENCE_S = 60.0
_GRAB = """
import sys
from PyQt6.QtGui import QGuiApplication
app = QGuiApplication(["screenshot"])
sys.exit(not app.primaryScreen().grabWindow(0).save(sys.argv[1], "PNG", 0))
"""
# Ends once something lies on the screen: the middle line of pixels is no longer black.
_SEE = """
import sys, time
from PyQt6.QtGui import QGuiApplication
app = QGuiApplication(["screenshot"])
until_s = time.monotonic() + float(sys.argv[1])
screen = app.primaryScreen()
y = screen.geometry().height() // 2
while time.monotonic() < until_s:
    line = screen.grabWindow(0, 0, y, -1, 1).toImage()
    if any(line.pixel(x, 0) & 0xFFFFFF for x in range(line.width())):
        sys.exit(0)
    time.sleep(0.5)
sys.exit(1)
"""


@contextlib.contextmanager
def virtual_screen(size: str = SCREEN) -> Iterator[dict[str, str]]:
    """Start Xvfb; give the environment in which programs appear on it. Ends Xvfb afterwards.

    Raises FileNotFoundError where Xvfb is not installed.
    """
    program = shutil.which("Xvfb")
    if program is None:
        raise FileNotFoundError("Xvfb is not installed; apt-get install xvfb brings it.")
    read, write = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with open(read, encoding="ascii") as told:
            number = told.readline().strip()
        if not number:
            raise FileNotFoundError("Xvfb did not start; is another one in its way?")
        yield {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait()


def photograph(screen: dict[str, str], path: Path) -> None:
    """Save everything on a virtual screen as a PNG file.

    Raises CalledProcessError when that fails.
    """
    # Gently: the sound that is being photographed goes on.
    photographer = ["nice", sys.executable, "-c", _GRAB, str(path)]
    subprocess.run(photographer, env=screen, check=True)


def wait_for_sight(screen: dict[str, str], patience_s: float = PATIENCE_S) -> bool:
    """Wait until something lies on a virtual screen; return whether it came."""
    looking = ["nice", sys.executable, "-c", _SEE, str(patience_s)]
    return subprocess.run(looking, env=screen).returncode == 0


def wait_for_sound(pid: int, patience_s: float = PATIENCE_S) -> None:
    """Wait until the session of a `rtvae play` sounds; other programs are not waited for."""
    until_s = time.monotonic() + patience_s
    while time.monotonic() < until_s:
        folder = running_sessions().get(pid)
        if folder is None or TelemetryReader(open_telemetry(folder)).scalar("blocks") > 0:
            return
        time.sleep(0.5)


def main() -> int:
    """Take the picture; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, default=PICTURE)
    parser.add_argument("--wait-s", type=float, default=8.0, help="from sight to picture")
    parser.add_argument("--size", default=SCREEN)
    parser.add_argument("command", nargs="*", help="after --; default: rtvae play")
    chosen = parser.parse_args()
    chosen.picture.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, virtual_screen(chosen.size) as screen:
        sound = str(Path(folder) / "rtvae-output.wav")
        playing = [sys.executable, "-m", "rtvae", "play", "--driver", "dummy", "--output", sound]
        program = subprocess.Popen(
            chosen.command or playing, cwd=ROOT, env=screen, start_new_session=True
        )
        try:
            seen = wait_for_sight(screen)
            wait_for_sound(program.pid)
            time.sleep(chosen.wait_s if seen else 0.0)
            if program.poll() is not None or not seen:
                print("The program showed nothing, or ended before its picture.", file=sys.stderr)
                return 1
            photograph(screen, chosen.picture.resolve())
        finally:
            _end(program)
    print(f"wrote {chosen.picture}")
    return 0


def _end(program: subprocess.Popen[bytes]) -> None:
    """Ask politely, as Ctrl-C does, so that nothing is left behind; then insist."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(program.pid, signal.SIGINT)
        try:
            program.wait(END_S)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            program.wait()


if __name__ == "__main__":
    sys.exit(main())
