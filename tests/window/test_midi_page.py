"""The page of MIDI: inputs are chosen, mappings are seen, changed and removed."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rtvae.window.ask import Ask
from rtvae.window.midi_page import MidiPage
from tests.support.host_parts import full_info, heard

from .conftest import Stage, asked, open_page, pixels

LEFT = Qt.MouseButton.LeftButton


def opened(stage: Stage) -> MidiPage:
    page = open_page(stage, "midi")
    assert isinstance(page, MidiPage)
    return page


def test_inputs_are_chosen_or_left_to_the_host(ready: Stage) -> None:
    page = opened(ready)
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


def test_the_inputs_are_told_once_with_those_that_are_gone(ready: Stage) -> None:
    page = opened(ready)
    hub = full_info()["midi"] | {"status": "nano, pads (gone)"}
    ready.window.hear(heard(midi=hub))
    assert page.facts.text().splitlines() == [
        "Open inputs (chosen by itself): nano, pads (gone)",
        "Clock: none",
    ]


def test_an_empty_table_says_so(ready: Stage) -> None:
    page = opened(ready)
    ground = page.table.viewport()
    ready.window.hear(heard(midi=full_info()["midi"] | {"mappings": []}))
    QApplication.processEvents()
    middle = pixels(ground)[ground.height() // 2 - 10 : ground.height() // 2 + 10]
    assert (middle != middle[0, 0]).any()
    assert not page.editor.isVisible()


def test_an_encoder_is_chosen_by_what_it_sends(ready: Stage) -> None:
    page = opened(ready)
    mapping = {"target": "mix", "number": 7, "mode": "relative", "encoding": "offset"}
    ready.window.hear(heard(midi=full_info()["midi"] | {"mappings": [mapping]}))
    choice = page.editor.choices["encoding"]
    assert choice.currentText() == "65 / 63"
    assert {choice.itemText(k) for k in range(choice.count())} == {"1 / 127", "65 / 63", "1 / 65"}
    choice.textActivated.emit("1 / 65")
    assert asked(ready, "mapping.set")[-1]["encoding"] == "sign_magnitude"


def test_a_mapping_is_edited(qtbot: QtBot, ready: Stage) -> None:
    page = opened(ready)
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


def test_a_clock_that_wavers_disturbs_nobody_who_edits(ready: Stage) -> None:
    page = opened(ready)
    page.table.selectRow(1)
    item = page.table.item(1, 0)
    for bpm in (120.0, 120.1):
        ready.window.hear(heard(midi=full_info()["midi"] | {"clock": bpm}))
        assert f"Clock: {bpm} bpm" in page.facts.text()
    assert page.table.item(1, 0) is item
    assert page.table.place == 1


def test_mappings_follow_what_the_host_says_and_what_latents_are_called(ready: Stage) -> None:
    page = opened(ready)
    mappings = [{"target": "latent.1.offset", "kind": "cc", "number": 9}]
    ready.window.hear(heard(midi=full_info()["midi"] | {"mappings": mappings}))
    assert page.table.rowCount() == 1
    assert page.table.item(0, 0).text() == "1 brightness: offset"
    other = {"name": "m", "latents": [{"name": "air"}]}
    ready.window.hear(heard(midi=full_info()["midi"] | {"mappings": mappings}, model=other))
    assert page.table.item(0, 0).text() == "1 air: offset"


def test_an_end_is_typed(qtbot: QtBot, ready: Stage) -> None:
    page = opened(ready)
    qtbot.mouseClick(page.editor.numbers["low"], LEFT)
    (ask,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, Ask) and w.isVisible()]
    ask.field.setText("\u22121,5")
    qtbot.keyClick(ask.field, Qt.Key.Key_Return)
    assert asked(ready, "mapping.set")[0]["low"] == -1.5


def test_what_is_typed_for_a_mapping_that_goes_meanwhile_reaches_no_other(
    qtbot: QtBot, ready: Stage
) -> None:
    page = opened(ready)
    qtbot.mouseClick(page.editor.numbers["low"], LEFT)
    (ask,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, Ask) and w.isVisible()]
    other = {"target": "mix", "kind": "cc", "number": 7, "low": 0.0, "high": 1.0}
    ready.window.hear(heard(midi=full_info()["midi"] | {"mappings": [other]}))
    ask.field.setText("0.5")
    qtbot.keyClick(ask.field, Qt.Key.Key_Return)
    assert asked(ready, "mapping.set") == []


def test_a_mapping_is_removed(qtbot: QtBot, ready: Stage) -> None:
    page = opened(ready)
    page.table.selectRow(1)
    qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    (said,) = ready.sent
    assert (said["do"], said["index"]) == ("mapping.remove", 1)
    assert said["was"] == {
        "target": "mute.toggle", "kind": "note", "number": 36, "channel": None, "port": ""
    }  # fmt: skip


def test_the_mapping_that_is_chosen_stays_chosen_where_others_come_before_it(
    qtbot: QtBot, ready: Stage
) -> None:
    page = opened(ready)
    page.table.selectRow(1)
    learnt = {"target": "mix", "kind": "cc", "number": 7}
    mappings = [learnt, *full_info()["midi"]["mappings"]]
    ready.window.hear(heard(midi=full_info()["midi"] | {"mappings": mappings}))
    assert page.table.item(page.table.place, 0).text() == "mute"
    qtbot.mouseClick(page.editor.remove, LEFT)
    said = asked(ready, "mapping.remove")[-1]
    assert (said["index"], said["was"]["target"]) == (2, "mute.toggle")
