"""The whole window: lays out the views, sends what the player does, shows what the host says."""

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rtvae.control.parameters import index_of
from rtvae.window import theme, wire
from rtvae.window.desk import Desk, panel
from rtvae.window.elided import ElidedLabel
from rtvae.window.hands import ESCAPE, Hands
from rtvae.window.main_menu import MainMenu
from rtvae.window.master_panel import MasterPanel
from rtvae.window.meter_view import MeterView
from rtvae.window.pages import page_range
from rtvae.window.panels import TALL_PX, WAITING, Panels
from rtvae.window.picture import Picture
from rtvae.window.presence import Presence
from rtvae.window.record_light import RecordLight
from rtvae.window.scope_view import ScopeView
from rtvae.window.show_bar import ShowBar
from rtvae.window.spectrogram_view import SpectrogramView
from rtvae.window.spectrum_view import SpectrumView
from rtvae.window.top_bar import TopBar
from rtvae.window.trajectory_view import TrajectoryView
from rtvae.window.xy_view import XYView

KEYS = "M mute · R record · L learn MIDI · P or Esc panic · F performance"
_SIGNS = {"info": ("", theme.TEXT), "warning": ("▲ ", theme.TONES["warn"]),
          "error": ("✖ ", theme.TONES["bad"])}  # fmt: skip


