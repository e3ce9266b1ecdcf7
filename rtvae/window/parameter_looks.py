"""How each parameter looks on a knob: its short title, its number, and how it lies under a hand."""

from dataclasses import dataclass

from rtvae.control.parameters import Parameter, index_of, parameter_at
from rtvae.window.text import signed
from rtvae.window.value_control import Range


@dataclass(frozen=True)
class Look:
    """`factor` turns the value into the number shown; `bend` and `grid` as in Range.

    `zero` is shown instead of the number 0. `step` is in the parameter's own unit.
    """

    title: str
    factor: float = 1.0
    decimals: int = 2
    step: float = 0.02
    bend: float = 1.0
    grid: float = 0.0
    signed: bool = False
    zero: str = ""

    def words(self, value: float) -> str:
        """Return the number on the knob."""
        shown = value * self.factor
        if self.zero and value == 0.0:
            return self.zero
        decimals = self.decimals
        if self.bend != 1.0 and not self.grid:
            # As many figures as can be told apart, wherever the value lies.
            decimals = 0 if abs(shown) >= 10 else 2
        text = signed(shown, decimals)
        return text if self.signed else text.removeprefix("+")


def _percent(title: str) -> Look:
    return Look(title, factor=100.0, decimals=0)


_LOOKS = {
    "mix": _percent("Mix %"),
    "blend": _percent("Blend %"),
    "input_gain_db": Look("In dB", decimals=1, step=0.5, signed=True),
    "output_gain_db": Look("Out dB", decimals=1, step=0.5, signed=True),
    "variation": _percent("Variation %"),
    "diffusion": Look("Amount sd", step=0.05),
    "diffusion_colour": _percent("Slowness %"),
    "feedback": _percent("Amount %"),
    "feedback_ms": Look("Delay ms", step=20.0, bend=3.0),
    "generate": _percent("Amount %"),
    "generate_pace": Look("Pace", step=0.05, bend=2.0),
    "generate_spread": Look("Spread", step=0.05),
    "leash": _percent("Hold %"),
    "looper_mix": _percent("Mix %"),
    "looper_speed": Look("Speed", step=0.05, bend=2.0),
    "tempo_bpm": Look("bpm", decimals=1, step=1.0),
    "morph": _percent("Through %"),
    "pad_x": _percent("Pad across %"),
    "pad_y": _percent("Pad up %"),
    "map_x": _percent("Map across %"),
    "map_y": _percent("Map up %"),
    "steer": _percent("Steer %"),
    "glide_ms": Look("Glide ms", step=100.0, bend=3.0, zero="0"),
    "offset": Look("Offset", decimals=1, step=0.1, signed=True),
    "scale": Look("Scale", step=0.05),
    "depth": _percent("Depth %"),
    "rate_hz": Look("Rate Hz", step=0.5, bend=4.0),
    "beats": Look("Beats", step=0.25, bend=3.0, grid=0.25, zero="off"),
    "phase": _percent("Phase %"),
    "smooth_ms": Look("Smooth ms", step=20.0, bend=3.0, zero="0"),
    "attack_ms": Look("Attack ms", step=20.0, bend=3.0),
    "release_ms": Look("Release ms", step=50.0, bend=3.0),
    "steps": Look("Steps", decimals=0, step=1.0, grid=1.0),
    "step": Look("Step", step=0.05, signed=True),
    "to": Look("Amount", step=0.1, signed=True),
}


def look_of(parameter: Parameter) -> Look:
    """Return how a parameter looks; a plain number where the table has none."""
    return _LOOKS.get(parameter.name, Look(parameter.name.replace("_", " ")))


def range_of(name: str) -> Range:
    """Return what a control for the parameter of that full name can be set to."""
    parameter = parameter_at(index_of(name))
    look = look_of(parameter)
    return Range(
        parameter.low, parameter.high, parameter.default, look.step, bend=look.bend, grid=look.grid
    )
