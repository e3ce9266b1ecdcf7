"""A session with a stand-in engine, and the real window on it, driven by a clock that we turn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from rtvae.link.control_block import ControlReader, ControlWriter
from rtvae.link.session_memory import (
    create_session_folder,
    open_control,
    open_telemetry,
    remove_session_folder,
)
from rtvae.link.telemetry import TelemetryReader
from rtvae.window import theme, wire
from rtvae.window.main_window import MainWindow
from rtvae.window.picture import Picture
from tests.support.fake_engine import FakeEngine, describe
from tests.support.host_parts import heard

FRAME_S = 1 / 30


@dataclass
class Clock:
    """Seconds that pass when a test says so."""

    now_s: float = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def folder() -> Iterator[Path]:
    """A session folder."""
    made = create_session_folder()
    yield made
    remove_session_folder(made)


@pytest.fixture
def clock() -> Clock:
    """The clock of the test."""
    return Clock()


@pytest.fixture
def control(folder: Path) -> ControlWriter:
    """The host's hand on the control block."""
    return ControlWriter(open_control(folder))


@pytest.fixture
def engine(folder: Path) -> FakeEngine:
    """A stand-in engine with sixteen latents."""
    return FakeEngine(folder)


@pytest.fixture
def picture(folder: Path, engine: FakeEngine, clock: Clock) -> Picture:
    """What the window shows, before anything was played."""
    return look(folder, clock)


def look(folder: Path, clock: Clock) -> Picture:
    """Look at a session as the window does."""
    telemetry, control = open_telemetry(folder), open_control(folder)
    telemetry.flags.writeable = control.flags.writeable = False
    return Picture(TelemetryReader(telemetry), ControlReader(control), clock())


@dataclass
class Stage:
    """The window with everything around it."""

    window: MainWindow
    engine: FakeEngine
    control: ControlWriter
    clock: Clock
    sent: list[dict[str, Any]] = field(default_factory=list)

    def play(self, frames: int = 1, blocks: int = 12) -> None:
        """Let sound and time pass for some frames of the window."""
        for _ in range(frames):
            for _ in range(blocks):
                self.engine.step()
            self.clock.now_s += FRAME_S
            self.window.tick()

    def told(self, name: str) -> float:
        """The value last sent for a parameter."""
        return [said["set"][name] for said in self.sent if name in said.get("set", {})][-1]


@pytest.fixture
def open_stage(
    qtbot: QtBot, qapp: QApplication, folder: Path, control: ControlWriter, clock: Clock
) -> Callable[..., Stage]:
    """Opens the window on a model with a number of latents, with or without the host's info."""

    def open_it(latents: int = 16, informed: bool = True) -> Stage:
        theme.dress(qapp)
        engine = FakeEngine(folder, latents)
        sent: list[dict[str, Any]] = []
        window = MainWindow(look(folder, clock), sent.append, clock)
        qtbot.addWidget(window)
        if informed:
            said = wire.parse(wire.format_line({"info": describe(latents)}))
            assert isinstance(said, wire.HostInfo)
            window.hear(said)
        with qtbot.waitExposed(window):
            window.show()
        return Stage(window, engine, control, clock, sent)

    return open_it


@pytest.fixture
def stage(open_stage: Callable[..., Stage]) -> Stage:
    """The window on sixteen latents."""
    return open_stage()


@pytest.fixture
def ready(stage: Stage) -> Stage:
    """The window, told of every part that a host can have, while sound plays."""
    stage.window.hear(heard())
    stage.play()
    return stage


def open_page(stage: Stage, name: str) -> Any:
    """Open a page of the lower half, and return it."""
    stage.window.panels.show_page(name)
    stage.play()
    page = stage.window.panels.pages[name]
    assert page.isVisible()
    return page


def asked(stage: Stage, do: str) -> list[dict[str, Any]]:
    """The requests to have one thing done."""
    return [said for said in stage.sent if said.get("do") == do]


def pixels(widget: QWidget) -> np.ndarray:
    """What a widget looks like, uint8 `(height, width, 4)`."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    data = image.constBits().asarray(image.sizeInBytes())
    return np.array(data, np.uint8).reshape(image.height(), image.width(), 4)
