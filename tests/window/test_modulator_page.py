"""The page of modulators: a kind is chosen, steps are drawn, latents reached, and it is seen."""

from collections.abc import Callable

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rtvae.control.parameters import MODULATOR_KINDS, index_of
from rtvae.window.modulator_page import ModulatorPage
from tests.support.host_parts import heard

from .conftest import Stage, open_page, pixels

LEFT = Qt.MouseButton.LeftButton


def opened(stage: Stage) -> ModulatorPage:
    page = open_page(stage, "modulators")
    assert isinstance(page, ModulatorPage)
    return page


def test_a_kind_is_chosen_and_shows_what_it_goes_by(qtbot: QtBot, ready: Stage) -> None:
    page = opened(ready)
    qtbot.mouseClick(page.tiles[2], LEFT)
    qtbot.mouseClick(page.editor.kind.plates[1], LEFT)
    assert ready.told("mod.3.kind") == 1.0
    ready.control.set(index_of("mod.3.kind"), 1.0)
    ready.play()
    knobs = page.editor.knobs
    shown = {name for name, knob in knobs.items() if knob.isVisible()}
    assert shown == {"depth", "rate_hz", "beats", "phase", "smooth_ms"}
    assert page.editor.shape.isVisible()
    assert not page.editor.steps.isVisible()
    qtbot.keyClick(knobs["rate_hz"].knob, Qt.Key.Key_Home)
    assert ready.told("mod.3.rate_hz") == pytest.approx(0.01)
    qtbot.keyClick(knobs["beats"].knob, Qt.Key.Key_Up)
    assert ready.told("mod.3.beats") == 0.25


def test_nothing_moves_under_the_hand_while_kinds_are_tried(ready: Stage) -> None:
    page = opened(ready)
    places = set()
    for kind in range(len(MODULATOR_KINDS)):
        ready.control.set(index_of("mod.1.kind"), float(kind))
        ready.play()
        QApplication.processEvents()
        places.add(page.editor.kind.mapTo(ready.window, page.editor.kind.rect().topLeft()).y())
    assert len(places) == 1


def test_steps_are_drawn_with_the_mouse(qtbot: QtBot, ready: Stage) -> None:
    ready.control.set(index_of("mod.1.kind"), 4.0)
    steps = opened(ready).editor.steps
    assert steps.isVisible()
    slot = steps.width() / 16
    qtbot.mousePress(steps, LEFT, pos=QPoint(int(slot / 2), 1))
    qtbot.mouseMove(steps, QPoint(int(7.5 * slot), 1))
    qtbot.mouseRelease(steps, LEFT)
    assert {f"mod.1.step.{k}" for k in range(1, 9)} <= {
        name for said in ready.sent for name in said.get("set", {})
    }
    assert all(-1.0 <= v <= 1.0 for said in ready.sent for v in said["set"].values())
    assert ready.told("mod.1.step.4") == pytest.approx(0.95, abs=0.1)


def test_steps_and_reach_by_keys(qtbot: QtBot, ready: Stage) -> None:
    ready.control.set(index_of("mod.1.kind"), 4.0)
    editor = opened(ready).editor
    for row, name, most in ((editor.steps, "step", 1.0), (editor.reach, "to", 3.0)):
        qtbot.keyClick(row, Qt.Key.Key_Right)
        qtbot.keyClick(row, Qt.Key.Key_Up)
        assert ready.told(f"mod.1.{name}.2") == pytest.approx(0.05 * most)
        qtbot.keyClick(row, Qt.Key.Key_End)
        assert ready.told(f"mod.1.{name}.2") == most
        qtbot.keyClick(row, Qt.Key.Key_0)
        assert ready.told(f"mod.1.{name}.2") == 0.0


def test_later_latents_are_reached_too(qtbot: QtBot, open_stage: Callable[..., Stage]) -> None:
    stage = open_stage(128)
    stage.window.hear(heard(128))
    editor = opened(stage).editor
    for _ in range(9):
        qtbot.mouseClick(editor.on, LEFT)
    qtbot.keyClick(editor.reach, Qt.Key.Key_End)
    assert stage.told("mod.1.to.113") == 3.0


def test_the_tiles_show_what_moves(ready: Stage) -> None:
    page = opened(ready)
    ready.control.set(index_of("mod.4.kind"), 3.0)
    ready.play()
    assert page.tiles[3].accessibleName() == "Modulator 4: follower"
    still = pixels(page.tiles[3])
    ready.engine.telemetry._rows["modulator"][:] = 0.8
    ready.play()
    assert (pixels(page.tiles[3]) != still).any()
