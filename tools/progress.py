"""Runs a long command and shows what it is doing on one line that stays in place.

Standard library only: this runs before anything is installed, and on a Python that may be too
old for rtvae, which it must be able to say.
"""

from __future__ import annotations

import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

REDRAW_S = 0.5  # on a terminal
REPORT_S = 10.0  # in a log, where every report is a new line

# What pip, apt and venv print -> what it means. Anything else they print goes to the log only.
HEADLINES = (
    (r"Collecting ([\w.-]+)", r"looking up \1"),
    (r"\s*(?:Downloading|Using cached) .*?([\w.]+)-[^/]*\((.+)\)", r"fetching \1, \2"),
    (r"\s*(?:Downloading|Using cached) .*?([\w.]+)-[^/]*$", r"fetching \1"),
    (r"\s*(?:Processing) .*?([\w.]+)-[^/]*\.whl", r"fetching \1"),
    (r"Installing build dependencies", "preparing"),
    (r"Installing collected packages", "unpacking"),
    (r"Get:\d+ \S+ \S+ \S+ ([\w.+-]+)", r"fetching \1"),
    (r"(?:Unpacking|Setting up) ([\w.+-]+)", r"unpacking \1"),
)


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit status and every line it printed."""

    status: int
    lines: list[str]

    def last_line(self) -> str:
        """The last thing it said, for a sentence about its failure."""
        said = [line.strip() for line in self.lines if line.strip()]
        return said[-1] if said else "it said nothing"


def say(sentence: str, out: TextIO | None = None) -> None:
    """One line about what the set-up is doing."""
    print(f"rtvae: {sentence}", file=out or sys.stderr, flush=True)


def headline(line: str) -> str:
    """What a line of pip's or apt's output means to a person waiting, or nothing."""
    for pattern, meaning in HEADLINES:
        found = re.match(pattern, line)
        if found:
            return found.expand(meaning)
    return ""


def follow(
    command: list[str],
    doing: str,
    log: Path | None = None,
    out: TextIO | None = None,
) -> Outcome:
    """Run `command` to its end without a keyboard, showing `doing` and its latest headline.

    Everything it prints is kept and appended to `log`. Raises OSError where it cannot be started.
    """
    started = time.monotonic()
    arrived: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    shown = _Line(doing, out or sys.stderr, started)
    lines: list[str] = []
    status = 1
    try:
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            reader = threading.Thread(target=_read_into, args=(process.stdout, arrived))
            reader.start()
            try:
                _show_until_end(arrived, shown, lines)
            except BaseException:
                process.terminate()
                raise
            finally:
                reader.join()
        status = process.returncode
    finally:
        shown.end(done=status == 0)
        if log is not None and log.parent.is_dir():
            with log.open("a", encoding="utf-8") as file:
                file.write("".join(f"{line}\n" for line in [" ".join(command), *lines]))
    return Outcome(status, lines)


def _read_into(stream: Iterable[str], arrived: queue.SimpleQueue[str | None]) -> None:
    for line in stream:
        arrived.put(line.rstrip("\n"))
    arrived.put(None)


def _show_until_end(arrived: queue.SimpleQueue[str | None], shown: _Line, lines: list[str]) -> None:
    while True:
        try:
            line = arrived.get(timeout=REDRAW_S)
        except queue.Empty:
            shown.draw()
            continue
        if line is None:
            return
        lines.append(line)
        shown.latest = headline(line) or shown.latest
        shown.draw()


class _Line:
    """The line on the screen; in a log, a new line now and then."""

    def __init__(self, doing: str, out: TextIO, started: float) -> None:
        self.doing, self.out, self.started = doing, out, started
        self.latest = ""
        self.in_place = out.isatty()
        self.next_draw = started
        if not self.in_place:
            say(f"{doing} ...", out)
            self.next_draw += REPORT_S

    def draw(self) -> None:
        now = time.monotonic()
        if now < self.next_draw:
            return
        if self.in_place:
            self.next_draw = now + REDRAW_S / 5
            width = shutil.get_terminal_size().columns - 1
            self.out.write(f"\r\x1b[K{self._text(now)}"[: width + 4])
            self.out.flush()
        else:
            self.next_draw = now + REPORT_S
            print(self._text(now), file=self.out, flush=True)

    def end(self, *, done: bool) -> None:
        took_s = time.monotonic() - self.started
        if self.in_place:
            self.out.write("\r\x1b[K")
        say(f"{self.doing}: {'done' if done else 'stopped'} after {took_s:.0f} s", self.out)

    def _text(self, now: float) -> str:
        return f"rtvae: {self.doing}, {now - self.started:.0f} s  {self.latest}"
