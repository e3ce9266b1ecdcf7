"""The page of snapshots: pads recall and store, the square and the fader go between them."""

import pytest
from PyQt6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from rtvae.window.hold import HOLD_MS
from rtvae.window.snapshot_page import SnapshotPage
from tests.support.host_parts import full_info, heard

from .conftest import Stage, asked, open_page

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


def opened(stage: Stage) -> SnapshotPage:
    page = open_page(stage, "snapshots")
    assert isinstance(page, SnapshotPage)
    return page


def test_press_recalls_shift_stores_and_delete_clears(qtbot: QtBot, ready: Stage) -> None:
    page = opened(ready)
    qtbot.mouseClick(page.pads[1], LEFT)
    qtbot.mouseClick(page.pads[8], LEFT, SHIFT)
    qtbot.keyClick(page.pads[3], Qt.Key.Key_Delete)
    qtbot.keyClick(page.pads[9], Qt.Key.Key_Return, SHIFT)
    assert ready.sent == [
        {"do": "snapshot.recall", "number": 2},
        {"do": "snapshot.store", "number": 9},
        {"do": "snapshot.clear", "number": 4},
        {"do": "snapshot.store", "number": 10},
    ]


def test_a_long_touch_stores_and_recalls_nothing(qtbot: QtBot, ready: Stage) -> None:
    page = opened(ready)
    qtbot.mousePress(page.pads[4], LEFT)
    qtbot.wait(HOLD_MS + 100)
    qtbot.mouseRelease(page.pads[4], LEFT)
    assert ready.sent == [{"do": "snapshot.store", "number": 5}]


def test_an_empty_pad_says_how_to_fill_it(qtbot: QtBot, ready: Stage) -> None:
    page = opened(ready)
    qtbot.mouseClick(page.pads[8], LEFT)
    assert ready.sent == []
    assert "Snapshot 9 is empty" in page.said.text


def test_the_pad_sends_bounded_places(qtbot: QtBot, ready: Stage) -> None:
    pad = opened(ready).pad
    qtbot.mousePress(pad, LEFT, pos=QPoint(30, 30))
    for at in (QPoint(-500, 4000), QPoint(90, 60), QPoint(9000, -9000)):
        qtbot.mouseMove(pad, at)
    qtbot.mouseRelease(pad, LEFT)
    places = [(said["x"], said["y"]) for said in asked(ready, "pad")]
    assert places[1] == (0.0, 0.0)
    assert places[-1] == (1.0, 1.0)
    assert all(0.0 <= v <= 1.0 for place in places for v in place)
    qtbot.keyClick(pad, Qt.Key.Key_Left)
    assert asked(ready, "pad")[-1] == {"do": "pad", "x": 0.98, "y": 1.0}


def test_corners_are_chosen(ready: Stage) -> None:
    page = opened(ready)
    page.corners[3].setCurrentIndex(7)
    page.corners[3].activated.emit(7)
    assert ready.sent == [{"do": "pad.corners", "numbers": [1, 2, 3, 8]}]


def test_a_pad_without_its_snapshots_says_what_is_missing(ready: Stage) -> None:
    page = opened(ready)
    snapshots = full_info()["snapshots"] | {"stored": [1, 3]}
    ready.window.hear(heard(snapshots=snapshots))
    assert page.pad.reason == "Empty corners: 2, 4. Store there, or choose others."
    assert not page.pad.isEnabled()
    assert not page.morph.fader.isEnabled()
    assert "Store snapshot 2" in page.morph.fader.toolTip()


def test_the_morph_goes_from_one_to_another(qtbot: QtBot, ready: Stage) -> None:
    morph = opened(ready).morph
    fader = morph.fader
    qtbot.mouseClick(fader, LEFT, pos=QPoint(fader.width() // 2, 10))
    (said,) = ready.sent
    share = said.pop("share")
    assert said == {"do": "morph", "from": 1, "to": 2, "way": "linear"}
    assert share == pytest.approx(0.5, abs=0.02)
    qtbot.mouseClick(morph.ways["spherical"], LEFT)
    assert ready.sent[-1]["way"] == "spherical"
    morph.end.setCurrentIndex(3)
    morph.end.activated.emit(3)
    assert ready.sent[-1]["to"] == 4
