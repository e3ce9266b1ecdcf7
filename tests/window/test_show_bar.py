"""Presets, set list, undo and redo, by mouse and by key."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rtvae.window.ask import Ask
from tests.support.host_parts import full_info, heard

from .conftest import Stage

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def ready(stage: Stage) -> Stage:
    stage.window.hear(heard(show=full_info()["show"] | {"dirty": True, "redo": "mix"}))
    stage.play()
    return stage


@pytest.mark.parametrize(
    ("key", "modifiers", "do"),
    [
        (Qt.Key.Key_Z, CONTROL, "undo"),
        (Qt.Key.Key_Z, CONTROL | SHIFT, "redo"),
        (Qt.Key.Key_Left, ALT, "preset.previous"),
        (Qt.Key.Key_Right, ALT, "preset.next"),
        (Qt.Key.Key_S, CONTROL, "preset.save"),
    ],
)
def test_by_key(
    qtbot: QtBot, ready: Stage, key: Qt.Key, modifiers: Qt.KeyboardModifier, do: str
) -> None:
    qtbot.keyClick(ready.window, key, modifiers)
    assert ready.sent == [{"do": do}]


def test_buttons_say_what_would_be_undone(qtbot: QtBot, ready: Stage) -> None:
    bar = ready.window.show_bar
    assert "Undo: 3 pitch: offset" in bar.buttons["undo"].toolTip()
    qtbot.mouseClick(bar.buttons["undo"], Qt.MouseButton.LeftButton)
    assert ready.sent == [{"do": "undo"}]
    ready.window.hear(heard(show=full_info()["show"] | {"undo": ""}))
    assert not bar.buttons["undo"].isEnabled()


def test_the_menu_offers_presets_and_set_lists(ready: Stage) -> None:
    menu = ready.window.show_bar.menu()
    offered = {line.text().partition("\t")[0]: line for line in menu.actions()}
    assert offered["stage"].isChecked()
    offered["bells"].trigger()
    lists = offered["Set list"].menu()
    assert lists is not None
    {line.text(): line for line in lists.actions()}["tonight"].trigger()
    assert ready.sent == [
        {"do": "preset.load", "name": "bells"},
        {"do": "set_list.load", "name": "tonight"},
    ]


def test_save_as_asks_for_a_name(qtbot: QtBot, ready: Stage) -> None:
    qtbot.keyClick(ready.window, Qt.Key.Key_S, CONTROL | SHIFT)
    (ask,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, Ask) and w.isVisible()]
    ask.field.setText("")
    qtbot.keyClick(ask.field, Qt.Key.Key_Return)
    assert ready.sent == []
    qtbot.keyClicks(ask.field, "mr p")
    qtbot.keyClick(ask.field, Qt.Key.Key_Return)
    assert ready.sent == [{"do": "preset.save", "name": "mr p"}]


def test_the_preset_its_place_and_that_it_is_not_saved_are_seen(ready: Stage) -> None:
    bar = ready.window.show_bar
    assert "stage •" in bar.name.text()
    ready.window.hear(heard(show=full_info()["show"] | {"place": 1, "set_list": "tonight"}))
    assert bar.name.text().startswith("2 stage")
    assert "•" not in bar.name.text()


def test_a_host_without_presets_shows_no_bar(ready: Stage) -> None:
    ready.window.hear(heard(show=None))
    assert not ready.window.show_bar.isVisible()
