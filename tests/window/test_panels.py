"""The pages below: opened by mouse and key, and each of them does what it shows."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from rtvae.control.parameters import MODULATOR_KINDS, index_of
from rtvae.window import wire
from rtvae.window.ask import Ask
from rtvae.window.desk import VIEWS
from rtvae.window.hold import HOLD_MS
from rtvae.window.loop_page import LoopPage
from rtvae.window.map_page import MapPage
from rtvae.window.midi_page import MidiPage
from rtvae.window.modulator_page import ModulatorPage
from rtvae.window.panels import TABS, TALL_PX
from rtvae.window.snapshot_page import SnapshotPage
from tests.support.host_parts import full_info, heard

from .conftest import Stage, pixels

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
NAMES = [tab.name for tab, _ in TABS]


@pytest.fixture
def ready(stage: Stage) -> Stage:
    stage.window.hear(heard())
    stage.play()
    return stage


def open_page(stage: Stage, name: str) -> Any:
    stage.window.panels.show_page(name)
    stage.play()
    page = stage.window.panels.pages[name]
    assert page.isVisible()
    return page


def asked(stage: Stage, do: str) -> list[dict[str, Any]]:
    return [said for said in stage.sent if said.get("do") == do]


@pytest.mark.parametrize("name", NAMES)
def test_every_page_opens_by_its_key_fits_and_leaves_no_control_without_a_name(
    qtbot: QtBot, ready: Stage, name: str
) -> None:
    key = Qt.Key(Qt.Key.Key_1.value + NAMES.index(name))
    qtbot.keyClick(ready.window, key, Qt.KeyboardModifier.ControlModifier)
    ready.play(frames=3)
    window = ready.window
    assert window.panels.current == name
    assert (window.width(), window.height()) == (1280, 800)
    assert window.bank.isVisible() == (name == "latents")
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.window() is window:
            corner = widget.mapTo(window, widget.rect().bottomRight())
            assert window.rect().contains(corner), widget
    controls = [
        widget
        for kind in (QAbstractButton, QAbstractSlider, QComboBox)
        for widget in window.panels.findChildren(kind)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible()
    ]
    assert [c for c in controls if not c.accessibleName() or not c.toolTip()] == []
    names = [c.accessibleName() for c in controls]
    assert len(set(names)) == len(names)


def test_the_tab_of_an_open_page_brings_the_strips_back(qtbot: QtBot, ready: Stage) -> None:
    panels = ready.window.panels
    for wanted in ("loop", "latents"):
        qtbot.mouseClick(panels.tabs["loop"], LEFT)
        assert panels.current == wanted
        assert panels.tabs[wanted].isChecked()


def test_a_tall_window_shows_strips_and_page(ready: Stage) -> None:
    open_page(ready, "loop")
    ready.window.resize(1600, TALL_PX)
    ready.play()
    assert ready.window.bank.isVisible()
    assert ready.window.panels.pages["loop"].isVisible()
    ready.window.resize(1280, 800)
    ready.play()
    assert not ready.window.bank.isVisible()


@pytest.mark.parametrize("latents", [0, 3, 128])
@pytest.mark.parametrize("name", NAMES)
def test_any_number_of_latents_on_any_page(
    open_stage: Callable[..., Stage], latents: int, name: str
) -> None:
    stage = open_stage(latents)
    stage.window.hear(heard(latents))
    stage.window.panels.show_page(name)
    stage.play(frames=3)
    assert pixels(stage.window).std() > 1.0
    page = stage.window.panels.pages.get(name)
    if page is not None and name not in ("map", "midi"):
        assert ("no latents" in page.reason) == (latents == 0)


@pytest.mark.parametrize("name", NAMES)
def test_pages_without_a_model_or_any_part_say_why_and_do_not_break(
    open_stage: Callable[..., Stage], name: str
) -> None:
    stage = open_stage(8, informed=False)
    stage.window.hear(wire.HostInfo())
    stage.window.panels.show_page(name)
    stage.play(frames=3)
    reasons = {"snapshots": "no snapshots", "map": "no map", "midi": "no MIDI"}
    if name in reasons:
        assert reasons[name] in stage.window.panels.pages[name].reason


RUBBISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "stored",
                    "corners",
                    "morph",
                    "mappings",
                    "ports",
                    "target",
                    "low",
                    "points",
                    "undo",
                ]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(midi=RUBBISH, show=RUBBISH, snapshots=RUBBISH, drawn=RUBBISH)
def test_rubbish_from_the_host_never_breaks_the_window(
    ready: Stage, midi: Any, show: Any, snapshots: Any, drawn: Any
) -> None:
    info = full_info(16, midi=midi, show=show, snapshots=snapshots)
    info["model"]["map"] = drawn
    said = wire.parse(wire.format_line({"info": info}))
    assert isinstance(said, wire.HostInfo)
    for name in NAMES:
        ready.window.panels.show_page(name)
        ready.window.hear(said)
        ready.play(blocks=1)
        ready.window.grab()
    ready.window.hear(heard())


@pytest.mark.parametrize("page", [tab.name for tab, make in TABS if make is not None])
def test_a_page_that_has_nothing_for_now_leaves_the_window_its_size(
    ready: Stage, page: str
) -> None:
    ready.window.desk.show_views(list(VIEWS))
    ready.window.panels.show_page(page)
    ready.play()
    ready.window.resize(1280, ready.window.minimumSizeHint().height())
    QApplication.processEvents()
    before = ready.window.height()
    shown = ready.window.panels.pages[page]
    shown.excuse("The model is on its way.")
    shown.excuse("")
    QApplication.processEvents()
    assert ready.window.height() == before


class TestModulators:
    def page(self, stage: Stage) -> ModulatorPage:
        return open_page(stage, "modulators")

    def test_a_kind_is_chosen_and_shows_what_it_goes_by(self, qtbot: QtBot, ready: Stage) -> None:
        page = self.page(ready)
        qtbot.mouseClick(page.tiles[2], LEFT)
        qtbot.mouseClick(page.editor.kind.plates[1], LEFT)
        assert ready.told("mod.3.kind") == 1.0
        ready.control.set(index_of("mod.3.kind"), 1.0)
        ready.play()
        knobs = page.editor.knobs
        shown = {name for name, knob in knobs.items() if knob.isVisible()}
        assert shown == {"depth", "rate_hz", "beats", "phase", "smooth_ms"}
        assert page.editor.shape.isVisible()
        assert not page.editor.steps.isVisible()
        qtbot.keyClick(knobs["rate_hz"].knob, Qt.Key.Key_Home)
        assert ready.told("mod.3.rate_hz") == pytest.approx(0.01)
        qtbot.keyClick(knobs["beats"].knob, Qt.Key.Key_Up)
        assert ready.told("mod.3.beats") == 0.25

    def test_nothing_moves_under_the_hand_while_kinds_are_tried(self, ready: Stage) -> None:
        page = self.page(ready)
        places = set()
        for kind in range(len(MODULATOR_KINDS)):
            ready.control.set(index_of("mod.1.kind"), float(kind))
            ready.play()
            QApplication.processEvents()
            places.add(page.editor.kind.mapTo(ready.window, page.editor.kind.rect().topLeft()).y())
        assert len(places) == 1

    def test_steps_are_drawn_with_the_mouse(self, qtbot: QtBot, ready: Stage) -> None:
        ready.control.set(index_of("mod.1.kind"), 4.0)
        steps = self.page(ready).editor.steps
        assert steps.isVisible()
        slot = steps.width() / 16
        qtbot.mousePress(steps, LEFT, pos=QPoint(int(slot / 2), 1))
        qtbot.mouseMove(steps, QPoint(int(7.5 * slot), 1))
        qtbot.mouseRelease(steps, LEFT)
        assert {f"mod.1.step.{k}" for k in range(1, 9)} <= {
            name for said in ready.sent for name in said.get("set", {})
        }
        assert all(-1.0 <= v <= 1.0 for said in ready.sent for v in said["set"].values())
        assert ready.told("mod.1.step.4") == pytest.approx(0.95, abs=0.1)

    def test_steps_and_reach_by_keys(self, qtbot: QtBot, ready: Stage) -> None:
        ready.control.set(index_of("mod.1.kind"), 4.0)
        editor = self.page(ready).editor
        for row, name, most in ((editor.steps, "step", 1.0), (editor.reach, "to", 3.0)):
            qtbot.keyClick(row, Qt.Key.Key_Right)
            qtbot.keyClick(row, Qt.Key.Key_Up)
            assert ready.told(f"mod.1.{name}.2") == pytest.approx(0.05 * most)
            qtbot.keyClick(row, Qt.Key.Key_End)
            assert ready.told(f"mod.1.{name}.2") == most
            qtbot.keyClick(row, Qt.Key.Key_0)
            assert ready.told(f"mod.1.{name}.2") == 0.0

    def test_later_latents_are_reached_too(
        self, qtbot: QtBot, open_stage: Callable[..., Stage]
    ) -> None:
        stage = open_stage(128)
        stage.window.hear(heard(128))
        editor = self.page(stage).editor
        for _ in range(9):
            qtbot.mouseClick(editor.on, LEFT)
        qtbot.keyClick(editor.reach, Qt.Key.Key_End)
        assert stage.told("mod.1.to.113") == 3.0

    def test_the_tiles_show_what_moves(self, ready: Stage) -> None:
        page = self.page(ready)
        ready.control.set(index_of("mod.4.kind"), 3.0)
        ready.play()
        assert page.tiles[3].accessibleName() == "Modulator 4: follower"
        still = pixels(page.tiles[3])
        ready.engine.telemetry._rows["modulator"][:] = 0.8
        ready.play()
        assert (pixels(page.tiles[3]) != still).any()


class TestSnapshots:
    def page(self, stage: Stage) -> SnapshotPage:
        return open_page(stage, "snapshots")

    def test_press_recalls_shift_stores_and_delete_clears(self, qtbot: QtBot, ready: Stage) -> None:
        page = self.page(ready)
        qtbot.mouseClick(page.pads[1], LEFT)
        qtbot.mouseClick(page.pads[8], LEFT, SHIFT)
        qtbot.keyClick(page.pads[3], Qt.Key.Key_Delete)
        qtbot.keyClick(page.pads[9], Qt.Key.Key_Return, SHIFT)
        assert ready.sent == [
            {"do": "snapshot.recall", "number": 2},
            {"do": "snapshot.store", "number": 9},
            {"do": "snapshot.clear", "number": 4},
            {"do": "snapshot.store", "number": 10},
        ]

    def test_a_long_touch_stores_and_recalls_nothing(self, qtbot: QtBot, ready: Stage) -> None:
        page = self.page(ready)
        qtbot.mousePress(page.pads[4], LEFT)
        qtbot.wait(HOLD_MS + 100)
        qtbot.mouseRelease(page.pads[4], LEFT)
        assert ready.sent == [{"do": "snapshot.store", "number": 5}]

    def test_an_empty_pad_says_how_to_fill_it(self, qtbot: QtBot, ready: Stage) -> None:
        page = self.page(ready)
        qtbot.mouseClick(page.pads[8], LEFT)
        assert ready.sent == []
        assert "Snapshot 9 is empty" in page.said.text

    def test_the_pad_sends_bounded_places(self, qtbot: QtBot, ready: Stage) -> None:
        pad = self.page(ready).pad
        qtbot.mousePress(pad, LEFT, pos=QPoint(30, 30))
        for at in (QPoint(-500, 4000), QPoint(90, 60), QPoint(9000, -9000)):
            qtbot.mouseMove(pad, at)
        qtbot.mouseRelease(pad, LEFT)
        places = [(said["x"], said["y"]) for said in asked(ready, "pad")]
        assert places[1] == (0.0, 0.0)
        assert places[-1] == (1.0, 1.0)
        assert all(0.0 <= v <= 1.0 for place in places for v in place)
        qtbot.keyClick(pad, Qt.Key.Key_Left)
        assert asked(ready, "pad")[-1] == {"do": "pad", "x": 0.98, "y": 1.0}

    def test_corners_are_chosen(self, ready: Stage) -> None:
        page = self.page(ready)
        page.corners[3].setCurrentIndex(7)
        page.corners[3].activated.emit(7)
        assert ready.sent == [{"do": "pad.corners", "numbers": [1, 2, 3, 8]}]

    def test_a_pad_without_its_snapshots_says_what_is_missing(self, ready: Stage) -> None:
        page = self.page(ready)
        snapshots = full_info()["snapshots"] | {"stored": [1, 3]}
        ready.window.hear(heard(snapshots=snapshots))
        assert page.pad.reason == "Empty corners: 2, 4. Store there, or choose others."
        assert not page.pad.isEnabled()
        assert not page.morph.fader.isEnabled()
        assert "Store snapshot 2" in page.morph.fader.toolTip()

    def test_the_morph_goes_from_one_to_another(self, qtbot: QtBot, ready: Stage) -> None:
        morph = self.page(ready).morph
        fader = morph.fader
        qtbot.mouseClick(fader, LEFT, pos=QPoint(fader.width() // 2, 10))
        (said,) = ready.sent
        share = said.pop("share")
        assert said == {"do": "morph", "from": 1, "to": 2, "way": "linear"}
        assert share == pytest.approx(0.5, abs=0.02)
        qtbot.mouseClick(morph.ways["spherical"], LEFT)
        assert ready.sent[-1]["way"] == "spherical"
        morph.end.setCurrentIndex(3)
        morph.end.activated.emit(3)
        assert ready.sent[-1]["to"] == 4


class TestMap:
    def page(self, stage: Stage) -> MapPage:
        return open_page(stage, "map")

    def test_dragging_steers_and_leaves_a_trail(self, qtbot: QtBot, ready: Stage) -> None:
        view = self.page(ready).view
        plain = pixels(view)
        qtbot.mousePress(view, LEFT, pos=QPoint(100, 50))
        qtbot.mouseMove(view, QPoint(400, 90))
        qtbot.mouseMove(view, QPoint(-900, 9000))
        qtbot.mouseRelease(view, LEFT)
        said = asked(ready, "map")
        assert len(said) == 3
        assert said[-1] == {"do": "map", "x": 0.0, "y": 0.0}
        assert (pixels(view)[60:100, 200:380] != plain[60:100, 200:380]).any()

    def test_a_model_without_a_map_says_so(self, ready: Stage) -> None:
        page = self.page(ready)
        ready.window.hear(heard(map=None))
        assert "no map" in page.reason
        assert not page.view.isVisible()


class TestLoop:
    def page(self, stage: Stage) -> LoopPage:
        return open_page(stage, "loop")

    @pytest.mark.parametrize("name", ["diffusion", "feedback", "generate_spread", "tempo_bpm"])
    def test_every_knob_turns_its_parameter(self, qtbot: QtBot, ready: Stage, name: str) -> None:
        knob = self.page(ready).knobs[name].knob
        before = knob.exact
        qtbot.keyClick(knob, Qt.Key.Key_Up)
        assert ready.told(name) > before

    def test_pedal_and_tap(self, qtbot: QtBot, ready: Stage) -> None:
        page = self.page(ready)
        qtbot.mouseClick(page.looper, LEFT)
        qtbot.mouseClick(page.tap, LEFT)
        assert ready.sent == [{"do": "looper.press"}, {"do": "tap"}]

    def test_the_ring_goes_round_with_the_loop(self, ready: Stage) -> None:
        page = self.page(ready)
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

    def test_the_pull_of_the_leash_is_seen_and_falls(self, ready: Stage) -> None:
        page = self.page(ready)
        calm = pixels(page.pull)
        ready.engine.telemetry.set("leash_pull", 1.5)
        ready.play(blocks=1)
        assert (pixels(page.pull) != calm).any()
        ready.engine.telemetry.set("leash_pull", 0.0)
        ready.play(frames=60, blocks=1)
        assert (pixels(page.pull) == calm).all()

    def test_without_a_survey_there_is_no_leash(self, ready: Stage) -> None:
        page = self.page(ready)
        ready.window.hear(heard(map=None))
        assert not page.knobs["leash"].isVisible()
        assert page.no_leash.isVisible()


class TestMidi:
    def page(self, stage: Stage) -> MidiPage:
        return open_page(stage, "midi")

    def test_inputs_are_chosen_or_left_to_the_host(self, ready: Stage) -> None:
        page = self.page(ready)
        automatic, _, nano, pads = page.ports_menu().actions()
        assert automatic.isChecked() and nano.isChecked() and not pads.isChecked()
        pads.trigger()
        nano.trigger()
        automatic.trigger()
        assert [said["names"] for said in asked(ready, "midi.ports")] == [
            ["nano", "pads"],
            [],
            None,
        ]

    def test_a_mapping_is_edited(self, qtbot: QtBot, ready: Stage) -> None:
        page = self.page(ready)
        assert page.table.item(0, 0).text() == "3 pitch: offset"
        assert page.table.item(1, 0).text() == "mute"
        curve = page.editor.choices["curve"]
        curve.textActivated.emit("exponential")
        qtbot.mouseClick(page.editor.switches["pick_up"], LEFT)
        qtbot.mouseClick(page.editor.turn, LEFT)
        first, second, third = asked(ready, "mapping.set")
        assert first["target"] == "latent.pitch.offset"
        assert (first["index"], first["curve"]) == (0, "exponential")
        assert (first["was"]["number"], first["was"]["port"]) == (21, "nano")
        assert second["pick_up"] is True
        assert (third["low"], third["high"]) == (3.0, -3.0)

    def test_a_clock_that_wavers_disturbs_nobody_who_edits(self, ready: Stage) -> None:
        page = self.page(ready)
        page.table.selectRow(1)
        item = page.table.item(1, 0)
        for bpm in (120.0, 120.1):
            ready.window.hear(heard(midi=full_info()["midi"] | {"clock": bpm}))
            assert f"Clock: {bpm} bpm" in page.facts.text()
        assert page.table.item(1, 0) is item
        assert page.table.place == 1

    def test_mappings_follow_what_the_host_says_and_what_latents_are_called(
        self, ready: Stage
    ) -> None:
        page = self.page(ready)
        mappings = [{"target": "latent.1.offset", "kind": "cc", "number": 9}]
        ready.window.hear(heard(midi=full_info()["midi"] | {"mappings": mappings}))
        assert page.table.rowCount() == 1
        assert page.table.item(0, 0).text() == "1 brightness: offset"
        other = {"name": "m", "latents": [{"name": "air"}]}
        ready.window.hear(heard(midi=full_info()["midi"] | {"mappings": mappings}, model=other))
        assert page.table.item(0, 0).text() == "1 air: offset"

    def test_an_end_is_typed(self, qtbot: QtBot, ready: Stage) -> None:
        page = self.page(ready)
        qtbot.mouseClick(page.editor.numbers["low"], LEFT)
        (ask,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, Ask) and w.isVisible()]
        ask.field.setText("\u22121,5")
        qtbot.keyClick(ask.field, Qt.Key.Key_Return)
        assert asked(ready, "mapping.set")[0]["low"] == -1.5

    def test_a_mapping_is_removed(self, qtbot: QtBot, ready: Stage) -> None:
        page = self.page(ready)
        page.table.selectRow(1)
        qtbot.keyClick(page.table, Qt.Key.Key_Delete)
        (said,) = ready.sent
        assert (said["do"], said["index"]) == ("mapping.remove", 1)
        assert said["was"] == {
            "target": "mute.toggle", "kind": "note", "number": 36, "channel": None, "port": ""
        }  # fmt: skip

    def test_the_mapping_that_is_chosen_stays_chosen_where_others_come_before_it(
        self, qtbot: QtBot, ready: Stage
    ) -> None:
        page = self.page(ready)
        page.table.selectRow(1)
        learnt = {"target": "mix", "kind": "cc", "number": 7}
        mappings = [learnt, *full_info()["midi"]["mappings"]]
        ready.window.hear(heard(midi=full_info()["midi"] | {"mappings": mappings}))
        assert page.table.item(page.table.place, 0).text() == "mute"
        qtbot.mouseClick(page.editor.remove, LEFT)
        said = asked(ready, "mapping.remove")[-1]
        assert (said["index"], said["was"]["target"]) == (2, "mute.toggle")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "latents"])
def test_before_the_model_is_known_nothing_is_said_about_it(
    open_stage: Callable[..., Stage], name: str
) -> None:
    stage = open_stage(0, informed=False)
    stage.window.hear(wire.HostInfo())
    page = open_page(stage, name)
    assert page.reason == "Waiting for the model."
    stage.window.hear(heard())
    assert page.reason != "Waiting for the model."
