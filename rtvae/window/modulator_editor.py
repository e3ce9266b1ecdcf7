"""One modulator under the hand: what moves, how, its steps, and which latents it reaches."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rtvae.control.parameters import MODULATOR_KINDS, STEPS, index_of
from rtvae.spec import LatentSpec
from rtvae.window import theme
from rtvae.window.bar_row import BarRow
from rtvae.window.choice_row import ChoiceRow
from rtvae.window.curve_view import CurveView
from rtvae.window.elided import ElidedLabel
from rtvae.window.hands import Hands
from rtvae.window.pages import page_count, page_range, page_title
from rtvae.window.parameter_knob import ParameterKnob
from rtvae.window.picture import Picture
from rtvae.window.plate import Plate

# The knobs in their order, and for each kind those that it goes by.
KNOBS = (
    "depth", "rate_hz", "beats", "phase", "attack_ms", "release_ms", "smooth_ms", "steps",
)  # fmt: skip
USED = {
    "off": (),
    "lfo": ("depth", "rate_hz", "beats", "phase", "smooth_ms"),
    "random walk": ("depth", "rate_hz", "beats", "smooth_ms"),
    "follower": ("depth", "attack_ms", "release_ms", "smooth_ms"),
    "steps": ("depth", "rate_hz", "beats", "phase", "smooth_ms", "steps"),
    "sample and hold": ("depth", "rate_hz", "beats", "smooth_ms"),
}
REACH_SD = 3.0
OFF = "This modulator is off: choose above what moves."


class ModulatorEditor(QWidget):
    """Edits the modulator that `point` names; what its kind does not go by is hidden."""

    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self.number = 1
        self._hands = hands
        self._latents: tuple[LatentSpec, ...] = ()
        self._page = 0
        self._kind = -1
        self.kind = ChoiceRow("mod.1.kind", hands)
        self.shape = ChoiceRow("mod.1.shape", hands)
        self.knobs = {name: ParameterKnob(f"mod.1.{name}", hands) for name in KNOBS}
        self.curve = CurveView("The modulator's output")
        self.off = ElidedLabel(theme.BODY_PX, colour=theme.DIM)
        self.off.say(OFF)
        self.steps = BarRow(
            "Steps", 1.0, "The steps, one bar each: draw them with the mouse, or with the keys."
        )
        self.reach = BarRow(
            "Reaches",
            REACH_SD,
            "How far the modulator moves each latent, in sd: draw it with the mouse, or choose a "
            "latent with left and right and turn it with up and down; double-click sets nothing.",
        )
        self.caption = ElidedLabel(theme.SMALL_PX, colour=theme.DIM)
        self.back, self.on = (
            Plate(text, f"{which} latents", f"{which} sixteen latents", size_px=theme.SMALL_PX)
            for text, which in (("◀", "Previous"), ("▶", "Next"))
        )
        self.back.clicked.connect(lambda: self.turn(self._page - 1))
        self.on.clicked.connect(lambda: self.turn(self._page + 1))
        self._take(self.steps, "step")
        self._take(self.reach, "to")
        self.steps.offer("Steps", [str(k + 1) for k in range(STEPS)])
        self._lay_out()
        self._height = self._tallest()
        self.point(1)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._height)

    def point(self, number: int) -> None:
        """Edit the modulator of that number, counted from 1."""
        self.number = number
        place = f"Modulator {number}"
        self.kind.point(f"mod.{number}.kind", place)
        self.shape.point(f"mod.{number}.shape", place)
        for name, knob in self.knobs.items():
            knob.point(f"mod.{number}.{name}", place)
        for drawn in (self.curve, self.steps, self.reach):
            drawn.colour = theme.MODULATORS[number - 1]
        self.curve.clear()
        self._kind = -1
        self._offer()

    def set_latents(self, latents: tuple[LatentSpec, ...]) -> None:
        """Offer the latents of another model."""
        if latents != self._latents:
            self._latents, self._page = latents, 0
            self._offer()

    def turn(self, page: int) -> None:
        """Offer another sixteen of the latents."""
        page = min(max(page, 0), page_count(len(self._latents)) - 1)
        if page != self._page:
            self._page = page
            self._offer()

    def follow(self, picture: Picture) -> None:
        """Show the values of this frame."""
        self.kind.follow(picture)
        kind = round(picture.parameter(index_of(self.kind.name)))
        self._show_kind(min(max(kind, 0), len(MODULATOR_KINDS) - 1))
        if not self.shape.isHidden():
            self.shape.follow(picture)
        for knob in self.knobs.values():
            if not knob.isHidden():
                knob.follow(picture)
        steps = round(picture.parameter(index_of(f"mod.{self.number}.steps")))
        if not self.steps.isHidden():
            self.steps.show_values(self._values(picture, "step", range(STEPS)), steps)
        shown = page_range(self._page, len(self._latents))
        self.reach.show_values(self._values(picture, "to", shown), len(shown) if kind else 0)
        if not self.curve.isHidden():
            self.curve.push(float(picture.motion.outputs[self.number - 1]))

    def _take(self, row: BarRow, name: str) -> None:
        row.edited.connect(lambda k, value: self._edit(name, k, value))
        row.marked = lambda k: bool(self._hands.mapped(self._name(name, k)))
        self._hands.take(
            row,
            lambda: self._name(name, row.chosen),
            value=row.value,
            edit=row.edit,
            long_touch=False,
            marks=False,
        )
        self._hands.changed.connect(row.update)

    def _values(self, picture: Picture, name: str, places: range) -> list[float]:
        first = index_of(f"mod.{self.number}.{name}.1")
        return [picture.parameter(first + k) for k in places]

    def _name(self, name: str, k: int) -> str:
        first = self._page * 16 if name == "to" else 0
        return f"mod.{self.number}.{name}.{first + k + 1}"

    def _edit(self, name: str, k: int, value: float) -> None:
        self._hands.edit(self._name(name, k), value)

    def _offer(self) -> None:
        shown = page_range(self._page, len(self._latents))
        names = [self._latents[k].name for k in shown]
        self.steps.offer(f"Modulator {self.number} steps", self.steps.names)
        self.reach.offer(f"Modulator {self.number} reaches", names, shown.start + 1)
        several = page_count(len(self._latents)) > 1
        title = f" {page_title(self._page, len(self._latents))}" if several else ""
        self.caption.say(f"Moves the latents{title} by so much (sd)")
        for plate in (self.back, self.on):
            plate.setVisible(several)

    def _show_kind(self, kind: int) -> None:
        if kind == self._kind:
            return
        self._kind = kind
        name = MODULATOR_KINDS[kind]
        for knob, widget in self.knobs.items():
            widget.setVisible(knob in USED[name])
        self.shape.setVisible(name == "lfo")
        self.steps.setVisible(name == "steps")
        self.curve.setVisible(kind > 0)
        self.off.setVisible(kind == 0)

    def _tallest(self) -> int:
        """The height that every kind fits into, so that nothing moves while kinds are tried."""
        heights = [0]
        for kind in range(len(MODULATOR_KINDS)):
            self._show_kind(kind)
            layout = self.layout()
            if layout is not None:
                layout.invalidate()
                layout.activate()
                heights.append(layout.sizeHint().height())
        return max(heights)

    def _lay_out(self) -> None:
        left, right = QVBoxLayout(), QVBoxLayout()
        for row in (self.kind, self.shape):
            left.addWidget(row, 0, Qt.AlignmentFlag.AlignLeft)
        left.addWidget(self.off)
        knobs = QHBoxLayout()
        knobs.setSpacing(4)
        for knob in self.knobs.values():
            knobs.addWidget(knob, 1)
        knobs.addStretch(1)
        left.addLayout(knobs)
        left.addWidget(self.curve, 1)
        left.addStretch(0)
        head = QHBoxLayout()
        head.addWidget(self.caption, 1)
        for plate in (self.back, self.on):
            head.addWidget(plate)
        right.addWidget(self.steps, 3)
        right.addLayout(head)
        right.addWidget(self.reach, 4)
        for column in (left, right):
            column.setSpacing(6)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP_PX)
        layout.addLayout(left, 10)
        layout.addLayout(right, 9)
