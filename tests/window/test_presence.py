"""Closing asks what it means; the menu and its keys do what they say; the look is remembered."""

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rtvae.window import place, theme
from rtvae.window.desk import USUAL
from rtvae.window.memory import Memory

from .conftest import Stage


@pytest.fixture(autouse=True)
def dark_again(qapp: QApplication) -> Iterator[None]:
    yield
    theme.dress(qapp)


def test_closing_asks_and_staying_changes_nothing(qtbot: QtBot, stage: Stage) -> None:
    window = stage.window
    window.close()
    question = window.presence.closing
    assert question is not None
    assert window.isVisible()
    qtbot.keyClick(question, Qt.Key.Key_Escape)
    assert window.presence.closing is None
    assert window.isVisible()
    assert stage.sent == []


def test_closing_only_the_window(qtbot: QtBot, stage: Stage) -> None:
    qtbot.keyClick(stage.window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    question = stage.window.presence.closing
    assert question is not None
    ended: list[bool] = []
    stage.window.closed.connect(lambda: ended.append(True))
    with qtbot.waitSignal(stage.window.away):
        qtbot.mouseClick(question.buttons["away"], Qt.MouseButton.LeftButton)
    assert not stage.window.isVisible()
    assert ended == []


def test_ending_the_session(qtbot: QtBot, stage: Stage) -> None:
    stage.window.close()
    question = stage.window.presence.closing
    assert question is not None
    with qtbot.waitSignal(stage.window.closed):
        qtbot.mouseClick(question.buttons["end"], Qt.MouseButton.LeftButton)
    assert not stage.window.isVisible()


def test_return_on_the_question_stays_and_panic_is_in_reach(qtbot: QtBot, stage: Stage) -> None:
    stage.window.close()
    question = stage.window.presence.closing
    assert question is not None
    qtbot.waitUntil(question.isActiveWindow)
    qtbot.keyClick(question, Qt.Key.Key_P)
    assert stage.sent == [{"do": "panic"}]
    qtbot.keyClick(question.buttons["stay"], Qt.Key.Key_Return)
    assert stage.window.isVisible()


def test_without_a_host_there_is_nothing_to_ask(qtbot: QtBot, stage: Stage) -> None:
    stage.window.lose_host()
    stage.window.close()
    assert not stage.window.isVisible()


def test_the_look_changes_by_key_and_is_remembered(qtbot: QtBot, stage: Stage) -> None:
    presence = stage.window.presence
    with qtbot.waitSignal(presence.remembered) as told:
        qtbot.keyClick(stage.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert told.args == [{"look": "light"}]
    assert theme.look == "light"
    assert stage.window.menu.entries["look"].text().startswith("Dark look")


def test_every_entry_of_the_menu_acts(qtbot: QtBot, stage: Stage) -> None:
    menu, presence = stage.window.menu, stage.window.presence
    menu.entries["performance"].trigger()
    assert presence.performing
    menu.entries["performance"].trigger()
    menu.entries["full_screen"].trigger()
    assert stage.window.isFullScreen()
    menu.entries["set_up"].trigger()
    assert presence.welcome is not None
    presence.welcome.accept()
    menu.entries["close"].trigger()
    assert presence.closing is not None


def test_what_is_remembered_is_put_back(stage: Stage) -> None:
    window = stage.window
    window.presence.restore(
        Memory("light", ("scope",), "no such page", performing=True, welcomed=True)
    )
    assert theme.look == "light"
    assert window.desk.shown == ("scope",)
    assert window.presence.performing
    assert window.presence.welcome is None


def test_nothing_remembered_is_as_usual(stage: Stage) -> None:
    stage.window.presence.restore(Memory(look="plaid", tab="x", welcomed=True))
    assert theme.look == "dark"
    assert stage.window.desk.shown == USUAL
    assert not stage.window.presence.performing


@pytest.mark.parametrize(
    ("wanted", "moved"),
    [
        ((30, 40, 600, 400), True),
        ((-500, 40, 600, 400), False),
        ((30, -300, 600, 400), False),
        ((50_000, 40, 600, 400), False),
        ((30, 40, 90_000, 90_000), True),
    ],
)
def test_the_window_comes_back_only_where_a_hand_can_reach_it(
    stage: Stage, wanted: tuple[int, int, int, int], moved: bool
) -> None:
    window = stage.window
    screen = QGuiApplication.screens()[0].availableGeometry()
    window.setMinimumSize(1, 1)
    before = window.pos()
    place.put(window, wanted, False)
    assert (window.pos() != before and (window.x(), window.y()) == wanted[:2]) is moved
    assert window.width() <= max(screen.width(), window.minimumSizeHint().width())
    assert QRect(window.pos(), window.size()).intersects(screen)
