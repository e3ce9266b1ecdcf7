"""Performance mode: large, true, and every button and key does its work there too."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from rtvae.control.parameters import index_of
from rtvae.link.session_memory import open_telemetry
from rtvae.spec import LatentSpec
from rtvae.window import theme, wire
from rtvae.window.big_text import BigText
from rtvae.window.parts import Show
from rtvae.window.performance_view import PerformanceView
from rtvae.window.text import TIMES

from .conftest import Stage, pixels

# The smallest letters, as a share of the screen's height: 4 mm and more on any laptop.
LEAST = 0.025
SIZES = (QSize(1280, 720), QSize(1280, 800), QSize(1920, 1080), QSize(1080, 620))


@pytest.fixture
def show(qtbot: QtBot, stage: Stage) -> PerformanceView:
    qtbot.keyClick(stage.window, Qt.Key.Key_F)
    stage.play(frames=5)
    return stage.window.presence.stage


def test_f_shows_it_on_the_whole_screen_and_f_leaves_it(qtbot: QtBot, stage: Stage) -> None:
    stage.play(frames=5)
    window, view = stage.window, stage.window.presence.stage
    assert not view.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_F)
    assert view.isVisible()
    assert window.isFullScreen()
    assert not window.desk.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_F)
    assert not view.isVisible()
    assert not window.isFullScreen()
    assert window.desk.isVisible()


def test_a_window_that_was_full_before_is_full_after(qtbot: QtBot, stage: Stage) -> None:
    for key in (Qt.Key.Key_F11, Qt.Key.Key_F, Qt.Key.Key_F):
        qtbot.keyClick(stage.window, key)
    assert stage.window.isFullScreen()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_P])
def test_escape_is_panic_and_stays_there(
    qtbot: QtBot, stage: Stage, show: PerformanceView, key: Qt.Key
) -> None:
    qtbot.keyClick(stage.window, key)
    assert stage.sent == [{"do": "panic"}]
    assert show.isVisible()
    assert "F leaves" in show.keys.text
    assert "Esc panic" in show.keys.text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mute", {"set": {"mute": 1.0}}),
        ("panic", {"do": "panic"}),
        ("looper.press", {"do": "looper.press"}),
        ("record", {"do": "record"}),
        ("preset.previous", {"do": "preset.previous"}),
        ("preset.next", {"do": "preset.next"}),
    ],
)
def test_the_buttons_ask(
    qtbot: QtBot, stage: Stage, show: PerformanceView, name: str, said: dict[str, object]
) -> None:
    qtbot.mouseClick(show.buttons[name], Qt.MouseButton.LeftButton)
    assert stage.sent == [said]
    stage.sent.clear()
    qtbot.keyClick(show.buttons[name], Qt.Key.Key_Return)
    assert len(stage.sent) == 1


@pytest.mark.parametrize(
    ("key", "held", "do"),
    [
        (Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier, "preset.next"),
        (Qt.Key.Key_PageUp, Qt.KeyboardModifier.NoModifier, "preset.previous"),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier, "preset.next"),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier, "preset.previous"),
        (Qt.Key.Key_R, Qt.KeyboardModifier.NoModifier, "record"),
    ],
)
def test_a_page_pedal_and_the_keys_of_the_show_work_there(
    qtbot: QtBot,
    stage: Stage,
    show: PerformanceView,
    key: Qt.Key,
    held: Qt.KeyboardModifier,
    do: str,
) -> None:
    qtbot.keyClick(stage.window, key, held)
    assert stage.sent == [{"do": do}]


def test_it_says_what_is_so(stage: Stage, show: PerformanceView) -> None:
    info = wire.HostInfo(
        wire.ModelInfo("strings", "Strings", wire.unknown_latents(16)),
        beside="voice",
        preset="dawn",
        show=Show(following="dusk"),
        recording=wire.Recording(True, "take.w64", 75),
    )
    stage.window.hear(info)
    stage.control.set(index_of("mute"), 1.0)
    stage.play(frames=3)
    assert show.preset.text == "dawn"
    assert show.next.text == "next: dusk"
    assert show.model.text == f"strings {TIMES} voice"
    assert show.state.text == "muted"
    assert show.latency.text == f"latency {stage.window.picture.latency.number}"
    assert show.buttons["mute"].text() == "MUTED"
    assert show.buttons["record"].text() == "● 1:15"
    stage.window.hear(dataclasses.replace(info, show=None, recording=None))
    assert show.next.text == f"strings {TIMES} voice"
    assert show.buttons["record"].text() == "REC"


def test_a_dead_engine_and_a_warning_are_seen(stage: Stage, show: PerformanceView) -> None:
    stage.window.say("Sound is being lost: the machine is too busy.", "warning")
    stage.play(frames=30, blocks=0)
    assert show.state.text == "engine stopped, restarting"
    assert "too busy" in show.message.text


def test_the_looper_is_seen(stage: Stage, show: PerformanceView, folder: Path) -> None:
    button = show.buttons["looper.press"]
    assert button.text() == "LOOP"
    open_telemetry(folder)["looper_rows"] = 1500
    for value, text in ((1.0, "● LOOP 2.0"), (2.0, "▶ LOOP 2.0"), (3.0, "●▶ LOOP 2.0")):
        stage.control.set(index_of("looper"), value)
        stage.play()
        assert (button.text(), button.on) == (text, True)


def test_the_bars_and_meters_move_and_rest_with_the_sound(
    stage: Stage, show: PerformanceView
) -> None:
    for part in (show.latents, *show.meters):
        stage.play(frames=10)
        before = pixels(part)
        stage.play(frames=10)
        assert np.mean(before != pixels(part)) > 0.005, part
    stage.play(frames=200, blocks=0)
    rest = pixels(show.latents)
    stage.play(frames=5, blocks=0)
    assert np.array_equal(rest, pixels(show.latents))


def test_a_bar_ends_where_the_latent_is(stage: Stage, show: PerformanceView) -> None:
    bars = show.latents
    bars.set_latents((LatentSpec("one", -2.0, 2.0),))
    for value in (-2.0, -1.0, 0.5, 2.0):
        bars.follow(np.array([np.nan], np.float32), np.array([value], np.float32))
        row = pixels(bars)[bars.height() // 2, :, :3].astype(int)
        orange = np.flatnonzero(np.abs(row - [0x23, 0xA6, 0xF5]).sum(1) < 40)
        left, wide = bars._left(), bars._wide()
        expected = sorted((left + wide / 2, left + wide * (value + 2) / 4))
        assert orange.min() == pytest.approx(expected[0], abs=3)
        assert orange.max() == pytest.approx(expected[1], abs=3)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size.width()}x{size.height()}")
def test_all_of_it_is_large_and_whole(stage: Stage, show: PerformanceView, size: QSize) -> None:
    stage.window.setWindowState(Qt.WindowState.WindowNoState)
    stage.window.resize(size)
    stage.play(frames=3)
    stage.window.say("Playing a model with a long name on a device with a long name.")
    least_px = LEAST * size.height()
    for text in show.findChildren(BigText):
        assert text.letters_px() >= least_px, text.accessibleName()
        if text is not show.message:
            metrics = QFontMetrics(theme.font(text.letters_px(), text._bold))
            assert metrics.horizontalAdvance(text.text) <= 1.02 * text.width(), text.text
    for button in show.findChildren(QAbstractButton):
        assert min(button.width(), button.height()) >= 0.08 * size.height(), button.text()
    assert show.buttons["panic"].letters_px() >= 0.05 * size.height()


def test_everything_in_it_has_a_name_and_a_hint(show: PerformanceView) -> None:
    buttons = show.findChildren(QAbstractButton)
    assert len(buttons) == 6
    assert all(button.accessibleName() and button.toolTip() for button in buttons)
    assert len({button.accessibleName() for button in buttons}) == 6
    assert all(text.accessibleName() for text in show.findChildren(BigText))


def test_a_click_on_a_big_meter_clears_the_marks(
    qtbot: QtBot, stage: Stage, show: PerformanceView
) -> None:
    stage.engine.telemetry.add("limited_blocks")
    stage.play(frames=3)
    assert stage.window.picture.output_level.has_clipped
    qtbot.mouseClick(show.meters[1], Qt.MouseButton.LeftButton)
    assert not stage.window.picture.output_level.has_clipped
