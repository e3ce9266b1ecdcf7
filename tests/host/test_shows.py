"""Shows with an engine that answers as a test says: what is undone, kept and written down."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rtvae.control.presets import Preset, SnapshotSetting
from rtvae.control.routes import Route
from rtvae.errors import PresetError
from rtvae.host.autosave import Autosave, left_behind, read
from rtvae.host.console import Console
from rtvae.host.notes import Note
from rtvae.host.part import Backstage
from rtvae.host.places import Places
from rtvae.host.settings import Settings
from rtvae.host.shows import Shows
from rtvae.host.standing import Standing
from rtvae.link.control_block import ControlReader, ControlWriter
from rtvae.link.session_memory import create_session_folder, open_control, remove_session_folder
from tests.support.supervised import SupervisorRig
from tests.support.toy_model import make_toy_model

KNOB = Route("latent.1.offset", -1.0, 1.0, number=7)
OTHER_KNOB = Route("mix", 0.0, 1.0, number=8)
SNAPSHOT = SnapshotSetting(1, (0.5,), (1.0,))


class Kept:
    """A keeper of a mapping and snapshots."""

    def __init__(self) -> None:
        self.midi: tuple[Route, ...] = ()
        self.snapshots: tuple[SnapshotSetting, ...] = ()

    def keep(self, preset: Preset) -> Preset:
        return replace(preset, midi=self.midi, snapshots=self.snapshots)

    def recall(self, preset: Preset) -> None:
        self.midi, self.snapshots = preset.midi, preset.snapshots


class Stage:
    """A session whose engine does as it is told, and its shows."""

    def __init__(self, folder: Path, session: Path, begin: Preset, **options: Any) -> None:
        self.rig = SupervisorRig(session)
        self.rig.supervisor.start.update(model=str(folder / "models" / "warm"), blend=None)
        self.rig.play()
        self.notes: list[Note] = []
        self.failed = False
        self.kept = Kept()
        control = open_control(session)
        self.reader = ControlReader(control)
        self.console = Console(Settings(ControlWriter(control)))
        backstage = Backstage(
            self.console,
            self.notes.append,
            lambda name, beside: None,
            lambda: self.rig.supervisor.facts,
            self.rig.supervisor._telemetry,
            session,
            lambda: self.rig.supervisor,
            lambda command: self.rig.supervisor.ask(dict(command)),
            [self.kept],
            lambda: self.failed,
        )
        values = begin.values(())[0]
        self.console.set(values, "preset")
        self.now_s = 50.0
        places = Places(folder / "models", folder / "presets", [folder / "own"])
        self.shows = Shows(
            backstage,
            places,
            Standing(begin, begin),
            values,
            autosave=lambda note: Autosave(folder / "autosave", note, every_s=0.0),
            clock=lambda: self.now_s,
            **options,
        )
        self.step()

    def do(self, deed: str, **arguments: Any) -> None:
        self.shows.deeds()[deed](arguments)
        self.step()

    def set(self, by: Any = "window", **values: float) -> None:
        self.console.set({name.replace("__", "."): v for name, v in values.items()}, by)
        self.step()

    def step(self) -> None:
        self.now_s += 5.0
        self.rig.step()
        self.shows.step(self.now_s)

    def answer(self, event: str = "loaded", **fields: Any) -> None:
        self.rig.engine.said.append({"event": event, **fields})
        self.step()

    @property
    def told(self) -> list[dict[str, Any]]:
        """The changes that the engine was asked for."""
        return [told for told in self.rig.engine.told if told["do"] == "change"]

    @property
    def shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = self.shows.info()["show"]
        return shown

    @property
    def sentences(self) -> list[str]:
        return [note.sentence for note in self.notes]

    def value(self, name: str) -> float:
        return self.console.values()[name]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stage")
    for k, name in enumerate(("warm", "cold")):
        make_toy_model(folder / "models" / name, seed=k, name=name)
    presets = {
        "here": "[mix]\nmix = 0.5\n",
        "there": 'model = "cold"\n[mix]\nmix = 0.25\n',
        "knobs": '[[midi]]\nnumber = 8\ntarget = "mix"\n',
        "lost": 'model = "nowhere"\n',
    }
    (folder / "presets" / "set-lists").mkdir(parents=True)
    for name, text in presets.items():
        (folder / "presets" / f"{name}.toml").write_text(f"format = 2\n{text}")
    for name, entries in (("one", ("here", "there", "knobs")), ("bad", ("here", "lost"))):
        text = "".join(f'[[entry]]\npreset = "{entry}"\n' for entry in entries)
        (folder / "presets" / "set-lists" / f"{name}.toml").write_text(f"format = 1\n{text}")
    return folder


@pytest.fixture
def stage(folder: Path) -> Iterator[Stage]:
    session = create_session_folder()
    stage = Stage(folder, session, Preset("begin", midi=(KNOB,)))
    yield stage
    stage.shows.close()
    remove_session_folder(session)


def test_what_a_session_begins_with_is_clean_and_other_parts_know_of_it(stage: Stage) -> None:
    assert stage.kept.midi == (KNOB,)
    assert stage.shown["preset"] == "begin"
    assert stage.shown["presets"] == ["here", "knobs", "lost", "there"]
    assert stage.shown["set_lists"] == ["bad", "one"]
    assert not stage.shown["dirty"]
    assert stage.shown["undo"] == stage.shown["redo"] == ""


def test_a_preset_for_the_same_model_is_there_at_once(stage: Stage) -> None:
    stage.do("preset.load", name="here")
    assert stage.value("mix") == 0.5
    assert stage.told == []
    assert stage.kept.midi == (KNOB,)  # it says nothing of knobs
    assert stage.sentences == ["Preset here."]
    stage.do("preset.load", name="knobs")
    assert stage.kept.midi == (OTHER_KNOB,)


def test_with_another_model_values_go_with_it_and_not_before_it(stage: Stage) -> None:
    stage.do("preset.load", name="there")
    (asked,) = stage.told
    assert Path(asked["model"]).name == "cold"
    assert asked["values"]["mix"] == 0.25
    assert not asked["values"].keys() & {"mute", "looper", "beat", "test_tone"}
    assert stage.value("mix") == 1.0
    assert stage.sentences == []
    stage.answer(scene=asked["number"], model="cold")
    assert stage.value("mix") == 0.25
    assert int(stage.reader._scene_number[0]) == asked["number"]
    assert stage.shown["preset"] == "there"
    assert not stage.shown["dirty"]


def test_a_model_that_the_engine_refuses_changes_nothing(stage: Stage) -> None:
    stage.do("preset.load", name="there")
    stage.answer("refused", do="load", sentence="It is damaged.")
    assert stage.value("mix") == 1.0
    assert stage.shown["preset"] == "begin"
    assert stage.shown["undo"] == ""
    assert stage.sentences == ["Preset there was not loaded."]
    stage.do("preset.load", name="here")
    assert stage.shown["preset"] == "here"


def test_of_two_presets_in_a_hurry_the_later_one_stays(stage: Stage) -> None:
    stage.do("preset.load", name="there")
    stage.do("preset.load", name="here")
    first, second = stage.told
    assert second["model"] == first["model"]  # it has none of its own
    stage.answer(scene=first["number"], model="cold")
    assert stage.value("mix") == 0.25
    stage.answer(scene=second["number"], model="cold")
    assert stage.value("mix") == 0.5
    assert stage.shown["preset"] == "here"
    stage.do("undo")
    assert stage.value("mix") == 0.25
    assert stage.shown["preset"] == "there"


def test_undo_brings_back_values_presets_models_mapping_and_snapshots(stage: Stage) -> None:
    stage.set(latent__1__offset=1.0)
    stage.kept.midi = (KNOB, OTHER_KNOB)
    stage.step()
    stage.kept.snapshots = (SNAPSHOT,)
    stage.step()
    stage.do("preset.load", name="there")
    stage.answer(scene=stage.told[-1]["number"], model="cold")
    assert stage.kept.snapshots == ()
    texts = []
    while stage.shown["undo"]:
        texts.append(stage.shown["undo"])
        stage.do("undo")
        if len(stage.told) == 2:
            stage.answer(scene=stage.told[-1]["number"], model="warm")
            assert Path(stage.rig.supervisor.start["model"]).name == "warm"
            assert stage.kept.snapshots == (SNAPSHOT,)
            assert stage.value("latent.1.offset") == 1.0
            stage.rig.engine.told.clear()
    assert texts == [
        "undo: preset there",
        "undo: snapshots",
        "undo: MIDI mapping",
        "undo: latent 1 offset",
    ]
    assert stage.value("latent.1.offset") == 0.0
    assert (stage.kept.midi, stage.kept.snapshots) == ((KNOB,), ())
    assert not stage.shown["dirty"]
    for _ in texts[:3]:
        stage.do("redo")
    assert stage.kept.snapshots == (SNAPSHOT,)
    assert stage.value("latent.1.offset") == 1.0
    assert stage.shown["redo"] == "redo: preset there"


def test_a_model_chosen_in_the_window_is_an_edit_too(stage: Stage, folder: Path) -> None:
    cold = str((folder / "models" / "cold").resolve())
    stage.rig.supervisor.load(cold)
    stage.answer(model="cold")
    assert stage.shown["undo"] == "undo: model cold"
    assert stage.shown["dirty"]
    stage.do("undo")
    assert Path(stage.told[0]["model"]).name == "warm"
    stage.answer(scene=stage.told[0]["number"], model="warm")
    assert not stage.shown["dirty"]
    assert stage.shown["redo"] == "redo: model cold"


def test_a_show_has_the_models_ready_of_what_comes_next_and_what_was_before(
    stage: Stage,
) -> None:
    stage.do("set_list.load", name="one")
    assert (stage.shown["place"], stage.shown["next"]) == (0, "there")
    prepared = [t for t in stage.rig.engine.told if t["do"] == "prepare"][-1]
    assert [Path(model).name for model, _ in prepared["lineups"]] == ["cold"]
    stage.do("preset.next")
    stage.answer(scene=stage.told[-1]["number"], model="cold")
    stage.do("preset.next")
    assert stage.shown["place"] == 2
    with pytest.raises(PresetError, match="Set list one has ended"):
        stage.do("preset.next")
    stage.do("preset.load", number=1)
    assert (stage.shown["preset"], stage.shown["place"]) == ("here", 0)
    with pytest.raises(PresetError, match="no preset number 4: set list one has 3"):
        stage.do("preset.load", number=4)
    stage.do("set_list.load", name="")
    assert (stage.shown["set_list"], stage.shown["place"]) == ("", None)


def test_a_set_list_with_a_preset_that_cannot_be_played_is_refused_whole(stage: Stage) -> None:
    with pytest.raises(PresetError, match="Set list bad cannot be used, because of entry 2"):
        stage.do("set_list.load", name="bad")
    assert stage.shown["set_list"] == ""


def test_without_a_show_next_and_previous_go_through_all_presets(stage: Stage) -> None:
    stage.do("preset.load", name="here")
    stage.do("preset.next")
    assert stage.shown["preset"] == "knobs"
    stage.do("preset.previous")
    with pytest.raises(PresetError, match="no preset before here"):
        stage.do("preset.previous")


def test_what_is_saved_is_the_whole_state_and_then_clean(stage: Stage, folder: Path) -> None:
    stage.set(latent__2__scale=0.3)
    assert stage.shown["dirty"]
    stage.do("preset.save", name="Mine")
    assert not stage.shown["dirty"]
    assert "Mine" in stage.shown["presets"]
    text = (folder / "own" / "Mine.toml").read_text()
    assert "scale = 0.3" in text  # as it was turned, not as float32 rounds it
    assert 'model = "warm"' in text
    stage.set(latent__2__scale=1.0)
    stage.do("preset.load", name="Mine")
    assert stage.value("latent.2.scale") == pytest.approx(0.3)
    assert stage.kept.midi == (KNOB,)
    (folder / "own" / "Mine.toml").unlink()


def test_all_of_it_is_written_down_and_nothing_is_left_after_a_proper_end(
    stage: Stage, folder: Path
) -> None:
    stage.do("set_list.load", name="one")
    stage.set(mute=1.0, latent__2__scale=0.3)
    files = list((folder / "autosave").glob("*.json"))
    stage.rig.stand_still(0.02)
    for _ in range(1000):
        files = list((folder / "autosave").glob("*.json"))
        if files and "0.3" in files[0].read_text() and json.loads(files[0].read_text())["muted"]:
            break
        stage.rig.stand_still(0.02)
    assert list(left_behind(folder / "autosave")) == []  # it lives
    saved = read(files[0])
    assert dict(saved.preset.settings)["latent.2.scale"] == 0.3
    assert (saved.set_list, saved.place, saved.muted, saved.dirty) == ("one", 0, True, True)
    assert Path(saved.model).name == "warm"
    stage.shows.close()
    assert list((folder / "autosave").iterdir()) == []


def test_a_session_that_an_error_ends_leaves_what_it_played(stage: Stage, folder: Path) -> None:
    stage.set(latent__2__scale=0.4)
    stage.failed = True
    stage.shows.close()
    (left,) = left_behind(folder / "autosave")
    assert dict(read(left.path).preset.settings)["latent.2.scale"] == 0.4
    left.remove()


def test_an_error_before_the_first_sound_leaves_only_what_was_there_before(
    stage: Stage, folder: Path
) -> None:
    stage.rig.supervisor._facts.clear()
    stage.failed = True
    stage.shows.close()
    assert list((folder / "autosave").iterdir()) == []
