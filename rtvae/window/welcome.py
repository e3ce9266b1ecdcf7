"""The first start: through what, which voice, which knobs; and a tone and a meter to be sure of it.

Nothing has to be answered: the sound plays already. Every choice acts at once.
"""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut, QStandardItemModel
from PyQt6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rtvae.window import theme, wire
from rtvae.window.choice import Choice
from rtvae.window.elided import ElidedLabel
from rtvae.window.level_bar import LevelBar
from rtvae.window.parts import Devices
from rtvae.window.picture import Picture

SYSTEM = "the system's own"
ALL_PORTS = "all that are plugged in"
TONE = "test_tone"
TEST_TONE = "Test tone"
STOP_TONE = "Stop the tone"
_WIDTH_PX = 800
_HINTS = {
    "input": "Make a sound: the blue bar moves.",
    "output": "Press the tone: you hear it.",
    "model": "The voice that answers. Change it any time.",
    "midi": "Plug in a controller any time; right-click a knob to learn.",
}
FIXED = "as chosen at the start"
NO_PORT = "none"


class Welcome(QDialog):
    """Emits `asked` with a request to the host and `edited` with a parameter's value."""

    asked = pyqtSignal(dict)
    edited = pyqtSignal(str, float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("rtvae: sound, model and MIDI")
        self.setAccessibleName("Sound, model and MIDI")
        self.input = Choice("Input", "The microphone or instrument that is heard.", 12)
        self.output = Choice("Output", "The loudspeakers or headphones.", 12)
        self.model = Choice("Voice", "The model that plays.", 12)
        self.preset = Choice("Preset", "The settings to begin with.", 8)
        self.midi = Choice("Controller", "Whose knobs and keys are listened to.", 12)
        self.tone = QPushButton(TEST_TONE)
        self.tone.setCheckable(True)
        self.tone.setObjectName("tone")
        self.tone.setAccessibleName("Test tone")
        self.tone.setToolTip("A quiet 440 Hz tone at the output (T)")
        self.input_bar = LevelBar("Level of the input", theme.INPUT)
        self.output_bar = LevelBar("Level of the output", theme.OUTPUT)
        self.device = ElidedLabel(theme.BODY_PX, colour=theme.DIM)
        self.ports = ElidedLabel(theme.BODY_PX, colour=theme.DIM)
        self.begin = QPushButton("Play")
        self.begin.setMinimumHeight(52)
        self.begin.setObjectName("begin")
        self.begin.setAccessibleName("Play")
        self.begin.setToolTip("Close this and play (Return or Esc)")
        self.begin.setDefault(True)
        self._lay_out()
        self._connect()
        self.begin.setFocus()

    def hear(self, info: wire.HostInfo) -> None:
        """Offer what the host says there is."""
        devices = info.devices or Devices()
        known = bool(devices.inputs or devices.outputs)
        for choice, names, played_on in (
            (self.input, devices.inputs, devices.input),
            (self.output, devices.outputs, devices.output),
        ):
            _offer(choice, [SYSTEM, *names] * known, played_on or (SYSTEM if known else FIXED))
            choice.setEnabled(known)
        self.device.say(f"Now: {info.device or 'no device is known yet'}")
        playing = info.model.name if info.model is not None else ""
        _offer(self.model, list(info.models or ((playing,) if playing else ())), playing)
        presets = list(info.show.presets) if info.show is not None else []
        _offer(self.preset, presets or [info.preset] * bool(info.preset), info.preset)
        self.preset.setEnabled(bool(presets))
        hub = info.hub
        ports = list(hub.ports) if hub is not None else []
        chosen = ALL_PORTS
        if hub is not None and not hub.automatic:
            chosen = ", ".join(hub.open) or hub.status or NO_PORT
        _offer(self.midi, [ALL_PORTS, *ports], chosen)
        self.midi.setEnabled(hub is not None)
        self.ports.say(f"heard: {info.midi or 'none yet'}")

    def follow(self, picture: Picture) -> None:
        """Show the levels of this frame."""
        self.input_bar.follow(picture.input_level)
        self.output_bar.follow(picture.output_level)

    def done(self, result: int) -> None:
        self.tone.setChecked(False)
        super().done(result)

    def _connect(self) -> None:
        self.tone.toggled.connect(self._sound)
        self.begin.clicked.connect(self.accept)
        for side, choice in (("input", self.input), ("output", self.output)):
            choice.textActivated.connect(lambda name, side=side: self._ask_device(side, name))
        self.model.textActivated.connect(lambda name: self.asked.emit(wire.loading(name)))
        self.preset.textActivated.connect(
            lambda name: self.asked.emit(wire.doing("preset.load", name=name))
        )
        self.midi.textActivated.connect(self._ask_ports)
        # The window's own keys do not reach a dialog that lies over it.
        for key, act in (
            (Qt.Key.Key_P, lambda: self.asked.emit(wire.PANIC)),
            (Qt.Key.Key_T, self.tone.click),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(act)

    def _sound(self, on: bool) -> None:
        self.tone.setText(STOP_TONE if on else TEST_TONE)
        self.edited.emit(TONE, 1.0 if on else 0.0)

    def _ask_device(self, side: str, name: str) -> None:
        """Ask for what was chosen alone: the other side may be one that was named at the start."""
        self.asked.emit(wire.doing("device", **{side: None if name == SYSTEM else name}))

    def _ask_ports(self, name: str) -> None:
        self.asked.emit(wire.doing("midi.ports", names=None if name == ALL_PORTS else [name]))

    def _lay_out(self) -> None:
        self.setMinimumWidth(_WIDTH_PX)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(2, 3)
        row = 0
        for name, title, first, second in (
            ("input", "You play into", self.input, self.input_bar),
            ("output", "You hear it from", self.output, self.tone),
            ("model", "Voice and preset", self.model, self.preset),
            ("midi", "Knobs and keys", self.midi, self.ports),
        ):
            head = QLabel(title)
            head.setFont(theme.font(theme.LARGE_PX, bold=True))
            grid.addWidget(head, row, 0)
            grid.addWidget(first, row, 1)
            grid.addWidget(second, row, 2)
            hint = ElidedLabel(theme.BODY_PX, colour=theme.DIM)
            hint.say(_HINTS[name])
            grid.addWidget(hint, row + 1, 1, 1, 1 if name == "output" else 2)
            if name == "output":
                grid.addWidget(self.output_bar, row + 1, 2)
            grid.setRowMinimumHeight(row + 2, 12)
            row += 3
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        greeting = QLabel("Make a sound, turn a knob: it plays already.")
        greeting.setFont(theme.font(22, bold=True))
        layout.addWidget(greeting)
        layout.addWidget(self.device)
        layout.addLayout(grid)
        layout.addWidget(self.begin)
        foot = ElidedLabel(theme.BODY_PX, colour=theme.DIM, align=Qt.AlignmentFlag.AlignHCenter)
        foot.say("P panic · T tone · Esc closes this · F2 brings it back")
        layout.addWidget(foot)


def _offer(choice: Choice, names: list[str], chosen: str) -> None:
    """Offer names and show what is chosen; where it is none of them it cannot be chosen again."""
    choice.offer([*names, chosen] if chosen and chosen not in names else names)
    choice.show_name(chosen)
    items = choice.model()
    if isinstance(items, QStandardItemModel):
        for k in range(items.rowCount()):
            item = items.item(k)
            if item is not None:
                item.setEnabled(k < len(names))