class MainWindow(QWidget):
    """`send` takes what goes to the host; `clock` gives seconds; `tick` draws one frame.

    `closed` ends the session, `away` only the window; `presence` is how it presents itself.
    """

    closed = pyqtSignal()
    away = pyqtSignal()

    def __init__(
        self, picture: Picture, send: Callable[[dict[str, Any]], None], clock: Callable[[], float]
    ) -> None:
        super().__init__()
        self.picture = picture
        self._send = send
        self._clock = clock
        self._model: wire.ModelInfo | None = None
        self._known = -1
        self.setWindowTitle("rtvae")
        self.resize(1280, 800)
        self.top = TopBar()
        self.trajectories = TrajectoryView()
        self.spectrogram = SpectrogramView("output")
        self.spectrum = SpectrumView()
        self.xy = XYView()
        self.meters = MeterView()
        self.master = MasterPanel()
        self.hands = Hands()
        self.panels = Panels(self.hands)
        self.bank = self.panels.bank
        self.show_bar = ShowBar(self.hands)
        self.top.row.insertWidget(0, self.show_bar, 3)
        self.record = RecordLight()
        self.keys = ElidedLabel(theme.SMALL_PX, colour=theme.DIM, align=Qt.AlignmentFlag.AlignRight)
        self.message = ElidedLabel(theme.LARGE_PX)
        self.menu = MainMenu()
        self._lay_out()
        self._connect()
        for control, target in (
            *((knob, name) for name, knob in self.master.knobs.items()),
            (self.master.mute, "mute.toggle"),
            (self.master.stop, "panic"),
            (self.record, "record"),
        ):
            self.hands.take(control, target)
        self.tick()

    def tick(self) -> None:
        """Take in what is new and draw it."""
        picture = self.picture
        picture.wanted = self.desk.shown
        picture.advance(self._clock())
        if self._model is None and picture.facts.latents != self._known:
            self._known = picture.facts.latents
            self._set_latents()
        self.presence.follow(picture)
        if self.presence.performing:
            return
        self.desk.follow(picture)
        self.meters.follow(picture)
        self.top.follow(picture)
        self.master.follow(picture)
        self.panels.follow(picture)
        self.hands.blink(self._clock())

    def hear(self, said: wire.HostInfo | wire.Message) -> None:
        """Take in what the host says."""
        if isinstance(said, wire.Message):
            self.say(said.sentence, said.level)
            if said.level != "info":
                # A model that was picked may just have been refused.
                self.top.show_playing()
            return
        self.top.set_info(said)
        self.picture.waiting = said.waiting
        self.record.show_recording(said.recording)
        self.setWindowTitle("● rtvae" if self.record.burning else "rtvae")
        self.master.set_beside(said.beside)
        self._model = said.model
        self._set_latents()
        self.presence.hear(said)
        latents = self.bank.latents
        self.hands.hear(said.hub, latents)
        self.panels.hear(said, len(latents))
        self.show_bar.show_show(said.show)

    def say(self, sentence: str, level: str = "info") -> None:
        """Show one sentence at the bottom."""
        sign, colour = _SIGNS[level]
        self.message.say(sign + sentence, colour)
        self.presence.stage.message.say(sign + sentence, colour)

    def lose_host(self) -> None:
        """Say that rtvae play has gone; the window stays as long as its user likes."""
        self.picture.host_alive = False
        self.say("rtvae play has ended, so nothing here acts any more; close this window.", "error")

    def come_forward(self) -> None:
        """Be seen, whatever lies over it."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        if event is not None:
            self.presence.close(event, self.picture.host_alive)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self.panels.set_tall(self.height() >= TALL_PX)
        super().resizeEvent(event)

    def _edit(self, name: str, value: float) -> None:
        self.picture.edits.note(index_of(name), value, self._clock())
        self._send(wire.setting({name: value}))

    def _set_latents(self) -> None:
        if self._model is not None:
            latents = self._model.latents
        else:
            latents = wire.unknown_latents(self.picture.facts.latents)
        self.bank.set_latents(latents)
        self.xy.set_latents(latents)
        self.presence.stage.latents.set_latents(latents)
        self._show_lanes()

    def _show_lanes(self) -> None:
        lanes = page_range(self.bank.page, len(self.bank.latents))
        self.trajectories.set_lanes(
            self.bank.latents[lanes.start : lanes.stop], lanes.start, self._no_lanes()
        )

    def _no_lanes(self) -> str:
        if self._model is None:
            return WAITING
        return "This model has no latents to turn: use mix and gain."

    def _connect(self) -> None:
        self.hands.edited.connect(self._edit)
        self.hands.asked.connect(self._send)
        self.hands.changed.connect(self._show_learning)
        self.hands.told.connect(self.say)
        self.master.edited.connect(self._edit)
        self.master.panic.connect(lambda: self._send(wire.PANIC))
        self.record.clicked.connect(lambda: self._send(wire.RECORD))
        self.top.picked.connect(lambda name: self._send(wire.loading(name)))
        self.top.picked_beside.connect(lambda name: self._send(wire.loading_beside(name)))
        self.presence.asked.connect(self._send)
        self.presence.edited.connect(self._edit)
        self.presence.ended.connect(self.closed)
        self.presence.away.connect(self.away)
        for meters in (self.meters, self.presence.stage):
            meters.cleared.connect(self._clear_clips)
        self.bank.turned.connect(lambda page: self._show_lanes())
        self.bank.attention.connect(self.trajectories.light)
        for keys, act in (
            (Qt.Key.Key_M, self.master.toggle_mute),
            (Qt.Key.Key_P, self.master.stop.click),
            (Qt.Key.Key_Escape, self._escape),
            (Qt.Key.Key_L, self.hands.learn_here),
            (Qt.Key.Key_R, self.record.click),
            ("Ctrl+PgDown", lambda: self.bank.turn(self.bank.page + 1)),
            ("Ctrl+PgUp", lambda: self.bank.turn(self.bank.page - 1)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(act)

    def _escape(self) -> None:
        """End what learns; where nothing learns, silence at once."""
        if self.hands.learning:
            self.hands.stop_learning()
        else:
            self.master.stop.click()

    def _show_learning(self) -> None:
        if self.hands.sentence:
            self.say(self.hands.sentence, "warning")
            self.keys.say("Esc ends learning · P panic")
        elif self.keys.text != KEYS:
            # What the host says of the end of it has come before, and stays.
            if self.message.text.endswith(ESCAPE):
                self.say("")
            self.keys.say(KEYS)

    def _clear_clips(self) -> None:
        self.picture.input_level.clear()
        self.picture.output_level.clear()

    def _lay_out(self) -> None:
        side = QWidget()
        pair = QHBoxLayout(side)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.setSpacing(theme.GAP_PX)
        pair.addWidget(panel(self.meters))
        pair.addWidget(self.master, 1)
        self.desk = Desk(
            {
                "latents": self.trajectories,
                "input": SpectrogramView("input"),
                "output": self.spectrogram,
                "scope": ScopeView(),
                "spectra": self.spectrum,
                "xy": self.xy,
            },
            side,
        )
        self.panels.row.addWidget(self.desk.choices)
        self.panels.row.addWidget(self.menu)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(10, 10, 10, 6)
        layout.setSpacing(theme.GAP_PX)
        layout.addWidget(self.top)
        layout.addWidget(self.desk, 1)
        layout.addWidget(self.panels)
        foot = QHBoxLayout()
        foot.addWidget(self.record)
        foot.addWidget(self.message, 1)
        self.keys.say(KEYS)
        self.keys.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        foot.addWidget(self.keys)
        layout.addLayout(foot)
        self.presence = Presence(self, page, self.desk, self.panels, self.menu)
