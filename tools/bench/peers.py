"""Puts RAVE's own streaming export, at BRAVE's size, where `rtvae bench` can measure it in turns.

    python tools/bench/peers.py FOLDER
    rtvae bench --size brave --peer FOLDER

RAVE (acids-rave), cached_conv and nn-tilde come from the package registry into an environment of
their own in FOLDER, without what they pin for training; nothing of them comes with rtvae, and
rtvae needs none of them. torch is the one this script runs with, so that both sides are measured
with the same. Their licences are theirs: RAVE is published for uses that are not commercial.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rtvae.bench.distant import PEER_FILE

PLAYER = Path(__file__).resolve().with_name("rave_peer.py")
PROJECT = PLAYER.parents[2]
EXPORT = "brave_streaming.ts"
PACKAGES = ("acids-rave==2.3.1", "cached-conv==2.5.0", "nn-tilde==1.6.0")
NEEDED = ("einops>=0.8", "gin-config>=0.5", "absl-py>=2", "tqdm>=4.66", "scipy>=1.11")
LINK = "rtvae_bench_torch.pth"


def environment_python(folder: Path) -> Path:
    """Return the interpreter of the environment in `folder`."""
    place = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return folder / "venv" / place[0] / place[1]


def steps(folder: Path, torch_packages: Path) -> list[tuple[str, Sequence[str]]]:
    """Return what is said and run, one after the other; `torch_packages` is where torch lies."""
    python = str(environment_python(folder))
    install = [python, "-m", "pip", "install", "--quiet"]
    link = (
        "import sysconfig, pathlib; pathlib.Path(sysconfig.get_paths()['purelib'], "
        f"{LINK!r}).write_text({str(torch_packages)!r})"
    )
    return [
        ("making an environment", [sys.executable, "-m", "venv", str(folder / "venv")]),
        ("lending it torch", [python, "-c", link]),
        ("installing what RAVE's network needs", [*install, *NEEDED]),
        ("installing RAVE", [*install, "--no-deps", *PACKAGES]),
        (
            "exporting a network of BRAVE's size with random weights",
            [python, str(PLAYER), "export", str(folder / EXPORT)],
        ),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Install, export, and write down how the peer is started."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="where to put it all, some 200 MB")
    folder = parser.parse_args(arguments).folder.resolve()
    try:
        import torch
    except ModuleNotFoundError:
        print("peers.py needs torch, which comes with the train extra.", file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    assert torch.__file__ is not None
    for words, command in steps(folder, Path(torch.__file__).parents[1]):
        print(words, flush=True)
        if subprocess.run(command, cwd=folder, check=False).returncode:
            print(f"{words} failed; the lines above say why.", file=sys.stderr)
            return 1
    python = str(environment_python(folder))
    command = [python, str(PLAYER), "serve", str(folder / EXPORT)]
    (folder / PEER_FILE).write_text(json.dumps({"command": command}) + "\n", encoding="utf-8")
    print(f"ready: rtvae bench --size brave --peer {folder}")
    return 0


if __name__ == "__main__":
    sys.path.append(str(PROJECT))
    sys.exit(main())
