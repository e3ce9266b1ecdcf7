"""The user's cache folder: what admission has already found out, and unpacked models.

The platform's place for caches, or the folder named by RTVAE_CACHE. Everything in it can be made
again; where it cannot be written, nothing is remembered.
"""

import os
import sys
from pathlib import Path

VARIABLE = "RTVAE_CACHE"


def cache_dir() -> Path:
    """Return the cache folder; it need not exist."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "rtvae" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "rtvae"
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "rtvae"


def private_folder(*parts: str) -> Path:
    """Make and return a folder in the cache that only its user may enter. Raises OSError."""
    folder = cache_dir().joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
