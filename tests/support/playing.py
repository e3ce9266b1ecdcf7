"""One real `rtvae play` in a process of its own, watched through what a user can see of it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rtvae.control.parameters import index_of
from rtvae.host.session import ENGINE_PID_FILE, PID_FILE, places
from rtvae.link.session_memory import open_control, open_telemetry
from rtvae.link.telemetry import TelemetryReader

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0


def environment(**changes: str) -> dict[str, str]:
    """An environment without a screen in which `python -m rtvae` is this working copy."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return {**kept, "PYTHONPATH": str(PROJECT), **changes}


def rtvae(*arguments: object, **changes: str) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "rtvae", *map(str, arguments)],
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


class Playing:
    """A context manager: `rtvae play ARGUMENTS` in `folder`, killed at the end if need be."""

    def __init__(self, folder: Path, *arguments: object, env: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rtvae", "play", *map(str, arguments)],
            cwd=folder,
            env=env or environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "Playing":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.interrupt()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()
        self._reader.join()

    @property
    def said(self) -> str:
        """Everything on stderr so far."""
        return "\n".join(self.lines)

    def sentences(self, containing: str) -> list[str]:
        """The lines on stderr that contain a text."""
        return [line for line in self.lines if containing in line]

    def until(self, what: str, happened: Callable[[], bool]) -> None:
        """Wait until something has happened."""
        deadline = time.monotonic() + PATIENCE_S
        while not happened():
            assert time.monotonic() < deadline, f"{what} did not happen:\n{self.said}"
            time.sleep(0.02)

    def until_said(self, text: str, times: int = 1) -> None:
        """Wait for so many lines on stderr that contain a text."""
        self.until(f"saying {text!r}", lambda: len(self.sentences(text)) >= times)

    def until_playing(self) -> None:
        """Wait until blocks go by."""
        self.until_said("Playing model")
        before = self.blocks
        self.until("playing", lambda: self.blocks > before)

    def finish(self) -> int:
        """Wait for the end and return the exit status."""
        status = self._process.wait(PATIENCE_S)
        self._reader.join()
        return status

    def interrupt(self) -> None:
        """Press Ctrl-C: the terminal sends it to the whole process group."""
        os.killpg(self._process.pid, signal.SIGINT)

    def kill(self) -> None:
        """Kill the host as a crash would."""
        self._process.kill()
        self._process.wait()

    @property
    def pid(self) -> int:
        """The host's process number."""
        return self._process.pid

    @property
    def session(self) -> Path:
        """The session's folder."""
        for place in places():
            for mark in place.glob(f"rtvae-*/{PID_FILE}"):
                if mark.read_text() == str(self._process.pid):
                    return mark.parent
        raise AssertionError(f"there is no session folder:\n{self.said}")

    @property
    def engine_pid(self) -> int:
        """The engine's process number."""
        return int((self.session / ENGINE_PID_FILE).read_text())

    @property
    def telemetry(self) -> TelemetryReader:
        """What the engine shows."""
        return TelemetryReader(open_telemetry(self.session))

    @property
    def blocks(self) -> int:
        """How many blocks have been played."""
        return int(self.telemetry.scalar("blocks"))

    def parameter(self, name: str) -> float:
        """A parameter's value in the control block."""
        return float(open_control(self.session)["values"][index_of(name)])

    def shift(self, latent: int) -> float:
        """How far the newest latents are shifted from encoded to played; scale has to be 1.

        NaN before there are any, as right after an engine was started again.
        """
        before, after = self.telemetry.latents(1)
        if not after.shape[0]:
            return float("nan")
        return float(after[-1, latent - 1] - before[-1, latent - 1])

    def _read(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            for line in stream:
                self.lines.append(line.rstrip("\n"))
