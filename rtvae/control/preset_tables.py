"""What may stand in a preset: its tables, their keys, and what older formats have become.

Every parameter that a preset can set has one place in it; the tables here say which.
"""

from collections.abc import Callable, Mapping
from typing import Any

from rtvae.control.parameters import LATENT, MODULATOR, ROUTE, SCALARS, STEP
from rtvae.control.routes import KEYS

PRESET_FORMAT = 2

KEPT = frozenset(("mute", "looper", "beat", "test_tone"))
"""What is no preset's: it stays as it is when one is loaded."""

MIX_KEYS = {parameter.name: parameter for parameter in SCALARS if parameter.name not in KEPT}
LATENT_KEYS = {parameter.name: parameter for parameter in LATENT}
MODULATOR_KEYS = {parameter.name: parameter for parameter in MODULATOR}
STEP_VALUE, ROUTE_AMOUNT = STEP[0], ROUTE[0]

TABLES: Mapping[str, tuple[str, ...]] = {
    # table: its keys
    "": (
        "format",
        "model",
        "model_hash",
        "beside",
        "beside_hash",
        "corners",
        "mix",
        "latent",
        "mod",
        "route",
        "snapshot",
        "midi",
    ),
    "mix": tuple(MIX_KEYS),
    "latent": ("number", "attribute", *LATENT_KEYS),
    "mod": ("number", *MODULATOR_KEYS, "step"),
    "route": ("mod", "latent", "attribute", "amount"),
    "snapshot": ("number", "offset", "scale"),
    "midi": KEYS,
}

Content = dict[str, Any]


def _from_1(content: Content) -> Content:
    """Format 1 knew less and said it in the same words."""
    return {**content, "format": 2}


MIGRATIONS: Mapping[int, Callable[[Content], Content]] = {1: _from_1}
"""From each older format to the next one: a new table, the old one is left as it is."""


def migrate(content: Content) -> Content:
    """Return what a preset of an older format says, in today's; `content` has a format that is."""
    while content["format"] != PRESET_FORMAT:
        content = MIGRATIONS[content["format"]](content)
    return content
