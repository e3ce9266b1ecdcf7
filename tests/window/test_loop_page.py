"""The page of looper, feedback and generation: each control does what it shows."""

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rtvae.control.parameters import index_of
from rtvae.window.loop_page import LoopPage
from tests.support.host_parts import heard

from .conftest import Stage, open_page, pixels

LEFT = Qt.MouseButton.LeftButton


def opened(stage: Stage) -> LoopPage:
    page = open_page(stage, "loop")
    assert isinstance(page, LoopPage)
    return page


@pytest.mark.parametrize("name", ["diffusion", "feedback", "generate_spread", "tempo_bpm"])
def test_every_knob_turns_its_parameter(qtbot: QtBot, ready: Stage, name: str) -> None:
    knob = opened(ready).knobs[name].knob
    before = knob.exact
    qtbot.keyClick(knob, Qt.Key.Key_Up)
    assert ready.told(name) > before


def test_pedal_and_tap(qtbot: QtBot, ready: Stage) -> None:
    page = opened(ready)
    qtbot.mouseClick(page.looper, LEFT)
    qtbot.mouseClick(page.tap, LEFT)
    assert ready.sent == [{"do": "looper.press"}, {"do": "tap"}]


def test_the_ring_goes_round_with_the_loop(ready: Stage) -> None:
    page = opened(ready)
    ready.control.set(index_of("looper"), 2.0)
    seen = []
    for at in (0, 200, 400):
        ready.engine.telemetry.set("looper_rows", 600)
        ready.engine.telemetry.set("looper_at", at)
        ready.play(blocks=1)
        seen.append(pixels(page.looper))
    assert page.looper.text() == "PLAY"
    assert (seen[0] != seen[1]).any()
    assert (seen[1] != seen[2]).any()


def test_the_pull_of_the_leash_is_seen_and_falls(ready: Stage) -> None:
    page = opened(ready)
    calm = pixels(page.pull)
    ready.engine.telemetry.set("leash_pull", 1.5)
    ready.play(blocks=1)
    assert (pixels(page.pull) != calm).any()
    ready.engine.telemetry.set("leash_pull", 0.0)
    ready.play(frames=60, blocks=1)
    assert (pixels(page.pull) == calm).all()


def test_without_a_survey_there_is_no_leash(ready: Stage) -> None:
    page = opened(ready)
    ready.window.hear(heard(map=None))
    assert not page.knobs["leash"].isVisible()
    assert page.no_leash.isVisible()
