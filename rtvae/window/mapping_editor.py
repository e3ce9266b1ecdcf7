"""One mapping under the hand: its number, range, curve, mode, glide, pick-up, channel and port."""

from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QLabel, QWidget

from rtvae.control.actions import is_action
from rtvae.control.curves import CURVES
from rtvae.control.midi_moves import KINDS
from rtvae.control.routes import (
    ENCODINGS,
    LAST_CHANNEL,
    LONGEST_SLEW_MS,
    MODES,
    target_parameter,
)
from rtvae.window import theme
from rtvae.window.ask import Ask
from rtvae.window.choice import Choice
from rtvae.window.parts import Mapping
from rtvae.window.plate import Plate
from rtvae.window.text import MINUS
from rtvae.window.total import number

ANY = "any"
POINTS = "points"
_STEPS = {"twos_complement": "1 / 127", "offset": "65 / 63", "sign_magnitude": "1 / 65"}
"""What an endless encoder sends for a step up and one down, by the name of its encoding."""
_CHOICES = {
    "mode": ("Mode", tuple(MODES)),
    "curve": ("Curve", tuple(curve for curve in CURVES if curve != POINTS)),
    "encoding": ("Step up / down", tuple(_STEPS.values())),
    "channel": ("Channel", (ANY, *(str(k + 1) for k in range(LAST_CHANNEL)))),
    "port": ("Port", (ANY,)),
}
_HINTS = {"encoding": "What an endless encoder sends for a step up and for one down."}
_NUMBERS = {"number": "Number", "low": "Low end", "high": "High end", "slew_ms": "Glide ms"}
_SWITCHES = {
    "pick_up": ("Pick-up", "The knob moves nothing until it has passed the present value"),
    "feedback": ("Feedback", "The controller's ring, fader or light shows the value"),
}


