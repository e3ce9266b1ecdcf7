"""Sets up everything, then plays: `python3 tools/run.py [arguments of rtvae play]`."""

from __future__ import annotations

import os
import sys

from bootstrap import Setup, become, main, play_needs, prepare


def play() -> int:
    python = prepare(Setup(helpful=play_needs(dict(os.environ))))
    return become([str(python), "-m", "rtvae", "play", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main(play))
