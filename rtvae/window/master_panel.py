"""What acts on everything: mute, panic, mix and the two gains."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from rtvae.control.parameters import SCALARS, index_of
from rtvae.window import theme
from rtvae.window.elided import ElidedLabel
from rtvae.window.knob import Knob
from rtvae.window.picture import Picture
from rtvae.window.text import signed
from rtvae.window.value_control import Range

BLEND = "blend"
_KNOBS = (
    (BLEND, "Blend %", 0.02, lambda value: f"{value * 100:.0f}"),
    ("mix", "Mix %", 0.02, lambda value: f"{value * 100:.0f}"),
    ("input_gain_db", "In dB", 0.5, lambda value: signed(value, 1)),
    ("output_gain_db", "Out dB", 0.5, lambda value: signed(value, 1)),
)


class MasterPanel(QFrame):
    """Buttons ask; what they show comes back through the control block.

    The fader between two models is there only while there are two.
    """

    edited = pyqtSignal(str, float)
    panic = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.mute = _button("MUTE", "mute", "Silence the output softly, or let it sound again (M)")
        self.mute.setCheckable(True)
        self.mute.clicked.connect(lambda on: self.edited.emit("mute", 1.0 if on else 0.0))
        self.stop = _button(
            "PANIC", "panic", "Silence at once and set the model back (Escape or P)"
        )
        self.stop.clicked.connect(lambda: self.panic.emit())
        self.knobs: dict[str, Knob] = {}
        self._labels: dict[ElidedLabel, str] = {}
        knobs = QHBoxLayout()
        knobs.setSpacing(2)
        for name, title, step, words in _KNOBS:
            parameter = SCALARS[index_of(name)]
            span = Range(parameter.low, parameter.high, parameter.default, step)
            knob = Knob(f"{title}: {parameter.meaning}", span, words)
            knob.setToolTip(
                f"{parameter.meaning[0].upper()}{parameter.meaning[1:]}. Double-click to reset."
            )
            knob.edited.connect(lambda value, name=name: self.edited.emit(name, value))
            self.knobs[name] = knob
            box, label = _titled(knob)
            self._labels[label] = title
            knobs.addWidget(box, 1)
            if name == BLEND:
                self._blend_box = box
        self.setMinimumWidth(200)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 8)
        layout.setSpacing(theme.GAP_PX)
        layout.addWidget(self.mute, 1)
        layout.addWidget(self.stop, 1)
        layout.addLayout(knobs)
        self.set_beside("")

    def toggle_mute(self) -> None:
        """Mute if it sounds, sound if it is muted."""
        self.mute.click()

    def set_beside(self, model: str) -> None:
        """Offer the fader to a second model of this name; "" is none."""
        self._blend_box.setVisible(bool(model))
        for label, title in self._labels.items():
            # Four knobs leave no room for units.
            label.say(title.partition(" ")[0] if model else title)
        self.knobs[BLEND].setToolTip(f"0 is the model, 1 is {model}. Double-click to reset.")

    def follow(self, picture: Picture) -> None:
        """Show the values of this frame."""
        self.mute.setChecked(picture.muted)
        self.mute.setText("MUTED" if picture.muted else "MUTE")
        if self.stop.property("lit") != picture.panicked:
            self.stop.setProperty("lit", picture.panicked)
            style = self.stop.style()
            if style is not None:
                style.unpolish(self.stop)
                style.polish(self.stop)
        for name, knob in self.knobs.items():
            knob.show_value(picture.parameter(index_of(name)))


def _button(text: str, name: str, hint: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text.capitalize())
    button.setToolTip(hint)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    return button


def _titled(knob: Knob) -> tuple[QWidget, ElidedLabel]:
    box = QWidget()
    label = ElidedLabel(theme.BODY_PX, bold=True, align=Qt.AlignmentFlag.AlignHCenter)
    layout = QVBoxLayout(box)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(knob)
    layout.addWidget(label)
    return box, label
