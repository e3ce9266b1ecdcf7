"""A small project folder for whole runs of rtvae: two toy models, presets, two seconds of sound."""

from pathlib import Path

import numpy as np
import soundfile

from rtvae.model.library import DEFAULT_MODEL
from tests.support.toy_model import make_toy_model

RATE_HZ = 48_000
RECORDING_S = 2.0

DEFAULT = "format = 1\n"
KNOBS = """\
format = 1

[mix]
output_gain_db = -6.0

[[latent]]
number = 2
offset = 1.5

[[midi]]
control = 21
target = "latent.1.offset"
low = -3.0
high = 3.0
"""


def make_home(folder: Path) -> Path:
    """Fill a folder that RTVAE_HOME can name; the default model and `second`, preset `knobs`."""
    for k, name in enumerate((DEFAULT_MODEL, "second")):
        make_toy_model(folder / "models" / name, seed=k, name=name)
    for name, text in (("default", DEFAULT), ("knobs", KNOBS)):
        path = folder / "presets" / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    seconds = np.arange(round(RECORDING_S * RATE_HZ)) / RATE_HZ
    tone = 0.3 * np.sin(2 * np.pi * 220.0 * seconds)
    (folder / "recordings").mkdir()
    soundfile.write(folder / "recordings" / "demo.flac", tone, RATE_HZ)
    return folder
