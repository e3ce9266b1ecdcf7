"""Every control can be learned, forgotten, reset and typed into, and shows what moves it."""

from collections.abc import Callable
from typing import Any

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QContextMenuEvent, QInputDevice, QMouseEvent, QPointingDevice
from PyQt6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from rtvae.control.parameters import index_of
from rtvae.window import wire
from rtvae.window.ask import Ask
from rtvae.window.hold import HOLD_MS
from rtvae.window.learn_mark import LearnMark
from rtvae.window.typed_value import parse_value
from tests.support.host_parts import full_info, heard

from .conftest import Stage


def choose(menu: QMenu, text: str) -> None:
    """Press the line of a menu that begins with a text."""
    line = next(line for line in menu.actions() if line.text().startswith(text))
    assert line.isEnabled(), text
    line.trigger()


def marks(widget: QWidget) -> list[LearnMark]:
    return [mark for mark in widget.findChildren(LearnMark) if not mark.isHidden()]


def learning(target: str | None) -> dict[str, Any]:
    return {"do": "learn", "target": target}


def test_the_menu_of_a_knob_lets_it_learn(ready: Stage) -> None:
    knob = ready.window.bank.strips[4].knob
    choose(ready.window.hands.menu(knob), "Learn MIDI")
    assert ready.sent == [learning("latent.5.offset")]
    assert "Learning 5 roughness: offset" in ready.window.message.text
    assert marks(knob)


def test_l_learns_what_has_the_focus_and_escape_ends_that_and_is_no_panic(
    qtbot: QtBot, ready: Stage
) -> None:
    ready.window.bank.strips[1].scale.setFocus()
    qtbot.keyClick(ready.window, Qt.Key.Key_L)
    assert ready.sent == [learning("latent.2.scale")]
    assert "Esc" in ready.window.message.text
    qtbot.keyClick(ready.window, Qt.Key.Key_Escape)
    assert ready.sent[1:] == [learning(None)]
    qtbot.keyClick(ready.window, Qt.Key.Key_Escape)
    assert ready.sent[2:] == [{"do": "panic"}]


def test_l_over_nothing_says_how_it_is_done(qtbot: QtBot, ready: Stage) -> None:
    ready.window.top.models.setFocus()
    ready.window.hands._last = None
    qtbot.keyClick(ready.window, Qt.Key.Key_L)
    assert ready.sent == []
    assert "point at a control" in ready.window.message.text


def test_panic_is_p_even_while_something_learns(qtbot: QtBot, ready: Stage) -> None:
    ready.window.hands.learn("mix")
    qtbot.keyClick(ready.window, Qt.Key.Key_P)
    assert ready.sent[-1] == {"do": "panic"}


@pytest.mark.parametrize(
    ("control", "target"),
    [
        (lambda window: window.master.knobs["mix"], "mix"),
        (lambda window: window.master.mute, "mute.toggle"),
        (lambda window: window.master.stop, "panic"),
        (lambda window: window.record, "record"),
        (lambda window: window.bank.strips[2].switches["freeze"], "latent.3.freeze"),
        (lambda window: window.show_bar.buttons["preset.next"], "preset.next"),
        (lambda window: window.panels.pages["snapshots"].pads[6], "snapshot.recall.7"),
        (lambda window: window.panels.pages["loop"].looper, "looper.press"),
        (lambda window: window.panels.pages["loop"].knobs["feedback_ms"].knob, "feedback_ms"),
        (lambda window: window.panels.pages["modulators"].editor.knobs["depth"].knob,
         "mod.1.depth"),
        (lambda window: window.panels.pages["modulators"].editor.steps, "mod.1.step.1"),
    ],
)  # fmt: skip
def test_any_knob_slider_or_button_can_learn(
    ready: Stage, control: Callable[[Any], QWidget], target: str
) -> None:
    choose(ready.window.hands.menu(control(ready.window)), "Learn MIDI")
    assert ready.sent == [learning(target)]


