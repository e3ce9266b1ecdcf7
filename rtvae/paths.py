"""Where the data that comes with rtvae lies: models, presets and the bundled recording.

They live beside the package in the project's folder, which is what `tools/run.py` and
`pip install -e .` leave in place. The environment variable RTVAE_HOME names another folder. What is
the player's own, and no cache, lies in a folder that RTVAE_CONFIG may name.
"""

import os
import sys
from pathlib import Path

from rtvae.errors import SetupError

HOME_VARIABLE = "RTVAE_HOME"
CONFIG_VARIABLE = "RTVAE_CONFIG"
STATE_VARIABLE = "RTVAE_STATE"


def home() -> Path:
    """The folder that holds `models`, `presets` and `recordings`; it need not exist."""
    named = os.environ.get(HOME_VARIABLE)
    return Path(named).expanduser() if named else Path(__file__).resolve().parent.parent


def config_dir() -> Path:
    """The folder for what the player's programs remember; it need not exist."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named).expanduser()
    if sys.platform == "win32":
        roaming = os.environ.get("APPDATA")
        return (Path(roaming) if roaming else Path.home() / "AppData" / "Roaming") / "rtvae"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "rtvae"
    config = os.environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else Path.home() / ".config") / "rtvae"


def state_dir() -> Path:
    """The folder for what a session needs after a crash; it need not exist."""
    named = os.environ.get(STATE_VARIABLE)
    if named:
        return Path(named).expanduser()
    if sys.platform in ("win32", "darwin"):
        return config_dir() / "state"
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "rtvae"


def models_dir() -> Path:
    """The folder of the models, one folder or zip file each. Raises SetupError."""
    return _existing("models", "the folder of models")


def presets_dir() -> Path:
    """The folder of the presets, one TOML file each. Raises SetupError."""
    return _existing("presets", "the folder of presets")


def bundled_recording() -> Path:
    """The recording that plays where there is no microphone. Raises SetupError."""
    return _existing("recordings/demo.flac", "the bundled recording")


def _existing(relative: str, what: str) -> Path:
    path = home() / relative
    if not path.exists():
        raise SetupError(
            f"{what} is missing at {path}: run rtvae from a complete copy of the project, "
            f"or name one in {HOME_VARIABLE}"
        )
    return path
