"""A knob for any parameter of the table, with its title below."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from rtvae.control.parameters import index_of, parameter_at
from rtvae.window import theme
from rtvae.window.elided import ElidedLabel
from rtvae.window.hands import Hands
from rtvae.window.knob import Knob
from rtvae.window.parameter_looks import look_of, range_of
from rtvae.window.picture import Picture
from rtvae.window.text import tip

KNOB_PX = 66


class ParameterKnob(QWidget):
    """Sets the parameter `name`; `place` says whose it is: "modulator 2", for those who listen.

    `point` lets it stand for another parameter of the same kind.
    """

    def __init__(self, name: str, hands: Hands, place: str = "", title: str = "") -> None:
        super().__init__()
        self.name = name
        self._hands = hands
        self._index = index_of(name)
        parameter = parameter_at(self._index)
        look = look_of(parameter)
        self._spoken = title or look.title.partition(" ")[0]
        self._meaning = parameter.meaning
        self.knob = Knob(self._spoken, range_of(name), look.words)
        self.knob.usual_px = KNOB_PX
        self.knob.edited.connect(lambda value: hands.edit(self.name, value))
        label = ElidedLabel(theme.SMALL_PX, align=Qt.AlignmentFlag.AlignHCenter)
        label.say(title or look.title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.knob)
        layout.addWidget(label)
        self.setMaximumWidth(KNOB_PX + 24)
        self.setMinimumWidth(60)
        hands.take(self.knob, lambda: self.name)
        self.point(name, place)

    def point(self, name: str, place: str) -> None:
        """Stand for the parameter `name` from now on."""
        self.name, self._index = name, index_of(name)
        whose = f"{place}: " if place else ""
        self.knob.setAccessibleName(f"{whose}{self._spoken}, {self._meaning}")
        said = f"{whose}{self._meaning}"
        self.knob.setToolTip(
            tip(f"{said[0].upper()}{said[1:]}. Double-click to reset; L: learn MIDI.")
        )
        self._hands.renew(self.knob)

    def follow(self, picture: Picture) -> None:
        """Show the value of this frame."""
        self.knob.show_value(picture.parameter(self._index))