def test_what_is_mapped_wears_a_mark_and_can_be_forgotten(ready: Stage) -> None:
    hands, knob = ready.window.hands, ready.window.bank.strips[2].knob
    assert marks(knob)
    assert "cc 21" in hands.hint(knob)
    assert not marks(ready.window.bank.strips[3].knob)
    choose(hands.menu(knob), "Forget MIDI")
    assert ready.sent == [{"do": "unlearn", "target": "latent.pitch.offset"}]
    midi = full_info()["midi"] | {"mappings": []}
    ready.window.hear(heard(midi=midi))
    assert not marks(knob)
    assert "cc 21" not in hands.hint(knob)


def test_marks_follow_to_another_page_of_latents(open_stage: Callable[..., Stage]) -> None:
    stage = open_stage(40)
    midi = full_info()["midi"]
    midi["mappings"] = [{"target": "latent.20.offset", "kind": "cc", "number": 1}]
    stage.window.hear(heard(40, midi=midi))
    stage.window.bank.turn(1)
    stage.play()
    marked = [strip.number for strip in stage.window.bank.strips if marks(strip.knob)]
    assert marked == [20]
    QApplication.processEvents()


def test_the_mark_blinks_while_the_host_says_that_it_learns(ready: Stage) -> None:
    knob = ready.window.bank.strips[0].knob
    ready.window.hear(heard(midi=full_info()["midi"] | {"learning": "latent.1.offset"}))
    seen = set()
    for _ in range(40):
        ready.play(blocks=1)
        seen.add(marks(knob)[0].lit)
    assert seen == {True, False}
    ready.window.hear(heard())
    ready.play()
    assert not marks(knob)
    assert "Learning" not in ready.window.message.text


def test_what_the_host_says_of_the_end_of_learning_stays(ready: Stage) -> None:
    ready.window.hands.learn("latent.1.offset")
    ready.window.hear(heard(midi=full_info()["midi"] | {"learning": "latent.1.offset"}))
    ready.window.hear(wire.Message("latent.1.offset is moved by cc 40 now."))
    ready.window.hear(heard())
    assert ready.window.message.text == "latent.1.offset is moved by cc 40 now."
    assert "L learn MIDI" in ready.window.keys.text


def test_without_midi_nothing_pretends_to_learn(qtbot: QtBot, stage: Stage) -> None:
    knob = stage.window.bank.strips[0].knob
    knob.setFocus()
    qtbot.keyClick(stage.window, Qt.Key.Key_L)
    assert stage.sent == []
    assert stage.window.message.text == "This session has no MIDI."
    learn = next(a for a in stage.window.hands.menu(knob).actions() if "Learn" in a.text())
    assert not learn.isEnabled()
    assert learn.toolTip() == "This session has no MIDI."


def test_reset_from_the_menu(ready: Stage) -> None:
    knob = ready.window.bank.strips[0].knob
    knob.edit(2.0)
    choose(ready.window.hands.menu(knob), "Reset")
    assert ready.told("latent.1.offset") == 0.0


def test_a_typed_value_is_set_and_nonsense_is_asked_for_again(qtbot: QtBot, ready: Stage) -> None:
    knob = ready.window.master.knobs["mix"]
    choose(ready.window.hands.menu(knob), "Type a value")
    (ask,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, Ask) and w.isVisible()]
    ask.field.setText("a lot")
    qtbot.keyClick(ask.field, Qt.Key.Key_Return)
    assert ready.sent == []
    ask.field.setText("35")
    qtbot.keyClick(ask.field, Qt.Key.Key_Return)
    assert ready.told("mix") == pytest.approx(0.35)
    assert not ask.isVisible()


