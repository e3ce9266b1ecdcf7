"""`rtvae play` whose window counts its frames: `python tools/bench/counted_play.py ARGUMENTS`."""

import sys

from rtvae.cli import main
from rtvae.host import live_session

if __name__ == "__main__":
    live_session.WINDOW = "counted_window"
    sys.exit(main(["play", *sys.argv[1:]]))
