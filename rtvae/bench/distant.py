"""Distant: a peer in a process of its own, as a lane of the bench. See `answers` for the words."""

import contextlib
import json
import os
import subprocess
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import IO, Any

import numpy as np

from rtvae.bench.pacing import TIMES, Record
from rtvae.errors import ModelError, UsageError

PEER_FILE = "peer.json"
"""In the folder that a script of tools/bench made: {"command": [...]}, relative to the folder."""

KEPT_LINES = 20


class Distant:
    """A started peer; `hello` is what it said of itself.

    It runs in `folder` and finds modules in `modules` too. Raises ModelError if it does not start.
    """

    def __init__(
        self, command: Sequence[str], folder: Path | None = None, modules: Path | None = None
    ) -> None:
        added = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        if modules is not None:
            paths = [str(modules), os.environ.get("PYTHONPATH", "")]
            added["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        self._name = Path(command[-1]).name
        try:
            self._child = subprocess.Popen(
                command,
                cwd=folder,
                env=os.environ | added,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        except OSError as error:
            raise ModelError(
                f"The peer {self._name} cannot be started ({error.strerror}); make its folder "
                "again with the script of tools/bench that made it."
            ) from error
        self._complaints: deque[str] = deque(maxlen=KEPT_LINES)
        self._listener = Thread(target=self._hear, args=(self._child.stderr,), daemon=True)
        self._listener.start()
        self.hello = self._answer()

    @property
    def title(self) -> str:
        """What the table calls it."""
        return str(self.hello["title"])

    def share_priority(self) -> None:
        """Give it the scheduling of the calling thread: all lanes are measured alike."""
        if hasattr(os, "sched_setscheduler"):
            with contextlib.suppress(OSError):
                policy, priority = os.sched_getscheduler(0), os.sched_getparam(0)
                os.sched_setscheduler(self._child.pid, policy, priority)

    def blocks(self, frames: int) -> str:
        """Prepare blocks of a size; return "" or a sentence that says why it cannot."""
        return str(self.ask({"do": "blocks", "frames": frames}).get("refused", ""))

    def turn(self, blocks: int, uncounted: int, period_s: float) -> Record:
        """See DistantLane."""
        question = {"do": "turn", "blocks": blocks, "uncounted": uncounted, "period_s": period_s}
        return record_of(self.ask(question), blocks, self._name)

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one question. Raises ModelError if there is none."""
        assert self._child.stdin is not None
        with contextlib.suppress(OSError):
            self._child.stdin.write(json.dumps(question) + "\n")
            self._child.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            for stream in (self._child.stdin, self._child.stdout):
                assert stream is not None
                stream.close()
        try:
            self._child.wait(5.0)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._listener.join(1.0)
        assert self._child.stderr is not None
        self._child.stderr.close()

    def _answer(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        try:
            words = json.loads(line)
        except ValueError:
            words = None
        if not isinstance(words, dict):
            status = self._child.wait() if not line else "and talks nonsense"
            self.close()
            last = next((text for text in reversed(self._complaints) if text.strip()), "no reason")
            raise ModelError(
                f"The peer {self._name} gave up (status {status}): {last.strip()[:200]}; make its "
                "folder again with the script of tools/bench that made it, or leave it out."
            )
        return words

    def _hear(self, stream: IO[str] | None) -> None:
        assert stream is not None
        with contextlib.suppress(ValueError, OSError):
            self._complaints.extend(stream)


def distant_of(folder: Path) -> Distant:
    """Start the peer that a script of tools/bench has put in a folder.

    Raises UsageError if there is none, ModelError if it does not start.
    """
    try:
        words = json.loads((folder / PEER_FILE).read_text(encoding="utf-8"))
        command = [str(word) for word in words["command"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{folder} holds no peer ({PEER_FILE}); make one with `python tools/bench/peers.py "
            f"{folder}`."
        ) from error
    return Distant(command, folder)


def record_of(words: dict[str, Any], blocks: int, name: str) -> Record:
    """Return what a peer answered to a turn as a record. Raises ModelError if it is none."""
    record = Record.of(blocks)
    try:
        for field in TIMES:
            getattr(record, field)[:] = np.array(words[field], np.float64).reshape(blocks)
        record.overruns = int(words["overruns"])
    except (KeyError, ValueError, TypeError) as error:
        reason = words.get("refused", "it answered something else")
        raise ModelError(
            f"The peer {name} did not play {blocks} blocks: {reason}; leave it out."
        ) from error
    return record
