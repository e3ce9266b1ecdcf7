"""The table of everything a player can set, and where each value lies in the control block.

Scalars come first, then one offset and one scale for each latent dimension. Names are what
presets, MIDI mappings and the window use; players count latents from 1.
"""

import math
import re
from dataclasses import dataclass

from rtvae.spec import MAX_LATENTS


@dataclass(frozen=True)
class Parameter:
    """One settable value: its name, unit, range and value at rest."""

    name: str
    low: float
    high: float
    default: float
    unit: str
    meaning: str


SCALARS = (
    Parameter("mix", 0.0, 1.0, 1.0, "", "0 is the dry input, 1 the model"),
    Parameter("input_gain_db", -60.0, 24.0, 0.0, "dB", "level into the model"),
    Parameter("output_gain_db", -60.0, 24.0, 0.0, "dB", "level after the mix"),
    Parameter("mute", 0.0, 1.0, 0.0, "", "1 silences the output with a ramp"),
    Parameter("blend", 0.0, 1.0, 0.0, "", "0 is the model, 1 the one beside it"),
    Parameter("variation", 0.0, 1.0, 0.0, "", "how much of the posterior's spread is sampled"),
)
OFFSET = Parameter("offset", -8.0, 8.0, 0.0, "sd", "added to the latent after scaling")
SCALE = Parameter("scale", -4.0, 4.0, 1.0, "", "multiplies the latent before the offset")

FIRST_OFFSET = len(SCALARS)
FIRST_SCALE = FIRST_OFFSET + MAX_LATENTS
PARAMETER_COUNT = FIRST_SCALE + MAX_LATENTS

_SCALAR_INDEX = {parameter.name: k for k, parameter in enumerate(SCALARS)}
_LATENT_NAME = re.compile(r"latent\.([1-9][0-9]{0,2})\.(offset|scale)")


def index_of(name: str) -> int:
    """Return the place of a parameter in the control block.

    `name` is a scalar's name or "latent.N.offset" / "latent.N.scale" with N from 1 to
    MAX_LATENTS. Raises KeyError for any other name.
    """
    if name in _SCALAR_INDEX:
        return _SCALAR_INDEX[name]
    match = _LATENT_NAME.fullmatch(name)
    if match is None or int(match[1]) > MAX_LATENTS:
        raise KeyError(name)
    first = FIRST_OFFSET if match[2] == "offset" else FIRST_SCALE
    return first + int(match[1]) - 1


def parameter_at(index: int) -> Parameter:
    """Return the description of the parameter at a place in the control block."""
    if index < FIRST_OFFSET:
        return SCALARS[index]
    return OFFSET if index < FIRST_SCALE else SCALE


def name_of(index: int) -> str:
    """Return the name that `index_of` turns back into `index`."""
    if index < FIRST_OFFSET:
        return SCALARS[index].name
    if index < FIRST_SCALE:
        return f"latent.{index - FIRST_OFFSET + 1}.offset"
    return f"latent.{index - FIRST_SCALE + 1}.scale"


def defaults() -> list[float]:
    """Return every parameter's value at rest, in the order of the control block."""
    return [parameter_at(k).default for k in range(PARAMETER_COUNT)]


def clamp(index: int, value: float) -> float:
    """Return `value` held inside the parameter's range; NaN becomes the value at rest."""
    parameter = parameter_at(index)
    if math.isnan(value):
        return parameter.default
    return min(max(value, parameter.low), parameter.high)