class MappingEditor(QWidget):
    """Emits the fields that are wanted otherwise, or that the mapping is to go.

    It goes on showing the mapping as the host told it, until the host tells it otherwise.
    """

    changed = pyqtSignal(dict)
    unwanted = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._mapping: Mapping | None = None
        self._ports: tuple[str, ...] = ()
        self.choices = {
            name: Choice(f"Mapping: {title}", _HINTS.get(name, f"{title} of the mapping."), 5)
            for name, (title, _) in _CHOICES.items()
        }
        self.numbers = {
            name: Plate(title, f"Mapping: {title}", f"{title}: press to type another one.")
            for name, title in _NUMBERS.items()
        }
        self.switches = {
            name: Plate(
                title, f"Mapping: {title}", f"{hint}.", checkable=True, lit=theme.TONES["good"]
            )
            for name, (title, hint) in _SWITCHES.items()
        }
        self.turn = Plate("Swap ends", "Mapping: swap ends", "Turn the control round.")
        self.remove = Plate("Remove", "Mapping: remove", "Let nothing move this any more.")
        self.turn.clicked.connect(self._swap)
        self.remove.clicked.connect(lambda: self.unwanted.emit())
        for name, choice in self.choices.items():
            choice.textActivated.connect(lambda text, name=name: self._choose(name, text))
        for name, plate in self.numbers.items():
            plate.clicked.connect(lambda on, name=name: self._ask(name))
        for name, plate in self.switches.items():
            plate.clicked.connect(lambda on, name=name: self._set(**{name: on}))
        self._lay_out()
        self.show_mapping(None, ())

    def show_mapping(self, mapping: Mapping | None, ports: tuple[str, ...]) -> None:
        """Show a mapping, and the ports that it may be for; None hides everything."""
        self._mapping, self._ports = mapping, ports
        self.setVisible(mapping is not None)
        if mapping is None:
            return
        offered = {name: list(values) for name, (_, values) in _CHOICES.items()}
        offered["port"] += [port for port in ports if port != ANY]
        offered["mode"] = [mode for mode in MODES if _can(mapping, mode)]
        now = {
            "mode": mapping.mode or next(iter(MODES)),
            "curve": mapping.curve or CURVES[0],
            "encoding": _STEPS.get(mapping.encoding or ENCODINGS[0], mapping.encoding),
            "channel": ANY if mapping.channel is None else str(mapping.channel),
            "port": mapping.port or ANY,
        }
        for name, choice in self.choices.items():
            if now[name] not in offered[name]:
                offered[name].append(now[name])
            choice.offer(offered[name])
            choice.show_name(now[name])
        self.choices["encoding"].setEnabled(mapping.mode == "relative")
        for name, plate in self.numbers.items():
            value = getattr(mapping, name)
            plate.setEnabled(value is not None)
            shown = "" if value is None else f"{value:g}".replace("-", MINUS)
            plate.say(f"{_NUMBERS[name]} {shown}")
        self.turn.setEnabled(mapping.low is not None and mapping.high is not None)
        for name, plate in self.switches.items():
            plate.setChecked(getattr(mapping, name))

    def _choose(self, name: str, text: str) -> None:
        value: Any = text
        if name in ("channel", "port") and text == ANY:
            value = None if name == "channel" else ""
        elif name == "channel":
            value = int(text)
        elif name == "encoding":
            value = next((code for code, steps in _STEPS.items() if steps == text), text)
        self._set(**{name: value})

    def _ask(self, name: str) -> None:
        if self._mapping is None:
            return
        meant = self._mapping.named
        low, high = _bounds(self._mapping, name)

        def take(text: str) -> bool:
            try:
                value = number(float(text.replace(MINUS, "-").replace(",", ".")))
            except ValueError:
                return False
            # While it was typed, the host may have taken the mapping away and shown another.
            if value is not None and self._mapping is not None and self._mapping.named == meant:
                value = min(max(value, low), high)
                self._set(**{name: round(value) if name == "number" else value})
            return value is not None

        title = f"{_NUMBERS[name]}, {low:g} to {high:g}:".replace("-", MINUS)

        Ask(self.numbers[name], title, f"{getattr(self._mapping, name):g}", take)

    def _swap(self) -> None:
        if self._mapping is not None:
            self._set(low=self._mapping.high, high=self._mapping.low)

    def _set(self, **fields: Any) -> None:
        if self._mapping is None:
            return
        if "curve" in fields and self._mapping.curve == POINTS:
            fields["points"] = []
        self.changed.emit(fields)
        self.show_mapping(self._mapping, self._ports)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for row, (name, choice) in enumerate(self.choices.items()):
            label = QLabel(_CHOICES[name][0])
            label.setFont(theme.font(theme.SMALL_PX))
            grid.addWidget(label, row, 0)
            grid.addWidget(choice, row, 1)
        places: list[Plate] = [
            *self.numbers.values(), *self.switches.values(), self.turn, self.remove
        ]  # fmt: skip
        for k, plate in enumerate(places):
            grid.addWidget(plate, k % 5, 2 + k // 5)
        grid.setColumnStretch(1, 1)


def _bounds(mapping: Mapping, name: str) -> tuple[float, float]:
    """What one of a mapping's numbers may be."""
    if name == "slew_ms":
        return 0.0, LONGEST_SLEW_MS
    if name == "number":
        kind = KINDS.get(mapping.kind)
        return 0.0, float(kind.numbers or 0) if kind is not None else 0.0
    parameter = target_parameter(mapping.target)
    return (parameter.low, parameter.high) if parameter is not None else (0.0, 1.0)


def _can(mapping: Mapping, mode: str) -> bool:
    """Whether a control of this kind can be used in a mode."""
    kind = KINDS.get(mapping.kind)
    if mode == "relative":
        return mapping.kind in ("cc", "nrpn", "rpn") and not is_action(mapping.target)
    return mode != "momentary" or kind is None or kind.momentary
