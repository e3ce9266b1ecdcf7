"""A process of ours that talks in JSON lines: started, listened to, asked to go, killed.

Nothing here ever waits for the other side: a thread reads what it says, another writes what it
is told, and a process that no longer reads loses messages instead of holding up the host.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import rtvae

LONGEST_LINE = 1 << 20
UNREAD_MESSAGES = 256
LARGEST_LOG = 1 << 20
KILL_WAIT_S = 2.0

Message = dict[str, Any]


class Child:
    """One running Python module. `woken` is called, on another thread, when it said something.

    What the process writes to stderr goes to the end of the file `log`. It gets a process group
    of its own, so that Ctrl-C in the terminal reaches the host alone. `environment` is its
    environment, python_environment() unless told.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        log: Path,
        woken: Callable[[], None] = lambda: None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._heard: deque[Message] = deque()
        self._told: queue.Queue[Message | None] = queue.Queue(UNREAD_MESSAGES)
        self._woken = woken
        with _open_log(log) as errors:
            self._process = subprocess.Popen(
                python_command(module, *arguments),
                env=python_environment() if environment is None else environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                **_own_group(),
            )
        for work, pipe in ((self._listen, self._process.stdout), (self._talk, self._process.stdin)):
            threading.Thread(target=work, args=(pipe,), name="pipe", daemon=True).start()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def exit_status(self) -> int | None:
        """Its exit status, negative for the signal that killed it; None while it runs."""
        return self._process.poll()

    def heard(self) -> list[Message]:
        """Return what it said since the last call. Lines that are no JSON object are dropped."""
        messages = []
        with contextlib.suppress(IndexError):
            while True:
                messages.append(self._heard.popleft())
        return messages

    def tell(self, message: Message) -> bool:
        """Send a message; false if the process has left too many unread."""
        try:
            self._told.put_nowait(message)
        except queue.Full:
            return False
        return True

    def wait(self, seconds: float) -> bool:
        """Wait for it to end; return whether it did."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End it at once, whatever it is doing, and leave nothing of it behind."""
        self._process.kill()
        self.wait(KILL_WAIT_S)

    def _listen(self, pipe: IO[bytes]) -> None:
        # A line without an end is cut, so that a process gone wild cannot fill the memory.
        with pipe:
            while line := pipe.readline(LONGEST_LINE):
                with contextlib.suppress(ValueError, RecursionError):
                    message = json.loads(line)
                    if isinstance(message, dict):
                        self._heard.append(message)
                        self._woken()
        with contextlib.suppress(queue.Full):
            self._told.put_nowait(None)
        self._woken()

    def _talk(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError), pipe:
            while (message := self._told.get()) is not None:
                pipe.write(json.dumps(message).encode() + b"\n")
                pipe.flush()


def python_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of this very installation."""
    # -P: no file that happens to lie in the player's folder is imported in place of ours.
    return [sys.executable, "-P", "-m", module, *arguments]


def python_environment() -> dict[str, str]:
    """Return the environment in which `python_command` finds this very installation."""
    root = str(Path(rtvae.__file__).resolve().parent.parent)
    others = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, others] if others else [root])}


def _own_group() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _open_log(log: Path) -> IO[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    full = log.exists() and log.stat().st_size > LARGEST_LOG
    return open(log, "wb" if full else "ab")
