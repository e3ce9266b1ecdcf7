"""One latent under the hand: its name, offset, scale and switches, and the modulators on it."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from rtvae.control.parameters import OFFSET, SCALE, index_of
from rtvae.spec import LatentSpec
from rtvae.window import theme
from rtvae.window.badge import Badge
from rtvae.window.elided import ElidedLabel
from rtvae.window.hands import Hands
from rtvae.window.knob import Knob
from rtvae.window.picture import Picture
from rtvae.window.plate import Plate
from rtvae.window.reach_marks import ReachMarks
from rtvae.window.scale_bar import ScaleBar
from rtvae.window.text import signed, tip
from rtvae.window.value_control import Range

_HINT = (
    "Drag, turn the wheel or use the arrow keys; hold control for small steps and shift for the "
    "scale; double-click to reset. L: learn MIDI."
)
# What it says, the key that it has together with shift, and what it does.
SWITCHES = {
    "freeze": ("F", Qt.Key.Key_F, "hold it where it is"),
    "invert": ("I", Qt.Key.Key_I, "turn it over"),
    "clamp": ("C", Qt.Key.Key_C, "keep it within its range"),
}


class LatentStrip(QFrame):
    """The controls of one latent, counted from 1; `knob_px` is the height of its knob where
    there is room."""

    attention = pyqtSignal(int, bool)

    def __init__(self, number: int, spec: LatentSpec, knob_px: int, hands: Hands) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.number = number
        self._hands = hands
        title = spec.name if spec.name == str(number) else f"{number} {spec.name}"
        head = ElidedLabel(theme.BODY_PX, bold=True, align=Qt.AlignmentFlag.AlignHCenter)
        head.say(str(number))
        self.name = Badge(theme.SMALL_PX)
        self.name.framed = bool(spec.attribute)
        measured = f"Latent {title} is the {spec.attribute}, by measure." if spec.attribute else ""
        self.name.say("" if title == str(number) else spec.name, explanation=measured)
        span = f"{signed(spec.low, 1)} to {signed(spec.high, 1)}"
        self.knob = Knob(
            f"Latent {title}: offset",
            Range(spec.low, spec.high, OFFSET.default, (spec.high - spec.low) / 60),
            lambda value: signed(value, 1),
        )
        self.knob.ends = signed(spec.low, 1), signed(spec.high, 1)
        self.knob.usual_px = knob_px
        self.knob.setMaximumHeight(knob_px)
        self.knob.setToolTip(
            tip(
                f"Latent {title}: offset, {span}. "
                f"The dots show it as it comes in (blue) and as it is played (orange). {_HINT}"
            )
        )
        self.marks = ReachMarks(title)
        self.scale = ScaleBar(
            f"Latent {title}: scale", Range(SCALE.low, SCALE.high, SCALE.default, 0.05)
        )
        self.scale.setToolTip(
            tip(f"Latent {title}: scale. 1 leaves it as it is, 0 holds it still. {_HINT}")
        )
        self.knob.partner = self.scale
        self._controls = {"offset": self.knob, "scale": self.scale}
        for name, control in self._controls.items():
            full = f"latent.{number}.{name}"
            control.edited.connect(lambda value, full=full: hands.edit(full, value))
            control.attention.connect(lambda on: self.attention.emit(self.number, on))
            hands.take(control, full)
        self.switches: dict[str, Plate] = {}
        row = QHBoxLayout()
        row.setSpacing(2)
        for name, (letter, _, what) in SWITCHES.items():
            plate = Plate(
                letter,
                f"Latent {title}: {name}",
                f"Latent {title}: {name}, {what} (Shift+{letter} in its strip).",
                checkable=True,
                size_px=11,
                lit=theme.TONES["warn"],
            )
            plate.clicked.connect(lambda on, name=name: self._switch(name, on))
            hands.take(plate, f"latent.{number}.{name}")
            self.switches[name] = plate
            row.addWidget(plate, 1)
        self._places = {
            name: index_of(f"latent.{number}.{name}") for name in (*self._controls, *SWITCHES)
        }
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3, 4, 3, 4)
        layout.setSpacing(1)
        for widget in (head, self.name, self.knob, self.marks, self.scale):
            layout.addWidget(widget)
        layout.addSpacing(3)
        layout.addLayout(row)

    def follow(self, picture: Picture, encoded: float, played: float) -> None:
        """Show the values of this frame."""
        for name, control in self._controls.items():
            control.show_value(picture.parameter(self._places[name]))
        for name, plate in self.switches.items():
            on = picture.parameter(self._places[name]) >= 0.5
            if on != plate.isChecked():
                plate.setChecked(on)
        self.knob.show_dots(encoded, played)
        motion = picture.motion
        self.marks.follow(motion.outputs, motion.reach[:, self.number - 1])

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        shifted = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
        for name, (_, key, _) in SWITCHES.items():
            if shifted and event.key() == key and not event.isAutoRepeat():
                self.switches[name].click()
                return
        event.ignore()

    def _switch(self, name: str, on: bool) -> None:
        self._hands.edit(f"latent.{self.number}.{name}", 1.0 if on else 0.0)
