"""The page of what makes latents by itself: noise, feedback, generation, looper, leash, tempo."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from rtvae.control.parameters import index_of
from rtvae.window import theme, wire
from rtvae.window.choice_row import ChoiceRow
from rtvae.window.elided import ElidedLabel
from rtvae.window.hands import Hands
from rtvae.window.looper_button import LooperButton
from rtvae.window.page import Page
from rtvae.window.parameter_knob import ParameterKnob
from rtvae.window.picture import Picture
from rtvae.window.pull_meter import PullMeter
from rtvae.window.tap_plate import TapPlate

NO_LATENTS = "This model has no latents, so there is nothing to loop, generate or hold."
NO_SPACE = "This model came without the survey that a leash needs."
# Each group: its title, and its knobs.
GROUPS = (
    ("Noise", ("diffusion", "diffusion_colour", "variation")),
    ("Feedback", ("feedback", "feedback_ms")),
    ("Generate", ("generate", "generate_pace", "generate_spread")),
    ("Looper", ("looper_mix", "looper_speed")),
    ("Leash", ("leash",)),
    ("Tempo", ("tempo_bpm",)),
)


class LoopPage(Page):
    """Knobs in groups; under them what belongs to each group besides."""

    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self.looper = LooperButton()
        self.states = ChoiceRow("looper", hands)
        self.prior = ChoiceRow("prior", hands)
        self.pull = PullMeter()
        self.tap = TapPlate()
        self.clock = ElidedLabel(theme.SMALL_PX, colour=theme.DIM)
        self.no_leash = QLabel(NO_SPACE)
        self.no_leash.setWordWrap(True)
        self.no_leash.setFont(theme.font(theme.SMALL_PX))
        self.no_leash.setMinimumWidth(110)
        self.looper.clicked.connect(lambda: hands.ask("looper.press"))
        self.tap.clicked.connect(lambda: hands.ask("tap"))
        hands.take(self.looper, "looper.press")
        hands.take(self.tap, "tap")
        self.knobs: dict[str, ParameterKnob] = {}
        below: dict[str, tuple[QWidget, ...]] = {
            "Generate": (self.prior,),
            "Looper": (self.states,),
            "Leash": (self.pull, self.no_leash),
            "Tempo": (self.tap, self.clock),
        }
        layout = QHBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * theme.GAP_PX)
        for title, names in GROUPS:
            column = self._group(title, names, hands)
            for widget in below.get(title, ()):
                column.addWidget(widget)
            column.addStretch(1)
            if title == "Looper":
                layout.addWidget(self.looper, 0, Qt.AlignmentFlag.AlignVCenter)
            layout.addLayout(column, len(names))
        self.no_leash.hide()

    def hear(self, info: wire.HostInfo, latents: int) -> None:
        self.excuse("" if latents else NO_LATENTS)
        # A map and the leash's region come from one survey.
        held = info.model is None or info.model.map is not None
        for widget in (self.knobs["leash"], self.pull):
            widget.setVisible(held)
        self.no_leash.setVisible(not held)
        beat = info.hub.clock_bpm if info.hub is not None else None
        said = f"The tempo comes from a MIDI clock: {beat:.1f} bpm" if beat is not None else ""
        self.clock.say(f"Clock {beat:.1f}" if beat is not None else "", explanation=said)

    def follow(self, picture: Picture) -> None:
        for knob in self.knobs.values():
            knob.follow(picture)
        self.prior.follow(picture)
        self.states.follow(picture)
        motion = picture.motion
        self.looper.show_now(
            round(picture.parameter(index_of("looper"))),
            motion.looper,
            picture.facts.loop_s,
        )
        self.pull.show_pull(motion.leash_pull)
        self.tap.show_beat(motion.beat)

    def _group(self, title: str, names: tuple[str, ...], hands: Hands) -> QVBoxLayout:
        column, row = QVBoxLayout(), QHBoxLayout()
        column.setSpacing(6)
        row.setSpacing(4)
        caption = QLabel(title)
        caption.setFont(theme.font(theme.BODY_PX, bold=True))
        column.addWidget(caption)
        for name in names:
            self.knobs[name] = ParameterKnob(name, hands, title)
            row.addWidget(self.knobs[name], 2)
        row.addStretch(1)
        column.addLayout(row)
        return column
