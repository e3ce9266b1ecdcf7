"""A value typed as a player writes it: the number on the knob, with a comma or a true minus."""

import math
from collections.abc import Callable

from PyQt6.QtWidgets import QWidget

from rtvae.control.parameters import index_of, parameter_at
from rtvae.window.ask import Ask
from rtvae.window.parameter_looks import look_of
from rtvae.window.text import MINUS


def parse_value(text: str, name: str) -> float | None:
    """Return the value that a text means for a parameter, or None; a choice is typed by name."""
    parameter = parameter_at(index_of(name))
    text = text.strip().casefold()
    if text in parameter.choices:
        return parameter.low + parameter.choices.index(text)
    try:
        shown = float(text.replace(MINUS, "-").replace(",", ".").rstrip("% "))
    except ValueError:
        return None
    value = shown / look_of(parameter).factor
    if not math.isfinite(value):
        return None
    return min(max(value, parameter.low), parameter.high)


def ask_value(over: QWidget, name: str, now: float, put: Callable[[float], None]) -> Ask:
    """Open a field over a control that asks for its value."""
    parameter = parameter_at(index_of(name))
    look = look_of(parameter)
    low, high = (f"{bound * look.factor:g}" for bound in (parameter.low, parameter.high))

    def take(text: str) -> bool:
        value = parse_value(text, name)
        if value is not None:
            put(value)
        return value is not None

    shown = f"{round(now * look.factor, 4):g}"
    return Ask(over, f"{look.title}, {low} to {high}:".replace("-", MINUS), shown, take)
