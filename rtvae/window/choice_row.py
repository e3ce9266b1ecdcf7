"""A parameter with names for its values: one plate for each, the one in force lit."""

from PyQt6.QtWidgets import QHBoxLayout, QWidget

from rtvae.control.parameters import index_of, parameter_at
from rtvae.window import theme
from rtvae.window.hands import Hands
from rtvae.window.picture import Picture
from rtvae.window.plate import Plate


class ChoiceRow(QWidget):
    """Sets the parameter `name`; `place` says whose it is. `point` changes both."""

    def __init__(self, name: str, hands: Hands, place: str = "") -> None:
        super().__init__()
        self.name = name
        self._hands = hands
        self._index = index_of(name)
        self._parameter = parameter_at(self._index)
        self.plates: list[Plate] = []
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        for k, choice in enumerate(self._parameter.choices):
            plate = Plate(choice, choice, "", checkable=True, size_px=theme.SMALL_PX)
            plate.clicked.connect(lambda on, k=k: self._choose(k))
            hands.take(plate, lambda: self.name)
            self.plates.append(plate)
            layout.addWidget(plate)
        self.point(name, place)

    def point(self, name: str, place: str) -> None:
        """Stand for the parameter `name` from now on."""
        self.name, self._index = name, index_of(name)
        whose = f"{place}: " if place else ""
        for plate, choice in zip(self.plates, self._parameter.choices, strict=True):
            said = f"{whose}{self._parameter.meaning}: {choice}"
            plate.explain(said, f"{said[0].upper()}{said[1:]}.")
            self._hands.renew(plate)

    def follow(self, picture: Picture) -> None:
        """Show the value of this frame."""
        self._show(round(picture.parameter(self._index) - self._parameter.low))

    def _choose(self, k: int) -> None:
        self._show(k)
        self._hands.edit(self.name, self._parameter.low + k)

    def _show(self, chosen: int) -> None:
        for k, plate in enumerate(self.plates):
            if plate.isChecked() != (k == chosen):
                plate.setChecked(k == chosen)
