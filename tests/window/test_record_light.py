"""The record key and its light: one press asks, and what burns is what the host says."""

from typing import Any

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rtvae.window import wire
from tests.support.fake_engine import describe

from .conftest import Stage, pixels


def tell(stage: Stage, recording: Any) -> None:
    said = wire.parse(wire.format_line({"info": {**describe(16), "recording": recording}}))
    assert isinstance(said, wire.HostInfo)
    stage.window.hear(said)


def test_the_key_and_the_button_ask_for_a_recording(qtbot: QtBot, stage: Stage) -> None:
    qtbot.keyClick(stage.window, Qt.Key.Key_R)
    qtbot.mouseClick(stage.window.record, Qt.MouseButton.LeftButton)
    assert stage.sent == [wire.RECORD, wire.RECORD]


def test_it_burns_red_with_the_time_and_the_files_name(stage: Stage) -> None:
    light = stage.window.record
    assert "RECORD" in light.text()
    dark = pixels(light)
    tell(stage, {"on": False, "file": "", "seconds": 0})
    assert "STARTING" in light.text()
    tell(stage, {"on": True, "file": "take.w64", "seconds": 754})
    assert light.text() == "● REC 12:34  take.w64"
    assert stage.window.windowTitle().startswith("●")
    red = pixels(light)[4:-4, 4:-4]
    share = ((red[..., 2] > 180) & (red[..., 1] < 90)).mean()
    assert share > 0.5
    assert ((dark[..., 2] > 180) & (dark[..., 1] < 90)).mean() < 0.2
    tell(stage, None)
    assert "RECORD" in light.text()
    assert stage.window.windowTitle() == "rtvae"


def test_a_long_name_is_cut_and_told_whole_in_the_hint(stage: Stage) -> None:
    name = "a-very-long-name-of-a-take-" * 5 + ".w64"
    tell(stage, {"on": True, "file": name, "seconds": 1})
    assert stage.window.record.width() < 0.5 * stage.window.width()
    assert name in stage.window.record.accessibleDescription()


@pytest.mark.parametrize(
    ("nonsense", "shown"),
    [
        (5, "○ RECORD"),
        ([], "○ RECORD"),
        ({"on": 1}, "◌ STARTING"),
        ({"on": True, "seconds": "x"}, "● REC 0:00  "),
        ({"on": True, "seconds": -1e99}, "● REC 0:00  "),
        ({"file": {}}, "◌ STARTING"),
    ],
)
def test_nonsense_from_the_host_is_shown_as_the_nearest_sense(
    stage: Stage, nonsense: Any, shown: str
) -> None:
    tell(stage, nonsense)
    stage.play()
    assert stage.window.record.text() == shown
