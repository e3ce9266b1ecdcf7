"""Performance mode: what a player needs to know in the dark, read from two metres.

What plays and what comes next, whether it sounds, the levels, what the machine has left, and the
buttons that a hand must find without looking. Everything else is a key away.
"""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from rtvae.control.parameters import LOOPER_STATES, index_of
from rtvae.window import theme, wire
from rtvae.window.big_button import BigButton
from rtvae.window.big_latents import BigLatents
from rtvae.window.big_meter import BigMeter
from rtvae.window.big_text import SENTENCE_SHARE, BigText
from rtvae.window.picture import Picture
from rtvae.window.text import TIMES
from rtvae.window.view import View

KEYS = "F leaves · Esc panic"
# The keys of the show that the hidden half of the window would have, and those of page pedals.
_KEYS = (
    ("Alt+Right", "preset.next"),
    ("PgDown", "preset.next"),
    ("Alt+Left", "preset.previous"),
    ("PgUp", "preset.previous"),
)
_RIGHT = Qt.AlignmentFlag.AlignRight
_LOOPER = index_of("looper")
_SYMBOLS = {"off": "LOOP", "record": "● LOOP", "play": "▶ LOOP", "overdub": "●▶ LOOP"}


class PerformanceView(View):
    """Emits what its buttons ask for: an action's name, or `mute` with what it should become."""

    asked = pyqtSignal(str)
    mute = pyqtSignal(bool)
    cleared = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.preset = BigText("Preset")
        self.state = BigText("Engine", align=_RIGHT)
        self.next = BigText("Next preset", theme.DIM)
        self.model = BigText("Model", theme.DIM, _RIGHT)
        self.latency = BigText("Latency", bold=False)
        self.load = BigText("Load", bold=False, align=Qt.AlignmentFlag.AlignHCenter)
        self.dropouts = BigText("Dropouts", bold=False, align=_RIGHT)
        self.message = BigText("Message", bold=False, least_share=SENTENCE_SHARE)
        self.keys = BigText("Keys", theme.DIM, _RIGHT, bold=False)
        self.keys.say(KEYS)
        self.meters = (
            BigMeter("IN", "CLIP", theme.INPUT),
            BigMeter("OUT", "LIMIT", theme.OUTPUT),
        )
        self.latents = BigLatents()
        self.buttons = {
            "mute": BigButton("MUTE", "Mute (stage)", "Silence softly (M)", theme.TONES["warn"]),
            "panic": BigButton("PANIC", "Panic (stage)", "Silence at once (P)", theme.TONES["bad"]),
            "looper.press": BigButton(
                "LOOP", "Looper (stage)", "Record a gesture, repeat it, stop it", theme.INPUT
            ),
            "record": BigButton(
                "REC", "Record (stage)", "Record to the disk (R)", theme.TEXT, theme.RECORD
            ),
            "preset.previous": BigButton(
                "◀", "Previous preset (stage)", "The previous preset (Page Up)", theme.TEXT
            ),
            "preset.next": BigButton(
                "▶", "Next preset (stage)", "The next preset (Page Down)", theme.TEXT
            ),
        }
        for name, button in self.buttons.items():
            button.clicked.connect(lambda on, name=name: self._press(name))
        for meter in self.meters:
            meter.cleared.connect(self.cleared)
        for keys, name in _KEYS:
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(self.buttons[name].click)
        self._muted = False
        self._lay_out()

    def hear(self, info: wire.HostInfo) -> None:
        """Take in what the host says."""
        self.preset.say(info.preset or (info.model.title if info.model else "rtvae"))
        show = info.show
        following = show.following if show is not None else ""
        name = info.model.name if info.model is not None else ""
        voices = f"{name} {TIMES} {info.beside}" if info.beside else name
        self.next.say(f"next: {following}" if following else voices)
        self.model.say(voices if following else "")
        recording = info.recording
        text = "REC"
        if recording is not None:
            minutes, seconds = divmod(recording.seconds, 60)
            text = f"● {minutes}:{seconds:02d}" if recording.on else "◌ REC"
        self.buttons["record"].show_state(text, recording is not None and recording.on)

    def follow(self, picture: Picture) -> None:
        """Show this frame."""
        now = picture.condition
        self.state.say(now.sentence if now.tone == "bad" else now.word, theme.TONES[now.tone])
        for text, name, reading in (
            (self.latency, "latency", picture.latency),
            (self.load, "load", picture.load),
            (self.dropouts, "dropouts", picture.dropouts),
        ):
            text.say(f"{name} {reading.number}", theme.TONES[reading.tone])
        for meter, level in zip(
            self.meters, (picture.input_level, picture.output_level), strict=True
        ):
            meter.follow(level)
        self.latents.follow(*picture.newest_latents())
        self._muted = picture.muted
        self.buttons["mute"].show_state("MUTED" if self._muted else "MUTE", self._muted)
        self.buttons["panic"].show_state("PANIC", picture.panicked)
        doing = LOOPER_STATES[round(min(max(picture.parameter(_LOOPER), 0), 3))]
        length = f" {picture.facts.loop_s:.1f}" if doing != "off" and picture.facts.loop_s else ""
        self.buttons["looper.press"].show_state(_SYMBOLS[doing] + length, doing != "off")

    def _press(self, name: str) -> None:
        if name == "mute":
            self.mute.emit(not self._muted)
        else:
            self.asked.emit(name)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(18, 10, 18, 10)
        grid.setSpacing(10)
        pairs = ((self.preset, self.state), (self.next, self.model), (self.message, self.keys))
        for row, (left, right), height in zip((0, 1, 4), pairs, (13, 7, 6), strict=True):
            line = QHBoxLayout()
            line.addWidget(left, 7)
            line.addWidget(right, 3 if right is self.keys else 5)
            grid.addLayout(line, row, 0)
            grid.setRowStretch(row, height)
        numbers = QHBoxLayout()
        for text in (self.latency, self.load, self.dropouts):
            numbers.addWidget(text, 1)
        grid.addLayout(numbers, 2, 0)
        grid.setRowStretch(2, 8)
        middle = QHBoxLayout()
        middle.setSpacing(14)
        for meter in self.meters:
            middle.addWidget(meter, 9)
        middle.addWidget(self.latents, 50)
        middle.addLayout(self._button_column(), 30)
        grid.addLayout(middle, 3, 0)
        grid.setRowStretch(3, 60)

    def _button_column(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(10)
        column.addWidget(self.buttons["mute"], 4)
        column.addWidget(self.buttons["panic"], 4)
        for pair in (("looper.press", "record"), ("preset.previous", "preset.next")):
            line = QHBoxLayout()
            line.setSpacing(10)
            for name in pair:
                line.addWidget(self.buttons[name], 1)
            column.addLayout(line, 3)
        return column
