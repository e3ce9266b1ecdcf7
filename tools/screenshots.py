"""Takes all the pictures of README and docs by one command: the real window, each in its own state.

Every picture is a session of its own, with a window that remembers what the picture is to show.
`--only NAME` takes some of them; `--to FOLDER` puts them elsewhere to be looked at first.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
LARGEST_BYTES = 300_000
COLOURS = 255
WELCOMED: dict[str, Any] = {"welcomed": True}
USUAL = ("--preset", "Vibrato Strings", "--blend", "voice")


@dataclass(frozen=True)
class Shot:
    """One picture: its file, what the window remembers, the screen, and how rtvae is started."""

    name: str
    memory: dict[str, Any] = field(default_factory=dict)
    size: str = "1280x800"
    play: tuple[str, ...] = USUAL


def _tab(name: str) -> dict[str, Any]:
    return {**WELCOMED, "tab": name}


SHOTS = (
    Shot("window", WELCOMED),
    Shot("window-light", {**WELCOMED, "look": "light"}),
    Shot(
        "window-views",
        {
            **WELCOMED,
            "views": ["latents", "input", "output", "scope", "spectra", "xy"],
            "place": [0, 0, 1600, 1000],
        },
        size="1600x1000",
    ),
    Shot("performance", {**WELCOMED, "performing": True}, play=("--set-list", "demo")),
    Shot("first-start"),
    Shot("tab-modulators", _tab("modulators"), play=("--preset", "Gate in Sixteenths")),
    Shot("tab-snapshots", _tab("snapshots"), play=("--preset", "Octave Up")),
    Shot("tab-map", _tab("map")),
    Shot("tab-loop", _tab("loop"), play=("--preset", "Echoes of Itself")),
    Shot("tab-midi", _tab("midi")),
)


def take(shot: Shot, folder: Path, wait_s: float, scale: str) -> Path:
    """Take one picture, on a screen of a pixel ratio. Raises CalledProcessError if that fails."""
    path = folder / f"{shot.name}.png"
    with tempfile.TemporaryDirectory() as home:
        config = Path(home) / "config"
        config.mkdir()
        if shot.memory:
            (config / "window.json").write_text(json.dumps(shot.memory), encoding="utf-8")
        sound = str(Path(home) / "rtvae-output.wav")
        playing = ["-m", "rtvae", "play", *shot.play, "--driver", "dummy", "--output", sound]
        subprocess.run(
            [
                *(sys.executable, str(ROOT / "tools" / "screenshot.py"), "--picture", str(path)),
                *("--size", shot.size, "--wait-s", str(wait_s), "--", sys.executable, *playing),
            ],
            env={
                **os.environ,
                "RTVAE_CONFIG": str(config),
                "RTVAE_STATE": str(Path(home) / "state"),
                "QT_SCALE_FACTOR": scale,
            },
            check=True,
        )
    shrink(path)
    return path


def shrink(path: Path) -> None:
    """Give a picture a palette of its own: a third of the size, and no eye sees it."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(
            COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
    small.save(path, optimize=True)


def main() -> int:
    """Take the pictures; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "docs")
    parser.add_argument("--only", nargs="*", default=[shot.name for shot in SHOTS])
    parser.add_argument("--wait-s", type=float, default=7.0, help="from sight to picture")
    parser.add_argument("--scale", default="1", help="pixel ratio of the screen")
    chosen = parser.parse_args()
    chosen.to.mkdir(parents=True, exist_ok=True)
    large = []
    for shot in SHOTS:
        if shot.name not in chosen.only:
            continue
        path = take(shot, chosen.to.resolve(), chosen.wait_s, chosen.scale)
        if path.stat().st_size > LARGEST_BYTES:
            large.append(path.name)
    if large:
        print(f"larger than {LARGEST_BYTES} bytes: {', '.join(large)}", file=sys.stderr)
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main())
