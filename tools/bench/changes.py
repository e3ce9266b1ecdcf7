"""What changing presets costs the sound: lost periods and late blocks, with changes and without.

    python tools/bench/changes.py [--turns 3] [--seconds 12] [--frames 128]

On JACK servers without a sound card three cases take turns, each for so many seconds from 3 s after
the sound began: a client that does nothing, alone; a session that changes nothing, beside it; and
one that goes to the next preset of the set list "demo" every two seconds, by OSC, also beside it.
Session and idle client have a server each, so that neither is blamed for the other's lost periods.
Every turn is a session of its own that has loaded nothing before: each change brings another model
or other models, most of them for the first time. Changes that are not heard are no measurement:
they are counted by the engine, and the run ends with a sentence if one is missing. What examining a
model costs that this machine has never seen is no part of it: that is done before the first turn.
"""

import argparse
import socket
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from jack_stage import PROJECT, JackServer, Playing, Trouble
from losses import Counts, counts, idle_client, since
from rtvae.errors import RtvaeError
from rtvae.model.admit import admit
from rtvae.model.library import list_models
from rtvae.paths import models_dir

SESSION_SERVER, IDLE_SERVER = "rtvae-changes", "rtvae-changes-idle"
NOBODY, STILL, CHANGING = "idle client alone", "session, no changes", "session, changes"
CASES = (NOBODY, STILL, CHANGING)
SET_LIST = "demo"
MOST_CHANGES = 6
"""The end of a show is an end: the set list has seven presets."""

SETTLING_S = 3.0
EVERY_S = 2.0
PER_S = 10.0
COUNTED = ("lost", "late")


class Turn(NamedTuple):
    """What was counted in one turn; `session` is None where there was none."""

    case: str
    seconds: float
    idle: Counts
    session: Counts | None


def rates(turns: Sequence[Turn], case: str, who: str, what: str) -> list[float]:
    """Return what one of the two clients counted per 10 s, turn by turn; none where none played."""
    found: list[float] = []
    for turn in turns:
        counted = turn.session if who == "session" else turn.idle
        if turn.case == case and counted is not None:
            found.append(counted[what] * PER_S / turn.seconds)
    return found


def summary(turns: Sequence[Turn]) -> str:
    """Return the table: medians per 10 s, lowest and highest turn in brackets, and the ratios."""
    columns = [(who, what) for who in ("session", "idle") for what in COUNTED]
    lines = [f"{'per 10 s':<22}" + "".join(f"{f'{who} {what}':>20}" for who, what in columns)]
    for case in CASES:
        cells = [_cell(rates(turns, case, who, what)) for who, what in columns]
        lines.append(f"{case:<22}" + "".join(f"{cell:>20}" for cell in cells))
    cells = [
        _ratio(rates(turns, CHANGING, who, what), rates(turns, STILL, who, what))
        for who, what in columns
    ]
    lines.append(f"{'changes / no changes':<22}" + "".join(f"{cell:>20}" for cell in cells))
    return "\n".join(lines)


def told(turn: Turn) -> str:
    """Return one turn as it was counted, in one line."""
    clients = {"session": turn.session, "idle": turn.idle}
    words = [
        f"{who} {counted['lost']} lost, {counted['late']} late of {counted['blocks']:,}"
        for who, counted in clients.items()
        if counted is not None
    ]
    return f"{turn.case}: {'; '.join(words)}"


def _cell(found: Sequence[float]) -> str:
    if not found:
        return "-"
    return f"{statistics.median(found):.1f} ({min(found):.1f} to {max(found):.1f})"


def _ratio(over: Sequence[float], under: Sequence[float]) -> str:
    if not over or not under or not statistics.median(under):
        return "-"
    return f"{statistics.median(over) / statistics.median(under):.2f}"


def packet(address: str) -> bytes:
    """Return an OSC 1.0 message without arguments: each text ends with 0 to a multiple of 4."""
    texts = (address.encode() + b"\0", b",\0")
    return b"".join(text + b"\0" * (-len(text) % 4) for text in texts)


def pass_time(seconds: float, change_port: int | None) -> int:
    """Wait, going to the next preset meanwhile if there is a port; return how often."""
    until = time.monotonic() + seconds
    changes = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as osc:
        # The last one has time to be heard.
        while change_port and until - time.monotonic() >= EVERY_S * 0.9 and changes < MOST_CHANGES:
            osc.sendto(packet("/rtvae/do/preset/next"), ("127.0.0.1", change_port))
            changes += 1
            time.sleep(EVERY_S)
    time.sleep(max(0.0, until - time.monotonic()))
    return changes


def examine() -> None:
    """Let the bundled models in, so that no turn examines one. Raises ModelError."""
    for entry in list_models(models_dir()):
        admit(entry.path)


def alone(case: str, seconds: float, frames: int) -> Turn:
    """Count what a client that does nothing loses by itself."""
    with JackServer(IDLE_SERVER, frames) as server, idle_client(server) as idle:
        time.sleep(SETTLING_S)
        before = idle()
        pass_time(seconds, None)
        return Turn(case, seconds, since(idle(), before), None)


def beside(case: str, seconds: float, frames: int) -> Turn:
    """Count what a session loses, and a client that does nothing beside it."""
    port = _free_port()
    with (
        JackServer(SESSION_SERVER, frames) as server,
        JackServer(IDLE_SERVER, frames) as other,
        idle_client(other) as idle,
        Playing(_arguments(port), server.environment) as playing,
    ):
        time.sleep(SETTLING_S)
        telemetry = playing.telemetry
        before, idle_before = counts(telemetry), idle()
        models = int(telemetry.scalar("model_serial"))
        sent = pass_time(seconds, port if case == CHANGING else None)
        counted, idle_counted = since(counts(telemetry), before), since(idle(), idle_before)
        heard = int(telemetry.scalar("model_serial")) - models
        if not playing.alive or not counted["blocks"]:
            raise Trouble("The session ended by itself while it was measured; try it by hand.")
    if heard != sent:
        raise Trouble(f"Sent changes: {sent}, heard: {heard}; give them more time, or try by hand.")
    return Turn(case, seconds, idle_counted, counted)


def _arguments(port: int) -> list[str]:
    recording = Path(PROJECT) / "recordings" / "demo.flac"
    return [
        "--driver", "portaudio", "--set-list", SET_LIST, "--fresh", "--osc", str(port),
        "--no-window", "--input", str(recording), "--loop",
    ]  # fmt: skip


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure in turns and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--turns", type=int, default=3, help="of each case")
    parser.add_argument("--seconds", type=float, default=12.0, help="of each turn; 2 s a change")
    parser.add_argument("--frames", type=int, default=128, help="the servers' period")
    args = parser.parse_args(arguments)
    turns: list[Turn] = []
    try:
        examine()
        for k in range(args.turns):
            for case in CASES:
                measure = alone if case == NOBODY else beside
                turns.append(measure(case, args.seconds, args.frames))
                print(f"{k + 1} of {args.turns}: {told(turns[-1])}", file=sys.stderr, flush=True)
    except (Trouble, RtvaeError) as trouble:
        print(f"changes.py: {trouble}", file=sys.stderr)
        return 1
    print(f"{args.frames} frames, {args.turns} turns of {args.seconds:g} s")
    print(summary(turns))
    return 0


if __name__ == "__main__":
    sys.exit(main())
