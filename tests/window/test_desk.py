"""Views: chosen by button and key, drawn only while seen, and each shows what it promises."""

from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from rtvae.control.parameters import MODULATOR_KINDS, index_of
from rtvae.spec import LatentSpec
from rtvae.window.desk import USUAL, VIEWS
from rtvae.window.meter_view import MeterView
from rtvae.window.scope_view import ScopeView
from rtvae.window.xy_view import first_pair

from .conftest import Stage, pixels

ALL = tuple(kind.name for kind in VIEWS)


def view(stage: Stage, name: str) -> Any:
    return stage.window.desk._views[name]


def test_a_button_shows_and_hides_its_view(qtbot: QtBot, stage: Stage) -> None:
    desk = stage.window.desk
    assert desk.shown == USUAL
    for name in ALL:
        before = view(stage, name).isVisible()
        with qtbot.waitSignal(desk.changed):
            qtbot.mouseClick(desk.buttons[name], Qt.MouseButton.LeftButton)
        assert view(stage, name).isVisible() is not before
        assert desk.buttons[name].isChecked() is not before


def test_alt_and_a_number_does_the_same(qtbot: QtBot, stage: Stage) -> None:
    for k, name in enumerate(ALL):
        before = view(stage, name).isVisible()
        key = Qt.Key(Qt.Key.Key_1 + k)
        qtbot.keyClick(stage.window, key, Qt.KeyboardModifier.AltModifier)
        assert view(stage, name).isVisible() is not before


def test_only_what_is_seen_is_drawn(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    for name in ALL:
        monkeypatch.setattr(
            view(stage, name), "follow", lambda picture, name=name: drawn.append(name)
        )
    stage.window.desk.show_views(("scope", "xy"))
    stage.play()
    assert sorted(drawn) == ["scope", "xy"]


@pytest.mark.parametrize("name", ALL)
def test_every_view_moves_with_the_sound_and_rests_with_it(stage: Stage, name: str) -> None:
    stage.window.desk.show_views((name,))
    stage.play(frames=20)
    first = pixels(view(stage, name))
    stage.play(frames=9)
    assert np.mean(first != pixels(view(stage, name))) > 0.0005
    stage.play(frames=150, blocks=0)
    rest = pixels(view(stage, name))
    stage.play(frames=5, blocks=0)
    assert np.array_equal(rest, pixels(view(stage, name)))


@pytest.mark.parametrize("name", ["latents", "input", "output"])
def test_a_view_that_was_hidden_for_long_shows_the_newest(stage: Stage, name: str) -> None:
    everything = tuple(kind.name for kind in VIEWS)
    stage.window.desk.show_views(everything)
    stage.play(frames=10)
    stage.window.desk.show_views(tuple(k for k in everything if k != name))
    stage.play(frames=200)
    stage.window.desk.show_views(everything)
    stage.play(frames=3)
    shown = pixels(view(stage, name))
    stage.window.resize(stage.window.width(), stage.window.height() + 1)
    stage.play(blocks=0)
    stage.window.resize(stage.window.width(), stage.window.height() - 1)
    stage.play(blocks=0)
    anew = pixels(view(stage, name))
    right = slice(shown.shape[1] // 2, None)
    assert np.mean(np.abs(shown[:, right].astype(int) - anew[:, right]) > 40) < 0.03


def test_the_two_spectrograms_are_of_input_and_output(stage: Stage) -> None:
    stage.window.desk.show_views(("input", "output"))
    stage.play(frames=60)
    heard, played = pixels(view(stage, "input")), pixels(view(stage, "output"))
    assert np.mean(heard[:, 110:, :3] != played[:, 110:, :3]) > 0.05


def test_the_scope_shows_20_ms_and_enlarges_what_is_quiet(stage: Stage) -> None:
    stage.window.desk.show_views(("scope",))
    stage.play(frames=20)
    scope: ScopeView = view(stage, "scope")
    assert [wave.size for wave in scope.waves] == [960, 960]
    assert scope.waves[0][0] == pytest.approx(0.0, abs=0.05)
    peak = max(float(np.abs(wave).max()) for wave in scope.waves)
    assert scope.gain * peak <= 0.9 or scope.gain == 1


def test_xy_begins_with_the_attributes_and_goes_where_it_is_told(
    qtbot: QtBot, stage: Stage
) -> None:
    stage.window.desk.show_views(("xy",))
    xy = stage.window.xy
    assert (xy.across.currentText(), xy.up.currentText()) == ("1 brightness", "2 body")
    stage.play(frames=40)
    assert xy.trail.places.shape[1] == 2
    newest = stage.window.picture.latents.played.newest(1)[0]
    assert xy.trail.places[-1].tolist() == newest[[0, 1]].tolist()
    qtbot.keyClick(xy.up, Qt.Key.Key_Down)
    stage.play(frames=3)
    newest = stage.window.picture.latents.played.newest(1)[0]
    assert xy.trail.places[-1].tolist() == newest[[0, 2]].tolist()


def test_the_pair_to_begin_with() -> None:
    def specs(*names: str) -> tuple[LatentSpec, ...]:
        return tuple(LatentSpec(name, -1, 1) for name in names)

    assert first_pair(specs("loudness", "a", "pitch", "brightness")) == (3, 2)
    assert first_pair(specs("loudness", "a", "b")) == (0, 1)
    assert first_pair(specs("a", "b", "c")) == (0, 1)
    assert first_pair(specs("a")) == (0, 0)
    assert first_pair(()) == (0, 0)
    attribute = (LatentSpec("x", -1, 1), LatentSpec("y", -1, 1, "pitch"), *specs("brightness"))
    assert first_pair(attribute) == (2, 1)


@pytest.mark.parametrize("clear", ["click", "key"])
def test_a_clip_mark_stays_until_it_is_cleared(qtbot: QtBot, stage: Stage, clear: str) -> None:
    meters: MeterView = stage.window.meters
    stage.play(frames=5)
    plain = stage.window.picture.output_level
    assert not plain.has_clipped
    stage.engine.telemetry.add("limited_blocks")
    stage.play(frames=200, blocks=0)
    assert plain.has_clipped
    assert not plain.clipped
    marked = pixels(meters)
    if clear == "click":
        qtbot.mouseClick(meters, Qt.MouseButton.LeftButton)
    else:
        meters.setFocus()
        marked = pixels(meters)
        qtbot.keyClick(meters, Qt.Key.Key_Space)
    stage.play(blocks=0)
    assert not plain.has_clipped
    assert np.any(marked[:30] != pixels(meters)[:30])


def test_every_view_has_a_name_and_a_hint(stage: Stage) -> None:
    stage.window.desk.show_views(ALL)
    for name in ALL:
        widget: QWidget = view(stage, name)
        named = [widget, *widget.findChildren(QWidget)]
        assert any(part.accessibleName() and part.toolTip() for part in named), name


@pytest.mark.parametrize("page", ["latents", "modulators", "snapshots", "map", "loop", "midi"])
def test_all_views_over_any_page_fit_on_a_small_screen(stage: Stage, page: str) -> None:
    stage.window.desk.show_views(ALL)
    stage.window.panels.show_page(page)
    for kind in range(len(MODULATOR_KINDS)):
        stage.control.set(index_of("mod.1.kind"), float(kind))
        stage.play(frames=2)
        QApplication.processEvents()
        assert stage.window.minimumSizeHint().height() <= 800
        assert stage.window.minimumSizeHint().width() <= 1280
