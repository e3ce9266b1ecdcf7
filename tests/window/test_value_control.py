"""Every way to turn a control, and that showing a value is not turning it."""

import math

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rtvae.window.knob import Knob
from rtvae.window.scale_bar import ScaleBar
from rtvae.window.value_control import Range, ValueControl

NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


class Edits(list[float]):
    """The values a control has emitted."""

    def __init__(self, control: ValueControl) -> None:
        super().__init__()
        control.edited.connect(self.append)


@pytest.fixture
def knob(qtbot: QtBot) -> Knob:
    made = Knob("Offset", Range(-3.0, 3.0, 0.5, 0.1), lambda value: f"{value:.1f}")
    made.resize(72, 72)
    qtbot.addWidget(made)
    made.show()
    return made


def drag(control: ValueControl, up_px: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
    for kind, y in (
        (QEvent.Type.MouseButtonPress, 36),
        (QEvent.Type.MouseMove, 36 - up_px),
        (QEvent.Type.MouseButtonRelease, 36 - up_px),
    ):
        button = Qt.MouseButton.LeftButton
        at = QPointF(36, y)
        QApplication.sendEvent(control, QMouseEvent(kind, at, at, button, button, modifiers))


def wheel(control: ValueControl, angle: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QApplication.sendEvent(
        control,
        QWheelEvent(
            QPointF(9, 9), QPointF(9, 9), QPoint(), QPoint(0, angle), Qt.MouseButton.NoButton,
            modifiers, Qt.ScrollPhase.NoScrollPhase, False,
        ),
    )  # fmt: skip


def test_dragging_up_turns_up_and_down_turns_down(knob: Knob) -> None:
    edits = Edits(knob)
    drag(knob, 50)
    drag(knob, -120)
    assert edits[0] > 0.5 > edits[1]


def test_fine_dragging_moves_a_tenth(knob: Knob) -> None:
    edits = Edits(knob)
    drag(knob, 40)
    coarse = edits[-1] - 0.5
    knob.edit(0.5)
    drag(knob, 40, CONTROL)
    assert edits[-1] - 0.5 == pytest.approx(coarse / 10, abs=1e-3)


def test_no_hand_leaves_the_range(knob: Knob) -> None:
    edits = Edits(knob)
    drag(knob, 10_000)
    drag(knob, -10_000)
    assert edits == [3.0, -3.0]


def test_a_notch_of_the_wheel_is_a_step_and_eighths_of_a_notch_add_up(knob: Knob) -> None:
    edits = Edits(knob)
    wheel(knob, 120)
    assert edits[-1] == pytest.approx(0.6)
    for _ in range(8):
        wheel(knob, -15)
    assert edits[-1] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (Qt.Key.Key_Up, 0.6),
        (Qt.Key.Key_Left, 0.4),
        (Qt.Key.Key_PageUp, 1.5),
        (Qt.Key.Key_Home, -3.0),
        (Qt.Key.Key_End, 3.0),
    ],
)
def test_keys(qtbot: QtBot, knob: Knob, key: Qt.Key, value: float) -> None:
    edits = Edits(knob)
    qtbot.keyClick(knob, key)
    assert edits == [pytest.approx(value)]


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_0])
def test_keys_reset(qtbot: QtBot, knob: Knob, key: Qt.Key) -> None:
    knob.edit(2.0)
    edits = Edits(knob)
    qtbot.keyClick(knob, key)
    assert edits == [0.5]


def test_double_click_resets(qtbot: QtBot, knob: Knob) -> None:
    knob.edit(2.0)
    edits = Edits(knob)
    qtbot.mouseDClick(knob, Qt.MouseButton.LeftButton)
    assert edits == [0.5]


def test_shift_moves_the_partner_instead(qtbot: QtBot, knob: Knob) -> None:
    bar = ScaleBar("Scale", Range(-4.0, 4.0, 1.0, 0.05))
    qtbot.addWidget(bar)
    knob.partner = bar
    own, other = Edits(knob), Edits(bar)
    drag(knob, 50, SHIFT)
    wheel(knob, 120, SHIFT)
    qtbot.keyClick(knob, Qt.Key.Key_Up, SHIFT)
    assert not own
    assert len(other) == 3
    assert other == sorted(other)


def test_showing_a_value_is_not_an_edit(knob: Knob) -> None:
    edits = Edits(knob)
    for value in (1.234567, -8.0, 1e30, math.nan, math.inf):
        knob.show_value(value)
    knob.show_value(1.234567)
    assert knob.exact == 1.234567
    assert not edits


def test_a_hand_takes_over_a_value_beyond_the_range_at_its_end(knob: Knob) -> None:
    edits = Edits(knob)
    knob.show_value(7.0)
    wheel(knob, -120)
    assert edits == [pytest.approx(2.9)]


def test_a_screen_reader_can_set_the_slider(knob: Knob) -> None:
    edits = Edits(knob)
    knob.setValue(125)
    assert edits == [pytest.approx(1.25)]
    assert knob.exact == pytest.approx(1.25)


def test_the_knob_shows_its_value_and_its_dots(knob: Knob) -> None:
    at_rest = knob.grab().toImage()
    knob.show_value(2.0)
    turned = knob.grab().toImage()
    knob.show_dots(-1.0, math.nan)
    dotted = knob.grab().toImage()
    assert at_rest != turned != dotted
    knob.show_dots(math.nan, math.inf)
    assert knob.grab().toImage() == turned
