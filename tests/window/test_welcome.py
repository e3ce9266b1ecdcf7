"""The first start: every choice acts, the tone sounds and ends, the meter moves."""

from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QComboBox
from pytestqt.qtbot import QtBot

from rtvae.window import wire
from rtvae.window.memory import Memory
from rtvae.window.parts import Devices, Midi, Show
from rtvae.window.welcome import (
    ALL_PORTS,
    FIXED,
    NO_PORT,
    STOP_TONE,
    SYSTEM,
    TEST_TONE,
    Welcome,
)

from .conftest import Stage, pixels

INFO = wire.HostInfo(
    wire.ModelInfo("strings", "Strings", wire.unknown_latents(4)),
    ("strings", "voice"),
    device="USB Audio, 128 frames",
    midi="nanoKONTROL2",
    show=Show(preset="dawn", presets=("dawn", "dusk")),
    hub=Midi(status="nanoKONTROL2", ports=("nanoKONTROL2", "Keystation")),
    devices=Devices(("USB Audio", "Webcam"), ("USB Audio", "HDMI")),
)


@pytest.fixture
def welcome(stage: Stage) -> Welcome:
    stage.window.hear(INFO)
    stage.window.presence.restore(Memory())
    found = stage.window.presence.welcome
    assert found is not None
    assert found.isVisible()
    return found


def choose(choice: QComboBox, name: str) -> None:
    place = choice.findText(name)
    assert place >= 0, name
    choice.setCurrentIndex(place)
    choice.activated.emit(place)
    choice.textActivated.emit(name)


def offered(choice: QComboBox, place: int) -> bool:
    items = choice.model()
    assert items is not None
    return bool(items.flags(items.index(place, 0)) & Qt.ItemFlag.ItemIsEnabled)


def test_it_comes_once_and_whenever_it_is_asked_for(qtbot: QtBot, stage: Stage) -> None:
    presence = stage.window.presence
    presence.restore(Memory(welcomed=True))
    assert presence.welcome is None
    with qtbot.waitSignal(presence.remembered) as told:
        presence.restore(Memory())
        assert presence.welcome is not None
        presence.welcome.begin.click()
    assert told.args == [{"welcomed": True}]
    assert presence.welcome is None
    qtbot.keyClick(stage.window, Qt.Key.Key_F2)
    assert presence.welcome is not None


def test_the_devices_are_asked_for(stage: Stage, welcome: Welcome) -> None:
    assert welcome.input.currentText() == SYSTEM
    choose(welcome.output, "HDMI")
    assert stage.sent[-1] == {"do": "device", "output": "HDMI"}
    choose(welcome.input, "Webcam")
    assert stage.sent[-1] == {"do": "device", "input": "Webcam"}
    choose(welcome.input, SYSTEM)
    assert stage.sent[-1] == {"do": "device", "input": None}


def test_the_devices_that_are_played_on_are_shown(stage: Stage, welcome: Welcome) -> None:
    assert (welcome.input.currentText(), welcome.output.currentText()) == (SYSTEM, SYSTEM)
    choose(welcome.output, "HDMI")
    assert INFO.devices is not None
    stage.window.hear(replace(INFO, devices=replace(INFO.devices, output="HDMI")))
    assert (welcome.input.currentText(), welcome.output.currentText()) == (SYSTEM, "HDMI")
    stage.window.hear(INFO)
    assert welcome.output.currentText() == SYSTEM, "HDMI was refused"


def test_what_no_list_offers_is_shown_and_cannot_be_chosen_again(
    stage: Stage, welcome: Welcome
) -> None:
    assert INFO.devices is not None
    hub = Midi(ports=("nanoKONTROL2", "Keystation"), open=("rtvae",), automatic=False)
    devices = replace(INFO.devices, input="drums.wav", output="pulled out")
    stage.window.hear(replace(INFO, devices=devices, hub=hub))
    for choice, shown in (
        (welcome.input, "drums.wav"),
        (welcome.output, "pulled out"),
        (welcome.midi, "rtvae"),
    ):
        assert choice.currentText() == shown
        (here,) = (k for k in range(choice.count()) if not offered(choice, k))
        assert choice.itemText(here) == shown
    stage.window.hear(INFO)
    for choice in (welcome.input, welcome.output, welcome.midi):
        assert all(offered(choice, k) for k in range(choice.count()))


