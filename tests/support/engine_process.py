"""A real engine process with its session's shared memory, spoken to as the host does."""

import contextlib
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from rtvae.control.parameters import index_of
from rtvae.link.control_block import ControlWriter
from rtvae.link.session_memory import (
    create_session_folder,
    open_control,
    open_telemetry,
    remove_session_folder,
)
from rtvae.link.telemetry import TelemetryReader

PATIENCE_S = 60.0


class EngineProcess:
    """`python -m rtvae.engine` and both ends of its pipes."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self.folder = create_session_folder()
        self.control = ControlWriter(open_control(self.folder))
        self.telemetry = TelemetryReader(open_telemetry(self.folder))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rtvae.engine", str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=None if environment is None else dict(environment),
        )
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        self.stderr: list[str] = []
        self._readers = [
            threading.Thread(target=read, daemon=True)
            for read in (self._read_events, self._read_stderr)
        ]
        for reader in self._readers:
            reader.start()

    def send(self, **command: object) -> None:
        """Send one command."""
        self.send_line(json.dumps(command))

    def send_line(self, line: str) -> None:
        """Send one line as it is."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def leave(self) -> None:
        """Close the command pipe, as a dying host does."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def event(self, name: str) -> dict[str, Any]:
        """Wait for an event of that name; others before it are passed over, but not a fault."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {name!r} came; stderr: {self.stderr}") from None
            if event["event"] == name:
                return event
            assert event["event"] not in ("failed", "refused"), event

    def set(self, name: str, value: float) -> None:
        """Turn a knob."""
        self.control.set(index_of(name), value)

    def wait_blocks(self, more: int) -> None:
        """Wait until so many more blocks have been played."""
        wanted = self.telemetry.scalar("blocks") + more
        deadline = time.monotonic() + PATIENCE_S
        while self.telemetry.scalar("blocks") < wanted:
            assert time.monotonic() < deadline, "the block counter stands still"
            time.sleep(0.005)

    def exit_status(self) -> int:
        """Wait until the process has ended."""
        status = self.process.wait(PATIENCE_S)
        for reader in self._readers:
            reader.join()
        return status

    def close(self) -> None:
        """End whatever is left."""
        self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        remove_session_folder(self.folder)

    def _read_events(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._events.put(json.loads(line))

    def _read_stderr(self) -> None:
        assert self.process.stderr is not None
        self.stderr.extend(self.process.stderr)


@contextlib.contextmanager
def engine(environment: Mapping[str, str] | None = None) -> Iterator[EngineProcess]:
    """An engine for one test."""
    process = EngineProcess(environment)
    try:
        yield process
    finally:
        process.close()
