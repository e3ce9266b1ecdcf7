"""A JACK server without a sound card, and `rtvae play` on it, for the tools that measure live."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from rtvae.host.session import PID_FILE, places
from rtvae.link.session_memory import open_telemetry
from rtvae.link.telemetry import TelemetryReader
from rtvae.paths import CONFIG_VARIABLE, STATE_VARIABLE

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
LOOK_S = 0.05

Child = subprocess.Popen[bytes] | subprocess.Popen[str]


class Trouble(Exception):
    """What keeps the stage from being set, as one sentence."""


class JackServer:
    """`jackd -d dummy` under a name of its own; a context manager. Raises Trouble."""

    def __init__(self, name: str, period: int, rate_hz: int = 48_000) -> None:
        self.name, self.period, self.rate_hz = name, period, rate_hz
        self._process: subprocess.Popen[bytes] | None = None
        self._home = tempfile.TemporaryDirectory(prefix=f"{name}-", ignore_cleanup_errors=True)

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which a client finds this server and no other.

        What the player has set, and how the last session ended, is neither played nor written over.
        """
        paths = [str(PROJECT), os.environ.get("PYTHONPATH", "")]
        return {
            **os.environ,
            "JACK_DEFAULT_SERVER": self.name,
            "JACK_NO_AUDIO_RESERVATION": "1",
            "JACK_NO_START_SERVER": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            CONFIG_VARIABLE: self._home.name,
            STATE_VARIABLE: os.path.join(self._home.name, "state"),
        }

    def __enter__(self) -> "JackServer":
        if shutil.which("jackd") is None:
            self._home.cleanup()
            raise Trouble("There is no jackd here; install the package jackd2.")
        command = ["jackd", "-n", self.name, "-d", "dummy"]
        command += ["-r", str(self.rate_hz), "-p", str(self.period)]
        silent = subprocess.DEVNULL
        self._process = subprocess.Popen(
            command, env=self.environment, stdout=silent, stderr=silent
        )
        if not comes(self._answers, self._process):
            self.__exit__(None, None, None)
            raise Trouble(f"jackd -n {self.name} does not start; try it by hand.")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None
        self._home.cleanup()

    def find(self, containing: str) -> str:
        """Wait for a port whose name contains a text, and return its name. Raises Trouble."""
        found: list[str] = []

        def there() -> bool:
            found[:] = [name for name in self._listed().splitlines() if containing in name]
            return bool(found)

        if self._process is None or not comes(there, self._process):
            raise Trouble(f"No port {containing} comes; there are {self._listed().split()}.")
        return found[-1]

    def connect(self, source: str, destination: str) -> None:
        """Connect two ports. Raises Trouble."""
        done = subprocess.run(
            ["jack_connect", source, destination], env=self.environment, capture_output=True
        )
        if done.returncode != 0:
            raise Trouble(f"{source} cannot be connected to {destination}.")

    def _listed(self) -> str:
        listed = subprocess.run(["jack_lsp"], env=self.environment, capture_output=True, text=True)
        return listed.stdout

    def _answers(self) -> bool:
        return "system:playback_2" in self._listed()


class Playing:
    """`rtvae play` (or a `program` in its place) in a process of its own; a context manager.

    Raises Trouble.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: dict[str, str],
        program: Sequence[str] = ("-m", "rtvae", "play"),
    ) -> None:
        self._command = [sys.executable, *program, *arguments]
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Playing":
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        if not comes(self._sounds, self._process):
            self.__exit__(None, None, None)
            raise Trouble(f"It does not play; try by hand: {' '.join(self._command[1:])}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGINT)
            end(self._process)

    @property
    def alive(self) -> bool:
        """Whether the session goes on."""
        return self._process is not None and self._process.poll() is None

    @property
    def session(self) -> Path | None:
        """The session's folder, once there is one."""
        for place in places():
            for mark in place.glob(f"rtvae-*/{PID_FILE}"):
                if self._process and mark.read_text() == str(self._process.pid):
                    return mark.parent
        return None

    @property
    def telemetry(self) -> TelemetryReader:
        """What the engine shows; once it plays."""
        folder = self.session
        if folder is None:
            raise Trouble("The session is over before it was measured.")
        return TelemetryReader(open_telemetry(folder))

    def _sounds(self) -> bool:
        try:
            return self.session is not None and self.telemetry.scalar("blocks") > 0
        except OSError:
            return False  # the folder is being made


def comes(sign: Callable[[], bool], child: Child) -> bool:
    """Wait until a child gives a sign; return whether it did while it lived and patience lasted."""
    deadline = time.monotonic() + PATIENCE_S
    while not (there := sign()):
        if child.poll() is not None or time.monotonic() > deadline:
            break
        time.sleep(LOOK_S)
    return there


def end(process: Child) -> None:
    """End a child in an orderly way, else at once."""
    process.terminate()
    try:
        process.wait(10.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
