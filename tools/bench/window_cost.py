"""What the window costs: frames a second and processor time of its process, view by view.

    python tools/bench/window_cost.py [--seconds 20] [--model strings] [--size 1280x800]

Plays a real session (JACK without a sound card, block size 128) with the real window on a screen
of its own (Xvfb), shows one thing after the other, and prints for each how many frames a second
reached the screen, what share of one core the window's process took, and how many of the engine's
blocks were late; before and after also without a window. More than LARGEST_SHARE, or fewer frames
than LEAST_FRAMES, is marked.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from jack_stage import JackServer, Playing, Trouble  # noqa: E402
from rtvae.host import window_call  # noqa: E402
from rtvae.window.desk import USUAL, VIEWS  # noqa: E402
from rtvae.window.panels import TABS  # noqa: E402
from screenshot import virtual_screen  # noqa: E402

NAME = "rtvae-window-cost"
LARGEST_SHARE = 0.25
LEAST_FRAMES = 29.0
SETTLE_S = 3.0
PATIENCE_S = 30.0


@dataclass(frozen=True)
class State:
    """One thing that the window shows, as counted_window understands it."""

    name: str
    shows: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cost:
    """What was measured; the window's part is None without a window."""

    name: str
    frames_per_s: float | None
    share: float | None
    late: int
    blocks: int


def states() -> Iterator[State]:
    """Every view alone, every page under the usual views, all at once, and performance mode."""
    yield State("usual views, latents", {"views": USUAL})
    for kind in VIEWS:
        yield State(f"view {kind.name} alone", {"views": [kind.name]})
    everything = [kind.name for kind in VIEWS]
    for tab, _ in TABS[1:]:
        yield State(f"usual views, {tab.name}", {"views": USUAL, "tab": tab.name})
    yield State("all views, latents", {"views": everything})
    yield State("usual views, light", {"views": USUAL, "look": "light"})
    yield State("performance mode", {"views": USUAL, "performing": True})


def main() -> int:
    """Measure; return 1 where something exceeds its bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="for each line")
    parser.add_argument("--model", default="strings")
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--only", nargs="*", help="parts of the lines' names")
    chosen = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as home:
            costs = _measure(chosen, Path(home))
    except (Trouble, FileNotFoundError) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 1 if any(_exceeds(cost) for cost in costs) else 0


def _measure(chosen: argparse.Namespace, home: Path) -> list[Cost]:
    width, height = map(int, chosen.size.split("x"))
    remembered = {"welcomed": True, "place": [0, 0, width, height]}
    (home / "window.json").write_text(json.dumps(remembered), encoding="utf-8")
    costs: list[Cost] = []
    print(f"{'':34}{'frames/s':>9}{'of a core':>11}{'late blocks':>20}", flush=True)
    with JackServer(NAME, 128) as server, virtual_screen(chosen.size) as screen:
        environment = {
            **server.environment,
            **{name: screen[name] for name in ("DISPLAY", "QT_QPA_PLATFORM")},
            "RTVAE_CONFIG": str(home),
            "RTVAE_STATE": str(home / "state"),
            "COUNTED_TO": str(home / "cost-counts"),
            "COUNTED_STATE": str(home / "cost-state"),
            "PYTHONPATH": os.pathsep.join((str(HERE), server.environment["PYTHONPATH"])),
        }
        demo = str(HERE.parents[1] / "recordings" / "demo.flac")
        arguments = [chosen.model, "--driver", "portaudio", "--input", demo, "--loop"]
        program = [str(HERE / "counted_play.py")]
        with Playing([*arguments, "--no-window"], environment, program) as playing:
            time.sleep(SETTLE_S)
            costs.append(_without(playing, "no window, before", chosen.seconds))
            folder = playing.session
            if folder is None:
                raise Trouble("The session is over before it was measured.")
            window_call.call(folder, environment)
            for state in states():
                if chosen.only and not any(part in state.name for part in chosen.only):
                    continue
                costs.append(_with(playing, state, home, chosen.seconds))
            (home / "cost-state").write_text(json.dumps({"name": "away", "away": True}))
            time.sleep(SETTLE_S)
            costs.append(_without(playing, "no window, after", chosen.seconds))
    return costs


def _with(playing: Playing, state: State, home: Path, seconds: float) -> Cost:
    said = json.dumps({"name": state.name, **state.shows})
    (home / "cost-state.part").write_text(said, encoding="utf-8")
    os.replace(home / "cost-state.part", home / "cost-state")
    until_s = time.monotonic() + PATIENCE_S
    while _counts(home).get("state") != state.name:
        if time.monotonic() > until_s:
            raise Trouble(f"The window does not show {state.name}.")
        time.sleep(0.1)
    time.sleep(SETTLE_S)
    first, cpu_s, late, blocks = _look(playing, home)
    time.sleep(seconds)
    last, cpu_after_s, late_after, blocks_after = _look(playing, home)
    passed_s = last["s"] - first["s"]
    return _told(
        Cost(
            state.name,
            min(last["drawn"] - first["drawn"], last["ticks"] - first["ticks"]) / passed_s,
            (cpu_after_s - cpu_s) / seconds,
            late_after - late,
            blocks_after - blocks,
        )
    )


def _without(playing: Playing, name: str, seconds: float) -> Cost:
    telemetry = playing.telemetry
    late, blocks = telemetry.scalar("late_blocks"), telemetry.scalar("blocks")
    time.sleep(seconds)
    late = telemetry.scalar("late_blocks") - late
    return _told(Cost(name, None, None, int(late), int(telemetry.scalar("blocks") - blocks)))


def _look(playing: Playing, home: Path) -> tuple[dict[str, Any], float, int, int]:
    counts = _counts(home)
    fields = Path(f"/proc/{counts['pid']}/stat").read_text().rpartition(")")[2].split()
    cpu_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    telemetry = playing.telemetry
    late, blocks = telemetry.scalar("late_blocks"), telemetry.scalar("blocks")
    return counts, cpu_s, int(late), int(blocks)


def _counts(home: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((home / "cost-counts").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _exceeds(cost: Cost) -> bool:
    if cost.share is None or cost.frames_per_s is None:
        return False
    return cost.share > LARGEST_SHARE or cost.frames_per_s < LEAST_FRAMES


def _told(cost: Cost) -> Cost:
    late = f"{cost.late} of {cost.blocks} ({cost.late / max(cost.blocks, 1):.3%})"
    frames = "" if cost.frames_per_s is None else f"{cost.frames_per_s:.1f}"
    share = "" if cost.share is None else f"{cost.share:.1%}"
    mark = "  EXCEEDS" if _exceeds(cost) else ""
    print(f"{cost.name:34}{frames:>9}{share:>11}{late:>20}{mark}", flush=True)
    return cost


if __name__ == "__main__":
    sys.exit(main())