def test_escape_closes_the_field_without_panic(qtbot: QtBot, ready: Stage) -> None:
    choose(ready.window.hands.menu(ready.window.master.knobs["mix"]), "Type a value")
    (ask,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, Ask) and w.isVisible()]
    qtbot.keyClick(ask.field, Qt.Key.Key_Escape)
    assert ready.sent == []
    assert not ask.isVisible()


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("0,5", "latent.1.offset", 0.5), ("\u22122", "latent.1.offset", -2.0), ("50 %", "mix", 0.5),
        ("900", "mix", 1.0), ("overdub", "looper", 3.0), ("Steps", "mod.1.kind", 4.0),
        ("nan", "mix", None), ("", "mix", None), ("1e999", "mix", None),
    ],
)  # fmt: skip
def test_values_are_read_as_players_write_them(text: str, name: str, value: float | None) -> None:
    found = parse_value(text, name)
    assert found == (None if value is None else pytest.approx(value))


FINGER = QPointingDevice(
    "screen",
    1,
    QInputDevice.DeviceType.TouchScreen,
    QPointingDevice.PointerType.Finger,
    QInputDevice.Capability.Position,
    1,
    0,
)


def press(knob: QWidget, device: QPointingDevice, at: QPointF, move: QPointF) -> None:
    """Put a finger or the mouse on a knob, and move it or hold it still."""
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for kind, place in (
        (QEvent.Type.MouseButtonPress, at),
        (QEvent.Type.MouseMove, at + move),
    ):
        event = QMouseEvent(kind, place, place, place, left, left, none, device)
        QApplication.sendEvent(knob, event)


def test_a_long_touch_opens_the_menu_and_a_drag_or_a_resting_mouse_does_not(
    qtbot: QtBot, ready: Stage
) -> None:
    knob = ready.window.bank.strips[0].knob
    at = QPointF(20, 30)
    for device, move in (
        (FINGER, QPointF(0, -30)),
        (QPointingDevice.primaryPointingDevice(), QPointF(0, 0)),
    ):
        press(knob, device, at, move)
        qtbot.wait(HOLD_MS + 100)
        assert QApplication.activePopupWidget() is None
    press(knob, FINGER, at, QPointF(1, 0))
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QMenu)
    popup.close()


def test_escape_closes_a_menu_without_panic(qtbot: QtBot, ready: Stage) -> None:
    knob = ready.window.bank.strips[0].knob
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5))
    QApplication.sendEvent(knob, event)
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QMenu)
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    assert ready.sent == []


def test_what_midi_moves_arrives_without_echo(ready: Stage) -> None:
    ready.control.set(index_of("latent.3.freeze"), 1.0)
    ready.control.set(index_of("latent.4.invert"), 1.0)
    ready.play()
    strips = ready.window.bank.strips
    assert strips[2].switches["freeze"].isChecked()
    assert strips[3].switches["invert"].isChecked()
    assert not strips[4].switches["clamp"].isChecked()
    assert ready.sent == []


@pytest.mark.parametrize(
    ("name", "key"),
    [("freeze", Qt.Key.Key_F), ("invert", Qt.Key.Key_I), ("clamp", Qt.Key.Key_C)],
)
def test_switches_by_mouse_and_by_key(qtbot: QtBot, ready: Stage, name: str, key: Qt.Key) -> None:
    strip = ready.window.bank.strips[6]
    qtbot.mouseClick(strip.switches[name], Qt.MouseButton.LeftButton)
    assert ready.told(f"latent.7.{name}") == 1.0
    ready.control.set(index_of(f"latent.7.{name}"), 1.0)
    ready.play()
    qtbot.keyClick(strip.knob, key, Qt.KeyboardModifier.ShiftModifier)
    assert ready.told(f"latent.7.{name}") == 0.0


def test_a_strip_says_what_is_measured_and_what_reaches_it(ready: Stage) -> None:
    strips = ready.window.bank.strips
    assert [strip.number for strip in strips if strip.name.framed] == [3]
    ready.control.set(index_of("mod.2.kind"), 1.0)
    ready.control.set(index_of("mod.2.to.3"), -1.5)
    ready.play()
    assert "modulator 2 by \u22121.5 sd" in strips[2].marks.toolTip()
    assert "no modulator" in strips[3].marks.toolTip()
    ready.control.set(index_of("mod.2.kind"), 0.0)
    ready.play()
    assert "no modulator" in strips[2].marks.toolTip()
