"""A real JACK server for one test: dummy driver, no sound card, gone when the test is.

JACK keeps its register of servers in /dev/shm, machine-wide. Where the tests may (root), the test
process gets a private /dev/shm; elsewhere servers take turns by a lock file. The server has its
own name either way, so that it never meets the server of whoever runs the tests.
"""

import contextlib
import ctypes
import fcntl
import functools
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVER = "rtvae-test"
_CLONE_NEWNS = 0x00020000
_PR_SET_PDEATHSIG = 1
_PATIENCE_S = 20.0


class JackServer:
    """`jackd -d dummy` at `rate_hz` with blocks of `period` frames; a context manager."""

    def __init__(self, rate_hz: int = 48_000, period: int = 128) -> None:
        self.rate_hz, self.period = rate_hz, period
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which a client finds this server."""
        return {
            **os.environ,
            "JACK_DEFAULT_SERVER": SERVER,
            "JACK_NO_AUDIO_RESERVATION": "1",
            "JACK_NO_START_SERVER": "1",
        }

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the server and wait until clients can connect."""
        command = ["jackd", "-n", SERVER, "--no-realtime", "-d", "dummy"]
        command += ["-r", str(self.rate_hz), "-p", str(self.period)]
        self._process = subprocess.Popen(
            command,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_die_with_parent,
        )
        self.wait_for_ports("system:playback_2")

    def stop(self) -> None:
        """End the server in an orderly way."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server as a crash would."""
        self._end(signal.SIGKILL)

    def ports(self, containing: str = "") -> list[str]:
        """The names of all ports that contain a text; empty where the server does not answer."""
        listed = self._tool("jack_lsp", containing)
        return [line for line in listed.stdout.splitlines() if containing in line]

    def wait_for_ports(self, containing: str, count: int = 1) -> list[str]:
        """Wait until so many such ports are there and return them."""
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            ports = self.ports(containing)
            if len(ports) >= count:
                return ports
            time.sleep(0.05)
        raise AssertionError(f"{count} port(s) {containing!r} did not come; there are {ports}")

    def connect(self, source: str, destination: str) -> None:
        """Connect two ports."""
        done = self._tool("jack_connect", source, destination)
        assert done.returncode == 0, done.stderr

    def disconnect(self, source: str, destination: str) -> None:
        """Disconnect two ports, if they are connected."""
        self._tool("jack_disconnect", source, destination)

    def freewheel(self, on: bool) -> None:
        """Run the graph as fast as its clients can, or in real time again."""
        done = self._tool("jack_freewheel", "y" if on else "n")
        assert done.returncode == 0, done.stderr

    def __enter__(self) -> "JackServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _tool(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [part for part in command if part],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
        )


@pytest.fixture
def jack_server() -> Iterator[JackServer]:
    """A running server with blocks of 128 frames at 48 kHz, and no other beside it."""
    with alone(), JackServer() as server:
        yield server


@contextlib.contextmanager
def found_by_all(monkeypatch: pytest.MonkeyPatch, period: int = 128) -> Iterator[JackServer]:
    """Run a server, and no other beside it, that every process started meanwhile finds."""
    with alone(), JackServer(period=period) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Make sure that no other test's server is in the way."""
    if _private_shared_memory():
        yield
        return
    with open(Path(tempfile.gettempdir()) / "rtvae-test-jack.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@functools.cache
def _private_shared_memory() -> bool:
    """Give this thread, and all processes that it starts from now on, a /dev/shm of their own."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(_CLONE_NEWNS) != 0:
        return False
    steps = (
        ["mount", "--make-rprivate", "/"],
        ["mount", "-t", "tmpfs", "tmpfs", "/dev/shm"],
    )
    return all(subprocess.run(step, capture_output=True).returncode == 0 for step in steps)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
