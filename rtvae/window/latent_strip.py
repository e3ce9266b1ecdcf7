"""One latent under the hand: its name, the knob for its offset and the bar for its scale."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QVBoxLayout

from rtvae.control.parameters import OFFSET, SCALE, index_of
from rtvae.spec import LatentSpec
from rtvae.window import theme
from rtvae.window.elided import ElidedLabel
from rtvae.window.knob import Knob
from rtvae.window.picture import Picture
from rtvae.window.scale_bar import ScaleBar
from rtvae.window.text import signed, tip
from rtvae.window.value_control import Range

_HINT = (
    "Drag, turn the wheel or use the arrow keys; hold control for small steps and shift for the "
    "scale; double-click to reset."
)


class LatentStrip(QFrame):
    """The controls of one latent, counted from 1 as players do; `knob_px` is the knob's height."""

    edited = pyqtSignal(str, float)
    attention = pyqtSignal(int, bool)

    def __init__(self, number: int, spec: LatentSpec, knob_px: int) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.number = number
        self._offset_name = f"latent.{number}.offset"
        self._scale_name = f"latent.{number}.scale"
        self._offset_index = index_of(self._offset_name)
        self._scale_index = index_of(self._scale_name)
        title = spec.name if spec.name == str(number) else f"{number} {spec.name}"
        head = ElidedLabel(theme.BODY_PX, bold=True, align=Qt.AlignmentFlag.AlignHCenter)
        head.say(str(number))
        self.name = ElidedLabel(theme.SMALL_PX, align=Qt.AlignmentFlag.AlignHCenter)
        self.name.say("" if title == str(number) else spec.name)
        self.knob = Knob(
            f"Latent {title}: offset",
            Range(spec.low, spec.high, OFFSET.default, (spec.high - spec.low) / 60),
            lambda value: signed(value, 1),
        )
        self.knob.setFixedHeight(knob_px)
        self.knob.setToolTip(
            tip(
                f"Latent {title}: offset, {signed(spec.low, 1)} to {signed(spec.high, 1)}. "
                f"The dots show it as it comes in (blue) and as it is played (orange). {_HINT}"
            )
        )
        self.scale = ScaleBar(
            f"Latent {title}: scale", Range(SCALE.low, SCALE.high, SCALE.default, 0.05)
        )
        self.scale.setToolTip(
            tip(f"Latent {title}: scale. 1 leaves it as it is, 0 holds it still. {_HINT}")
        )
        self.knob.partner = self.scale
        self.knob.edited.connect(lambda value: self.edited.emit(self._offset_name, value))
        self.scale.edited.connect(lambda value: self.edited.emit(self._scale_name, value))
        for control in (self.knob, self.scale):
            control.attention.connect(lambda on: self.attention.emit(self.number, on))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3, 4, 3, 6)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self.name)
        layout.addWidget(self.knob, 1)
        layout.addWidget(self.scale)

    def follow(self, picture: Picture, encoded: float, played: float) -> None:
        """Show the values of this frame."""
        self.knob.show_value(picture.parameter(self._offset_index))
        self.scale.show_value(picture.parameter(self._scale_index))
        self.knob.show_dots(encoded, played)