def test_a_host_without_devices_is_said_as_it_is(stage: Stage, welcome: Welcome) -> None:
    stage.window.hear(wire.HostInfo(device="built-in clocked device"))
    assert welcome.input.currentText() == FIXED
    assert not welcome.input.isEnabled()
    assert "built-in clocked device" in welcome.device.text


def test_model_preset_and_controller_act_at_once(stage: Stage, welcome: Welcome) -> None:
    choose(welcome.model, "voice")
    assert stage.sent[-1] == {"do": "model.load", "name": "voice"}
    choose(welcome.preset, "dusk")
    assert stage.sent[-1] == {"do": "preset.load", "name": "dusk"}
    choose(welcome.midi, "Keystation")
    assert stage.sent[-1] == {"do": "midi.ports", "names": ["Keystation"]}
    choose(welcome.midi, ALL_PORTS)
    assert stage.sent[-1] == {"do": "midi.ports", "names": None}
    assert "nanoKONTROL2" in welcome.ports.text


@pytest.mark.parametrize(
    ("hub", "shown"),
    [
        (Midi(open=("Keystation",)), ALL_PORTS),
        (Midi(open=("Keystation",), automatic=False), "Keystation"),
        (Midi(open=("rtvae",), automatic=False), "rtvae"),
        (Midi(open=("nanoKONTROL2", "Keystation"), automatic=False), "nanoKONTROL2, Keystation"),
        (Midi(status="Keystation (gone)", automatic=False), "Keystation (gone)"),
        (Midi(status="none", automatic=False), NO_PORT),
        (Midi(automatic=False), NO_PORT),
    ],
)
def test_the_controllers_that_are_listened_to_are_shown(
    stage: Stage, welcome: Welcome, hub: Midi, shown: str
) -> None:
    stage.window.hear(replace(INFO, hub=replace(hub, ports=("nanoKONTROL2", "Keystation"))))
    assert welcome.midi.currentText() == shown


@pytest.mark.parametrize("leave", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_the_tone_sounds_and_never_outlives_the_dialog(
    qtbot: QtBot, stage: Stage, welcome: Welcome, leave: Qt.Key
) -> None:
    assert welcome.tone.text() == TEST_TONE
    qtbot.keyClick(welcome, Qt.Key.Key_T)
    assert stage.told("test_tone") == 1.0
    assert welcome.tone.text() == STOP_TONE
    qtbot.keyClick(welcome.begin, leave)
    assert stage.told("test_tone") == 0.0
    assert stage.window.presence.welcome is None
    assert {"do": "panic"} not in stage.sent


def test_the_meters_move_with_the_sound(stage: Stage, welcome: Welcome) -> None:
    before = (welcome.input_bar.shown_db, welcome.output_bar.shown_db)
    stage.play(frames=10)
    assert welcome.input_bar.shown_db[0] > before[0][0]
    assert welcome.output_bar.shown_db[0] > before[1][0]


def test_a_silent_meter_can_be_seen(welcome: Welcome) -> None:
    for bar in (welcome.input_bar, welcome.output_bar):
        shot = pixels(bar)
        edge, inside = shot[0, 100], shot[10, 100]
        assert (edge != inside).any()


def test_panic_is_in_reach(qtbot: QtBot, stage: Stage, welcome: Welcome) -> None:
    qtbot.keyClick(welcome, Qt.Key.Key_P)
    assert stage.sent[-1] == {"do": "panic"}


def test_everything_has_a_name_a_hint_and_room(stage: Stage, welcome: Welcome) -> None:
    controls = [*welcome.findChildren(QAbstractButton), *welcome.findChildren(QComboBox)]
    assert len(controls) >= 7
    assert all(control.accessibleName() and control.toolTip() for control in controls)
    for label in (welcome.device, welcome.ports):
        assert label.sizeHint().width() <= label.width() + 4, label.text
