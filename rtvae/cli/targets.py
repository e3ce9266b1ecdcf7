"""Paths on the command line: named at all, and whether they can be written, before the work."""

import argparse
import os
from pathlib import Path

from rtvae.errors import UsageError


def named(text: str) -> Path:
    """Return a path; "" is refused, which would be the folder where the command was given."""
    if not text:
        raise argparse.ArgumentTypeError("the name is empty")
    return Path(text)


def require_writable(path: Path, option: str) -> None:
    """Raise UsageError unless a file can be written there; `option` is what named it."""
    if os.path.isdir(path):
        raise UsageError(f"{option} {path} is a folder; name a file to write.")
    if not os.path.isdir(path.parent):
        raise UsageError(f"There is no folder {path.parent} for {option}; make it first.")
    if not os.access(path if os.path.exists(path) else path.parent, os.W_OK):
        raise UsageError(f"{option} {path} may not be written; choose another place.")


def require_room_for_folder(path: Path, option: str) -> None:
    """Raise UsageError unless a folder is there, or can be made there, to write into."""
    there = path
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    if not os.path.isdir(there):
        raise UsageError(
            f"{option} {path} cannot be made: {there} is a file; choose another place."
        )
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"{option} {path} may not be written; choose another place.")
