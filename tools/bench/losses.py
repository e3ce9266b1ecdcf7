"""What is lost while it plays: a session's own account, and that of a client that does nothing."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jack_stage import JackServer, Trouble, end
from rtvae.link.telemetry import TelemetryReader, dropouts

HERE = Path(__file__).resolve().parent

Counts = dict[str, int]
"""blocks, late (those that took longer than their period) and lost (those before which the device
reported an overflow or underflow)."""


def counts(telemetry: TelemetryReader) -> Counts:
    """Return what a session has counted so far."""
    read = {
        name: int(telemetry.scalar(name))
        for name in ("blocks", "late_blocks", "input_overflows", "output_underflows")
    }
    lost = dropouts(read["input_overflows"], read["output_underflows"])
    return {"blocks": read["blocks"], "late": read["late_blocks"], "lost": lost}


def since(now: Counts, then: Counts) -> Counts:
    """Return what was counted between two looks."""
    return {name: now[name] - then[name] for name in now}


@contextmanager
def idle_client(server: JackServer) -> Iterator[Callable[[], Counts]]:
    """Play nothing on a server; what is yielded asks how that goes. Raises Trouble."""
    client = subprocess.Popen(
        [sys.executable, str(HERE / "idle_client.py"), str(server.rate_hz)],
        env=server.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert client.stdin is not None and client.stdout is not None
    questions, answers = client.stdin, client.stdout

    def ask() -> Counts:
        try:
            questions.write("\n")
            questions.flush()
            counted: Counts = json.loads(answers.readline())
        except (OSError, ValueError) as error:
            raise Trouble("The idle client ended before the run did; start it again.") from error
        return counted

    try:
        if answers.readline().strip() != "running":
            raise Trouble("The idle client does not play; try tools/bench/idle_client.py by hand.")
        yield ask
    finally:
        end(client)
        questions.close()
        answers.close()
