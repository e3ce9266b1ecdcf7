"""The whole window: lays out the views, sends what the player does, shows what the host says."""

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rtvae.control.parameters import index_of
from rtvae.window import theme, wire
from rtvae.window.elided import ElidedLabel
from rtvae.window.latent_bank import LatentBank
from rtvae.window.master_panel import MasterPanel
from rtvae.window.meter_view import MeterView
from rtvae.window.pages import page_range
from rtvae.window.picture import Picture
from rtvae.window.record_light import RecordLight
from rtvae.window.spectrogram_view import SpectrogramView
from rtvae.window.spectrum_view import SpectrumView
from rtvae.window.top_bar import TopBar
from rtvae.window.trajectory_view import TrajectoryView

_SIGNS = {"info": ("", theme.TEXT), "warning": ("▲ ", theme.TONES["warn"]),
          "error": ("✖ ", theme.TONES["bad"])}  # fmt: skip


class MainWindow(QWidget):
    """`send` takes what goes to the host; `clock` gives seconds; `tick` draws one frame."""

    closed = pyqtSignal()

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
        self.spectrogram = SpectrogramView()
        self.spectrum = SpectrumView()
        self.meters = MeterView()
        self.master = MasterPanel()
        self.bank = LatentBank()
        self.record = RecordLight()
        self.message = ElidedLabel(theme.LARGE_PX)
        self._lay_out()
        self._connect()
        self.tick()

    def tick(self) -> None:
        """Take in what is new and draw it."""
        picture = self.picture
        picture.advance(self._clock())
        if self._model is None and picture.facts.latents != self._known:
            self._known = picture.facts.latents
            self._set_latents()
        self.trajectories.follow(picture, self._notice())
        self.spectrogram.follow(picture)
        self.spectrum.follow(picture)
        self.meters.follow(picture)
        self.top.follow(picture)
        self.master.follow(picture)
        self.bank.follow(picture, *picture.newest_latents())

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

    def say(self, sentence: str, level: str = "info") -> None:
        """Show one sentence at the bottom."""
        sign, colour = _SIGNS[level]
        self.message.say(sign + sentence, colour)

    def lose_host(self) -> None:
        """Say that rtvae play has gone; the window stays as long as its user likes."""
        self.picture.host_alive = False
        self.say("rtvae play has ended, so nothing here acts any more; close this window.", "error")

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self.closed.emit()
        super().closeEvent(event)

    def _edit(self, name: str, value: float) -> None:
        self.picture.edits.note(index_of(name), value, self._clock())
        self._send(wire.setting({name: value}))

    def _set_latents(self) -> None:
        if self._model is not None:
            latents = self._model.latents
        else:
            latents = wire.unknown_latents(self.picture.facts.latents)
        self.bank.set_latents(latents)
        self._show_lanes()

    def _show_lanes(self) -> None:
        lanes = page_range(self.bank.page, len(self.bank.latents))
        self.trajectories.set_lanes(
            self.bank.latents[lanes.start : lanes.stop], lanes.start, self._no_lanes()
        )
        self._grid.setRowStretch(0, 7 if lanes else 1)

    def _no_lanes(self) -> str:
        if self._model is None:
            return "Waiting for the model."
        return "This model has no latents to turn: use mix and gain."

    def _notice(self) -> str:
        now = self.picture.condition
        return now.sentence if now.tone == "bad" else ""

    def _connect(self) -> None:
        self.bank.edited.connect(self._edit)
        self.master.edited.connect(self._edit)
        self.master.panic.connect(lambda: self._send(wire.PANIC))
        self.record.clicked.connect(lambda: self._send(wire.RECORD))
        self.top.picked.connect(lambda name: self._send(wire.loading(name)))
        self.top.picked_beside.connect(lambda name: self._send(wire.loading_beside(name)))
        self.bank.turned.connect(lambda page: self._show_lanes())
        self.bank.attention.connect(self.trajectories.light)
        for keys, act in (
            (Qt.Key.Key_M, self.master.toggle_mute),
            (Qt.Key.Key_P, self.master.stop.click),
            (Qt.Key.Key_Escape, self.master.stop.click),
            (Qt.Key.Key_R, self.record.click),
            (Qt.Key.Key_F11, self._toggle_full_screen),
            ("Ctrl+PgDown", lambda: self.bank.turn(self.bank.page + 1)),
            ("Ctrl+PgUp", lambda: self.bank.turn(self.bank.page - 1)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(act)

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _lay_out(self) -> None:
        side = QHBoxLayout()
        side.setSpacing(theme.GAP_PX)
        side.addWidget(_panel(self.meters))
        side.addWidget(self.master, 1)
        self._grid = grid = QGridLayout()
        grid.setSpacing(theme.GAP_PX)
        grid.addWidget(_panel(self.trajectories), 0, 0)
        grid.addWidget(_panel(self.spectrogram), 1, 0)
        right = QVBoxLayout()
        right.setSpacing(theme.GAP_PX)
        right.addWidget(_panel(self.spectrum), 5)
        right.addLayout(side, 7)
        grid.addLayout(right, 0, 1, 2, 1)
        grid.setColumnStretch(0, 7)
        grid.setColumnStretch(1, 3)
        grid.setRowStretch(0, 7)
        grid.setRowStretch(1, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 6)
        layout.setSpacing(theme.GAP_PX)
        layout.addWidget(self.top)
        layout.addLayout(grid, 1)
        layout.addWidget(self.bank)
        foot = QHBoxLayout()
        foot.addWidget(self.record)
        foot.addWidget(self.message, 1)
        keys = ElidedLabel(theme.SMALL_PX, colour=theme.DIM, align=Qt.AlignmentFlag.AlignRight)
        keys.say("M mute · R record · P or Esc panic · F11 full screen")
        keys.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        foot.addWidget(keys)
        layout.addLayout(foot)


def _panel(view: QWidget) -> QFrame:
    frame = QFrame()
    frame.setObjectName("panel")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(6, 6, 6, 6)
    layout.addWidget(view)
    return frame
