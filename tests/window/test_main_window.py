"""The window as its user meets it: it moves with the sound, and every control does its work."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QComboBox,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from rtvae.control.parameters import index_of
from rtvae.link.layout import State
from rtvae.link.session_memory import open_telemetry
from rtvae.window import wire
from tests.support.host_parts import heard

from .conftest import Stage, pixels


def test_the_picture_moves_with_the_sound_and_stands_with_it(stage: Stage) -> None:
    views = (stage.window.trajectories, stage.window.spectrogram)
    stage.play(frames=20)
    first = [pixels(view) for view in views]
    stage.play(frames=5)
    second = [pixels(view) for view in views]
    stage.play(frames=5, blocks=0)
    third = [pixels(view) for view in views]
    for before, after, still in zip(first, second, third, strict=True):
        assert np.mean(before != after) > 0.02
        assert np.array_equal(after, still)


def test_what_the_host_says_meanwhile_leaves_the_picture_alone(stage: Stage) -> None:
    stage.window.hear(heard())
    stage.play(frames=20)
    before = pixels(stage.window.trajectories)
    stage.window.hear(heard(recording={"name": "take", "seconds": 3.0}))
    assert np.array_equal(pixels(stage.window.trajectories), before)


def test_spectra_and_meters_move_and_fall(stage: Stage) -> None:
    stage.play(frames=20)
    views = (stage.window.spectrum, stage.window.meters)
    loud = [pixels(view) for view in views]
    stage.play(frames=90, blocks=0)
    silent = [pixels(view) for view in views]
    for before, after in zip(loud, silent, strict=True):
        assert not np.array_equal(before, after)


def test_a_stopped_engine_is_said_large_and_taken_back(stage: Stage) -> None:
    stage.play(frames=5)
    assert stage.window.trajectories.notice == ""
    stage.play(frames=20, blocks=0)
    assert stage.window.trajectories.notice == "engine stopped, restarting"
    assert stage.window.top.engine.number.text == "stopped"
    stage.play()
    assert stage.window.trajectories.notice == ""


def test_a_device_that_is_waited_for_is_said_large_though_a_silent_engine_plays(
    stage: Stage,
) -> None:
    stage.window.hear(wire.HostInfo(waiting=True))
    stage.play(frames=5)
    assert stage.window.trajectories.notice == "no sound yet, tried again every 2 s"
    assert stage.window.top.engine.number.text == "waiting"
    stage.window.hear(wire.HostInfo())
    stage.play()
    assert stage.window.trajectories.notice == ""


def test_turning_a_knob_asks_for_that_latents_offset(qtbot: QtBot, stage: Stage) -> None:
    strip = stage.window.bank.strips[2]
    qtbot.keyClick(strip.knob, Qt.Key.Key_Up)
    assert stage.sent == [{"set": {"latent.3.offset": pytest.approx(0.1)}}]
    qtbot.keyClick(strip.knob, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert stage.told("latent.3.scale") == pytest.approx(1.05)


def test_a_knob_follows_midi_within_a_frame_without_echo(stage: Stage) -> None:
    stage.control.set(index_of("latent.5.offset"), 1.5)
    stage.control.set(index_of("latent.6.scale"), -2.0)
    stage.control.set(index_of("mix"), 0.25)
    stage.play()
    assert stage.window.bank.strips[4].knob.exact == pytest.approx(1.5)
    assert stage.window.bank.strips[5].scale.exact == pytest.approx(-2.0)
    assert stage.window.master.knobs["mix"].exact == pytest.approx(0.25)
    assert stage.sent == []


def test_a_knob_stays_under_the_hand_until_the_block_has_its_value(
    qtbot: QtBot, stage: Stage
) -> None:
    knob = stage.window.bank.strips[0].knob
    qtbot.keyClick(knob, Qt.Key.Key_End)
    stage.play(frames=3)
    assert knob.exact == 3.0
    stage.control.set(index_of("latent.1.offset"), 3.0)
    stage.play()
    stage.control.set(index_of("latent.1.offset"), -1.0)
    stage.play()
    assert knob.exact == -1.0


@pytest.mark.parametrize("name", ["mix", "input_gain_db", "output_gain_db"])
def test_mix_and_gains(qtbot: QtBot, stage: Stage, name: str) -> None:
    qtbot.keyClick(stage.window.master.knobs[name], Qt.Key.Key_Down)
    assert stage.told(name) == pytest.approx({"mix": 0.98}.get(name, -0.5))


def test_the_fader_between_two_models_is_there_while_there_are_two(
    qtbot: QtBot, stage: Stage
) -> None:
    fader = stage.window.master.knobs["blend"]
    assert not fader.isVisibleTo(stage.window)
    stage.window.hear(wire.HostInfo(beside="brass"))
    assert fader.isVisibleTo(stage.window)
    assert "1 is brass" in fader.toolTip()
    qtbot.keyClick(fader, Qt.Key.Key_Up)
    assert stage.told("blend") == pytest.approx(0.02)
    stage.window.hear(wire.HostInfo())
    assert not fader.isVisibleTo(stage.window)


def test_a_second_model_is_picked_and_taken_away(qtbot: QtBot, stage: Stage) -> None:
    info = wire.HostInfo(wire.ModelInfo("bells", "Bells", ()), ("bells", "brass"))
    stage.window.hear(info)
    beside = stage.window.top.beside
    assert beside.currentText() == "alone"
    beside.activated.emit(beside.findText("brass"))
    assert stage.sent[-1] == {"do": "model.beside", "name": "brass"}
    stage.window.hear(dataclasses.replace(info, beside="brass"))
    assert beside.currentText() == "brass"
    assert stage.window.top.models.currentText() == "bells"
    beside.activated.emit(0)
    assert stage.sent[-1] == {"do": "model.beside", "name": ""}


def test_mute_by_button_and_by_key_shows_what_the_block_holds(qtbot: QtBot, stage: Stage) -> None:
    mute = stage.window.master.mute
    qtbot.mouseClick(mute, Qt.MouseButton.LeftButton)
    assert stage.told("mute") == 1.0
    stage.control.set(index_of("mute"), 1.0)
    stage.play()
    assert mute.text() == "MUTED"
    qtbot.keyClick(stage.window, Qt.Key.Key_M)
    assert stage.told("mute") == 0.0
    stage.control.set(index_of("mute"), 0.0)
    stage.play()
    assert (mute.text(), mute.isChecked()) == ("MUTE", False)


def test_a_mute_that_nobody_carries_out_is_not_claimed(qtbot: QtBot, stage: Stage) -> None:
    qtbot.mouseClick(stage.window.master.mute, Qt.MouseButton.LeftButton)
    stage.play(frames=30)
    assert not stage.window.master.mute.isChecked()


@pytest.mark.parametrize("key", [Qt.Key.Key_P, Qt.Key.Key_Escape])
def test_panic_by_key(qtbot: QtBot, stage: Stage, key: Qt.Key) -> None:
    qtbot.keyClick(stage.window.bank.strips[0].knob, key)
    assert stage.sent == [{"do": "panic"}]


def test_panic_by_button_lights_up_when_it_has_arrived(qtbot: QtBot, stage: Stage) -> None:
    button = stage.window.master.stop
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert stage.sent == [{"do": "panic"}]
    stage.play()
    assert not button.property("lit")
    stage.control.panic()
    stage.play()
    assert button.property("lit")
    stage.play(frames=90)
    assert not button.property("lit")


def test_choosing_a_model_asks_for_it_and_a_refusal_is_shown(stage: Stage) -> None:
    models = stage.window.top.models
    models.setCurrentIndex(1)
    models.textActivated.emit(models.currentText())
    assert stage.sent == [{"do": "model.load", "name": "bells-8"}]
    stage.window.hear(wire.Message("The model bells-8 is damaged.", "warning"))
    assert models.currentText() == "rooms-16"
    assert "The model bells-8 is damaged." in stage.window.message.text


@pytest.mark.parametrize("models", [("a", "b", "c"), ("a", "c"), ()])
def test_the_choice_shows_the_model_that_plays(stage: Stage, models: tuple[str, ...]) -> None:
    stage.window.hear(wire.HostInfo(wire.ModelInfo("b", "B", wire.unknown_latents(2)), models))
    choice = stage.window.top.models
    assert choice.currentText() == "b"
    assert {choice.itemText(k) for k in range(choice.count())} == {"b", *models}


def test_choosing_the_model_that_plays_asks_for_nothing(stage: Stage) -> None:
    models = stage.window.top.models
    models.textActivated.emit(models.currentText())
    assert stage.sent == []


def test_what_the_host_says_is_shown_as_it_is(stage: Stage) -> None:
    stage.window.hear(wire.Message("<b>Knob</b> & dial", "warning"))
    assert stage.window.message.text.endswith("<b>Knob</b> & dial")
    assert "&lt;b&gt;" in stage.window.message.toolTip()
    assert "nanoKONTROL2" in stage.window.top.setup.text


def test_a_lost_host_is_said_and_the_window_stays(stage: Stage) -> None:
    stage.play(frames=3)
    stage.window.lose_host()
    stage.play(frames=20, blocks=0)
    assert "rtvae play has ended" in stage.window.message.text
    assert "restarting" not in stage.window.trajectories.notice
    assert stage.window.isVisible()


@pytest.mark.parametrize(
    ("latents", "strips", "buttons"), [(0, 0, 0), (4, 4, 0), (64, 16, 4), (128, 16, 8)]
)
def test_any_number_of_latents(
    qtbot: QtBot, open_stage: Callable[..., Stage], latents: int, strips: int, buttons: int
) -> None:
    stage = open_stage(latents)
    stage.play(frames=5)
    bank = stage.window.bank
    assert len(bank.strips) == strips
    assert len(bank.findChildren(QPushButton)) == buttons
    assert bank.isVisible() == (latents > 0)
    shown = [strip for strip in bank.strips if not strip.visibleRegion().isEmpty()]
    assert len(shown) == strips


def test_later_pages_turn_later_latents(qtbot: QtBot, open_stage: Callable[..., Stage]) -> None:
    stage = open_stage(40)
    stage.play(frames=3)
    bank = stage.window.bank
    qtbot.keyClick(stage.window, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    qtbot.mouseClick(bank.findChildren(QPushButton)[2], Qt.MouseButton.LeftButton)
    assert [strip.number for strip in bank.strips] == list(range(33, 41))
    qtbot.keyClick(bank.strips[0].knob, Qt.Key.Key_Up)
    assert stage.told("latent.33.offset") == pytest.approx(0.1)
    stage.control.set(index_of("latent.40.offset"), -2.0)
    stage.play()
    assert bank.strips[7].knob.exact == -2.0


def test_without_a_word_from_the_host_the_knobs_are_numbered(
    open_stage: Callable[..., Stage],
) -> None:
    stage = open_stage(8, informed=False)
    stage.play(frames=3)
    assert [strip.number for strip in stage.window.bank.strips] == list(range(1, 9))


def test_another_model_brings_other_knobs(stage: Stage) -> None:
    stage.play(frames=3)
    stage.window.hear(
        wire.HostInfo(wire.ModelInfo("bells", "Bells", wire.unknown_latents(4)), ("bells",))
    )
    stage.engine.telemetry.set("latents", 4)
    stage.engine.latents = 4
    stage.engine.telemetry.add("model_serial")
    stage.play(frames=3)
    assert len(stage.window.bank.strips) == 4
    assert stage.window.top.models.currentText() == "bells"


def test_rubbish_in_the_telemetry_is_painted_around(folder: Path, stage: Stage) -> None:
    stage.play(frames=3)
    block = open_telemetry(folder)
    for rubbish in (np.nan, np.inf, 3e38):
        for name in ("latent_before", "latent_after", "scope_input", "scope_output", "timing_us"):
            block[name] = rubbish
        for name in ("latent_rows", "scope_frames", "timing_rows"):
            block[name] += np.uint64(1000)
        stage.play(blocks=0)
        assert pixels(stage.window).std() > 1.0
    block["state"] = 77
    stage.play(frames=3)
    assert pixels(stage.window).std() > 1.0
    stage.engine.telemetry.set_state(State.PLAYING)


def test_the_window_can_be_made_small_large_and_full(qtbot: QtBot, stage: Stage) -> None:
    for width, height in ((1080, 620), (2400, 1400), (1280, 800)):
        stage.window.resize(width, height)
        stage.play(frames=3)
        assert stage.window.size().width() == width
        assert pixels(stage.window).std() > 1.0
    qtbot.keyClick(stage.window, Qt.Key.Key_F11)
    assert stage.window.isFullScreen()


def test_everything_fits_at_1280_by_800(stage: Stage) -> None:
    stage.play(frames=3)
    assert (stage.window.width(), stage.window.height()) == (1280, 800)
    inside = stage.window.rect()
    for widget in stage.window.findChildren(QWidget):
        if widget.isVisible() and widget.window() is stage.window:
            corner = widget.mapTo(stage.window, widget.rect().bottomRight())
            assert inside.contains(corner), widget
    labels = [strip.name for strip in stage.window.bank.strips]
    assert all(label.width() >= 64 for label in labels)
    assert all(tile.detail.sizeHint().width() <= tile.detail.width() for tile in (
        stage.window.top.latency, stage.window.top.load, stage.window.top.dropouts,
        stage.window.top.engine,
    ))  # fmt: skip


def test_every_control_has_a_name_and_a_hint(stage: Stage) -> None:
    controls = [
        widget
        for kind in (QAbstractButton, QAbstractSlider, QComboBox)
        for widget in stage.window.findChildren(kind)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible()
    ]
    assert len(controls) >= 16 * 2 + 6
    assert [c for c in controls if not c.accessibleName() or not c.toolTip()] == []
    names = [c.accessibleName() for c in controls]
    assert len(set(names)) == len(names)


def test_the_lane_of_the_latent_under_the_hand_lights_up(stage: Stage) -> None:
    stage.play(frames=3)
    plain = pixels(stage.window.trajectories)
    stage.window.bank.strips[3].knob.setFocus()
    lit = pixels(stage.window.trajectories)
    rows = np.flatnonzero((plain != lit).any((1, 2)))
    lane_px = stage.window.trajectories.height() / 16
    assert 3 * lane_px - 1 <= rows.min()
    assert rows.max() <= 4 * lane_px + 1


def test_escape_closes_the_list_of_models_without_panic(qtbot: QtBot, stage: Stage) -> None:
    models = stage.window.top.models
    models.showPopup()
    popup = models.view()
    assert popup is not None
    qtbot.waitUntil(popup.isVisible)
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not popup.isVisible())
    assert stage.sent == []
    qtbot.keyClick(models, Qt.Key.Key_Escape)
    assert stage.sent == [{"do": "panic"}]
