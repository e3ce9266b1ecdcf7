"""A choice of names: what is cut off can still be read."""

from collections.abc import Iterator

import pytest
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from rtvae.window import theme
from rtvae.window.choice import Choice

from .conftest import pixels

LONG = [f"HDA Intel PCH: ALC295 Analog (hw:0,{k})" for k in range(3)]


@pytest.fixture
def choice(qtbot: QtBot, qapp: QApplication) -> Iterator[Choice]:
    theme.dress(qapp)
    ground = QWidget()
    ground.resize(800, 200)
    made = Choice("Input", "What is heard.", 4)
    made.setParent(ground)
    made.resize(200, 34)
    made.offer(["Mic", *LONG])
    qtbot.addWidget(ground)
    with qtbot.waitExposed(ground):
        ground.show()
    yield made


def test_a_short_name_is_shown_whole(choice: Choice) -> None:
    choice.show_name("Mic")
    assert choice.shown == "Mic"
    assert choice.toolTip() == "What is heard."


def test_a_long_name_ends_in_an_ellipsis_and_the_tooltip_has_it_whole(choice: Choice) -> None:
    choice.show_name(LONG[1])
    assert choice.shown.startswith("HDA Intel")
    assert choice.shown.endswith("\u2026")
    assert LONG[1] in choice.toolTip()
    assert "What is heard." in choice.toolTip()
    choice.resize(700, 34)
    assert choice.shown == LONG[1]
    assert LONG[1] not in choice.toolTip()


def test_nothing_is_painted_under_the_arrow(choice: Choice) -> None:
    choice.show_name("Mic")
    before = pixels(choice)
    choice.show_name(LONG[0])
    after = pixels(choice)
    assert (before[:, :150] != after[:, :150]).any()
    assert (before[:, 165:] == after[:, 165:]).all()


def test_the_list_is_wide_enough_to_tell_long_names_apart(choice: Choice) -> None:
    choice.showPopup()
    names = choice.view()
    assert names is not None
    assert names.fontMetrics().horizontalAdvance(LONG[0]) > choice.width()
    assert names.width() > names.fontMetrics().horizontalAdvance(LONG[0])
    choice.hidePopup()


def test_the_list_stays_within_its_window(choice: Choice) -> None:
    choice.offer(["x" * 300])
    choice.showPopup()
    names = choice.view()
    assert names is not None
    assert names.width() <= 800
    choice.hidePopup()
