"""Long runs: does anything grow, and does the sound hold?

    python tools/bench/long_run.py freewheel [--blocks 10000000] [--model transform]
    python tools/bench/long_run.py realtime [--minutes 60] [--frames 128] [--no-window]

`freewheel` plays blocks through the engine's own callback, as fast as it goes, over the memory of
a real session, and looks at what the process holds. `realtime` plays with the window open (on a
screen of its own, Xvfb) on one JACK server without a sound card, while a client that does nothing
plays on another with the same period: our late blocks may be 1.5 times its own and 0.05 % of all
blocks more. Both print a line each minute, so a run that is cut short still says something.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from growth import Holdings, faults, slope_kib
from jack_stage import JackServer, Playing, Trouble, end
from losses import counts, idle_client, since
from rtvae.bench.sound import sound
from rtvae.bench.stage import stage
from rtvae.engine.block_path import BlockPath
from rtvae.engine.callback import EngineCallback
from rtvae.host.session import ENGINE_PID_FILE, PID_FILE, session
from rtvae.link.control_block import ControlReader, ControlWriter
from rtvae.link.session_memory import open_control, open_telemetry
from rtvae.link.telemetry import TelemetryReader, TelemetryWriter
from rtvae.model.library import DEFAULT_MODEL, find_model
from rtvae.model.load import load_model
from rtvae.model.ort import prepare_process
from rtvae.paths import models_dir
from rtvae.spec import StreamSpec

LOOKS = 60
KNOBS_TURNED = 8
MOST_TIMES_IDLE, MOST_SHARE_MORE = 1.5, 0.0005
SCREEN = ":97"
Say = Callable[[str], None]


def say(line: str) -> None:
    """Print at once, so that a log can be read while the run goes on."""
    print(line, flush=True)


def freewheel(model: str, blocks: int, frames: int) -> int:
    """Play so many blocks; return how many things grew."""
    prepare_process()
    # Marked as ours, or the next `rtvae play` would clear it away as left behind.
    with session() as folder, stage(urgent=False):
        return _freewheel(model, blocks, frames, folder)


def _freewheel(model: str, blocks: int, frames: int, folder: Path) -> int:
    play = _callback(model, frames, folder)
    heard = np.repeat(sound(2.0, 48_000)[: 96_000 // frames * frames, None], 2, axis=1)
    parts = heard.reshape(-1, frames, 2)
    played = np.zeros((frames, 2), np.float32)
    knobs = ControlWriter(open_control(folder))
    seen: list[tuple[float, Holdings]] = []
    each, done = max(1, blocks // LOOKS), 0
    began_s = told_s = time.monotonic()
    while done < blocks:
        for k in range(done, min(done + each, blocks)):
            play(parts[k % len(parts)], played, 0)
        done = min(done + each, blocks)
        knobs.set(done // each % KNOBS_TURNED, float(done // each % 3) - 1.0)
        seen.append((done / 1e6, Holdings.of()))
        if time.monotonic() - told_s > 60.0 or done == blocks:
            told_s = time.monotonic()
            say(f"{done:,} blocks, {told_s - began_s:.0f} s: {_words(seen[-1][1])}")
    telemetry = TelemetryReader(open_telemetry(folder))
    found = faults(seen)
    if int(telemetry.scalar("blocks")) != blocks:
        found.append(f"{int(telemetry.scalar('blocks'))} blocks were counted")
    if repairs := int(telemetry.scalar("guard_repairs")):
        found.append(f"{repairs} blocks had to be repaired")
    say(f"slope {slope_kib(seen):+.1f} KiB per million blocks")
    return _verdict(found, "nothing grew")


def _callback(model: str, frames: int, folder: Path) -> EngineCallback:
    live = load_model(find_model(model, models_dir()))
    control, telemetry = open_control(folder), TelemetryWriter(open_telemetry(folder))
    rate_hz = live.card.sample_rate_hz
    path = BlockPath(
        live,
        StreamSpec(rate_hz, frames, 2, 2),
        ControlReader(control),
        telemetry,
        input_channels=(0,),
        output_channels=(0, 1),
    )
    path.voice.warm_up(frames)
    return EngineCallback(path, telemetry, rate_hz)


def realtime_run(model: str, minutes: float, frames: int, window: bool) -> int:
    """Play beside an idle client; return 1 if too much came late or something grew."""
    with ExitStack() as stack:
        ours = stack.enter_context(JackServer("rtvae-long", frames))
        other = stack.enter_context(JackServer("rtvae-idle", frames))
        idle = stack.enter_context(idle_client(other))
        # A player who has been here before, and whose own files are left alone.
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (home / "window.json").write_text('{"welcomed": true}', encoding="utf-8")
        state = str(home / "state")
        environment = ours.environment | {"RTVAE_CONFIG": str(home), "RTVAE_STATE": state}
        if window:
            stack.enter_context(_screen())
            environment = environment | {"DISPLAY": SCREEN}
        arguments = [model, "--driver", "portaudio", *([] if window else ["--no-window"])]
        playing = stack.enter_context(Playing(arguments, environment))
        time.sleep(5.0)  # everything is open and warm
        telemetry, folder = playing.telemetry, playing.session
        assert folder is not None
        pids = [int((folder / name).read_text()) for name in (PID_FILE, ENGINE_PID_FILE)]
        begun = counts(telemetry), idle()
        seen: list[list[tuple[float, Holdings]]] = [[] for _ in pids]
        until = time.monotonic() + 60.0 * minutes
        now = begun
        while (left_s := until - time.monotonic()) > 0.0:
            time.sleep(min(60.0, left_s))
            if not playing.alive:
                return _verdict(["the session ended by itself"], "")
            now = counts(telemetry), idle()
            spent_min = minutes - max(0.0, until - time.monotonic()) / 60.0
            for process, looks in zip(pids, seen, strict=True):
                looks.append((spent_min, Holdings.of(process)))
            mine, its = (since(*both) for both in zip(now, begun, strict=True))
            say(
                f"{spent_min:.1f} min: ours {mine['late']} late and {mine['lost']} lost of "
                f"{mine['blocks']:,}, idle {its['late']} and {its['lost']} of {its['blocks']:,}; "
                f"host {_words(seen[0][-1][1])}; engine {_words(seen[1][-1][1])}"
            )
        mine, its = (since(*both) for both in zip(now, begun, strict=True))
        found = late_faults(mine, its)
        for name, looks in zip(("host", "engine"), seen, strict=True):
            say(f"{name}: slope {slope_kib(looks):+.2f} KiB per minute")
            found += [f"{name}: {fault}" for fault in faults(looks)]
        return _verdict(found, "the sound held and nothing grew")


def late_faults(mine: dict[str, int], its: dict[str, int]) -> list[str]:
    """Return a sentence if ours came late more often than it may; print the ratio."""
    ours, idle = mine["late"] + mine["lost"], its["late"] + its["lost"]
    share = idle / max(1, its["blocks"])
    allowed = MOST_TIMES_IDLE * share * mine["blocks"] + MOST_SHARE_MORE * mine["blocks"]
    say(
        f"late or lost: ours {ours} of {mine['blocks']:,} ({ours / max(1, mine['blocks']):.4%}), "
        f"idle {idle} of {its['blocks']:,} ({share:.4%}); {allowed:.0f} are allowed"
    )
    if ours > allowed:
        return [f"{ours} blocks came late or were lost, and {allowed:.0f} may"]
    return []


@contextmanager
def _screen() -> Iterator[None]:
    if shutil.which("Xvfb") is None:
        raise Trouble("There is no Xvfb here; install the package xvfb, or add --no-window.")
    silent = subprocess.DEVNULL
    command = ["Xvfb", SCREEN, "-screen", "0", "1600x1000x24"]
    screen = subprocess.Popen(command, stdout=silent, stderr=silent)
    try:
        yield
    finally:
        end(screen)


def _words(held: Holdings) -> str:
    return (
        f"{held.resident_kib / 1024:.1f} MiB, {held.threads} threads, {held.handles} handles, "
        f"{held.mappings} mappings, {held.shared_mappings} shared"
    )


def _verdict(found: Sequence[str], good: str) -> int:
    for fault in found:
        say(f"FAIL: {fault}")
    if not found:
        say(f"pass: {good}")
    return min(1, len(found))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    runs = parser.add_subparsers(dest="run", required=True)
    fast = runs.add_parser("freewheel")
    fast.add_argument("--blocks", type=int, default=10_000_000)
    fast.add_argument("--frames", type=int, default=64)
    live = runs.add_parser("realtime")
    live.add_argument("--minutes", type=float, default=60.0)
    live.add_argument("--frames", type=int, default=128)
    live.add_argument("--no-window", action="store_true")
    for each in (fast, live):
        each.add_argument("--model", default=DEFAULT_MODEL)
    args = parser.parse_args(arguments)
    try:
        if args.run == "freewheel":
            return freewheel(args.model, args.blocks, args.frames)
        return realtime_run(args.model, args.minutes, args.frames, not args.no_window)
    except Trouble as trouble:
        print(f"long_run.py: {trouble}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
