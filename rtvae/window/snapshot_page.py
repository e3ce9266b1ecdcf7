"""The page of snapshots: sixteen pads, the morph between two and the pad between four of them."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout

from rtvae.control.actions import SNAPSHOTS
from rtvae.control.parameters import index_of
from rtvae.window import theme, wire
from rtvae.window.choice import Choice
from rtvae.window.elided import ElidedLabel
from rtvae.window.hands import Hands
from rtvae.window.hold import Hold
from rtvae.window.morph_row import MorphRow
from rtvae.window.page import Page
from rtvae.window.parameter_knob import ParameterKnob
from rtvae.window.parts import Snapshots
from rtvae.window.picture import Picture
from rtvae.window.snapshot_pad import SnapshotPad
from rtvae.window.xy_pad import CORNER_NAMES, XYPad

NO_PART = "This session keeps no snapshots."
NO_LATENTS = "This model has no latents, so there is nothing to keep a snapshot of."
HINT = "A press goes to a snapshot; shift and a press, or a long touch, stores one."
_COLUMNS = 8
_X, _Y = index_of("pad_x"), index_of("pad_y")


class SnapshotPage(Page):
    """Asks the host for everything; what is lit is what the host says."""

    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self._hands = hands
        self._snapshots: Snapshots | None = None
        self.pads = [SnapshotPad(k + 1) for k in range(SNAPSHOTS)]
        self.morph = MorphRow()
        self.pad = XYPad()
        self.corners = [
            Choice(f"Snapshot in the corner {name}", f"The snapshot in the corner {name}.", 2)
            for name in CORNER_NAMES
        ]
        self.said = ElidedLabel(theme.SMALL_PX, colour=theme.DIM)
        self._hold = Hold(lambda pad: self._store(pad.number), mouse=True)  # type: ignore[attr-defined]
        for pad in self.pads:
            pad.recalled.connect(self._recall)
            pad.kept.connect(self._store)
            pad.cleared.connect(self._clear)
            self._take(pad)
        for choice in self.corners:
            choice.offer([str(k + 1) for k in range(SNAPSHOTS)])
            choice.activated.connect(self._set_corners)
        self.morph.morphed.connect(self._morph)
        self.pad.moved.connect(self._move_pad)
        hands.take(
            self.pad,
            "pad_x",
            extra=(("Let MIDI move it up and down", lambda: hands.learn("pad_y")),),
            long_touch=False,
        )
        self.knobs = [ParameterKnob(name, hands, "Snapshots") for name in ("morph", "glide_ms")]
        self._lay_out()

    def hear(self, info: wire.HostInfo, latents: int) -> None:
        if info.snapshots is None or not latents:
            self._snapshots = None
            self.excuse(NO_PART if latents else NO_LATENTS)
            return
        self.excuse("")
        if info.snapshots == self._snapshots:
            return
        self._snapshots = now = info.snapshots
        for pad in self.pads:
            pad.show_stored(pad.number in now.stored)
        self.morph.show_morph(now)
        missing = [str(k) for k in dict.fromkeys(now.corners) if k not in now.stored]
        reason = f"Empty corners: {', '.join(missing)}. Store there, or choose others."
        self.pad.show_corners(now.corners, reason if missing else "")
        for choice, corner in zip(self.corners, now.corners, strict=True):
            choice.show_name(str(corner))

    def follow(self, picture: Picture) -> None:
        for knob in self.knobs:
            knob.follow(picture)
        if self._snapshots is not None:
            placed = self._snapshots.pad is not None
            place = (picture.parameter(_X), picture.parameter(_Y)) if placed else None
            self.pad.show_place(place)

    def _take(self, pad: SnapshotPad) -> None:
        number = pad.number
        self._hands.take(
            pad,
            f"snapshot.recall.{number}",
            extra=(
                (f"Store snapshot {number}\tShift+Return", lambda: self._store(number)),
                (f"Clear snapshot {number}\tDelete", lambda: self._clear(number)),
                ("Let MIDI store here", lambda: self._hands.learn(f"snapshot.store.{number}")),
            ),
            long_touch=False,
        )
        self._hold.watch(pad)

    def _recall(self, number: int) -> None:
        stored = self._snapshots is not None and number in self._snapshots.stored
        self._light(number if stored else 0)
        if stored:
            self._hands.ask("snapshot.recall", number=number)
            self.said.say(f"Went to snapshot {number}.")
        else:
            self.said.say(f"Snapshot {number} is empty: shift and a press stores one there.")

    def _store(self, number: int) -> None:
        self._light(number)
        self._hands.ask("snapshot.store", number=number)
        self.said.say(f"Stored snapshot {number}.")

    def _clear(self, number: int) -> None:
        self._hands.ask("snapshot.clear", number=number)
        self.said.say(f"Cleared snapshot {number}.")

    def _morph(self, begin: int, end: int, share: float, way: str) -> None:
        self._light(0)
        self._hands.ask("morph", **{"from": begin, "to": end, "share": share, "way": way})

    def _move_pad(self, x: float, y: float) -> None:
        self._light(0)
        self._hands.ask("pad", x=x, y=y)

    def _light(self, number: int) -> None:
        """Light the pad where the latents are now; 0 is none of them."""
        for pad in self.pads:
            pad.setChecked(pad.number == number)

    def _set_corners(self) -> None:
        numbers = [choice.currentIndex() + 1 for choice in self.corners]
        self._hands.ask("pad.corners", numbers=numbers)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(5)
        for k, pad in enumerate(self.pads):
            grid.addWidget(pad, k // _COLUMNS, k % _COLUMNS)
        self.said.say(HINT)
        head = QHBoxLayout()
        head.addLayout(grid, 1)
        for knob in self.knobs:
            head.addWidget(knob)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(head)
        left.addWidget(self.said)
        left.addStretch(1)
        caption = QLabel("Morph")
        caption.setFont(theme.font(theme.BODY_PX, bold=True))
        left.addWidget(caption)
        left.addWidget(self.morph)
        sides = [QVBoxLayout(), QVBoxLayout()]
        for k, choice in enumerate(self.corners):
            sides[k % 2].addWidget(choice)
            if k < 2:
                sides[k].addStretch(1)
        layout = QHBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP_PX)
        layout.addLayout(left, 6)
        layout.addSpacing(theme.GAP_PX)
        layout.addLayout(sides[0])
        layout.addWidget(self.pad, 5)
        layout.addLayout(sides[1])
        layout.setAlignment(Qt.AlignmentFlag.AlignTop)
