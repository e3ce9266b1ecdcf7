"""What a session begins with: what is asked for, else what a crash has left, else the default."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from rtvae.control.presets import ModelName, Preset
from rtvae.errors import PresetError
from rtvae.host.autosave import Saved, left_behind, to_text
from rtvae.host.beginning import Beginning, find_beginning
from rtvae.host.places import Places
from rtvae.host.plan import PlayRequest
from rtvae.model.library import DEFAULT_MODEL, find_model
from tests.support.home import make_home


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = make_home(tmp_path_factory.mktemp("home"))
    (home / "presets" / "default.toml").write_text(
        'format = 2\n[[midi]]\nnumber = 1\ntarget = "mix"\n'
    )
    (home / "presets" / "Pair.toml").write_text(
        f'format = 2\nmodel = "second"\nbeside = "{DEFAULT_MODEL}"\n'
    )
    (home / "presets" / "set-lists").mkdir()
    (home / "presets" / "set-lists" / "friday.toml").write_text(
        'format = 1\n[[entry]]\npreset = "Pair"\nnote = "softly"\n[[entry]]\npreset = "knobs"\n'
    )
    return home


@pytest.fixture
def home(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "home"))


def begin(home: Path, **request: object) -> Beginning:
    places = Places(home / "models", home / "presets", [home / "own"])
    asked = PlayRequest(**request)  # type: ignore[arg-type]
    return find_beginning(
        asked, places, lambda name: find_model(name, places.models), home / "left"
    )


def leave(home: Path, **changes: object) -> Saved:
    """Write what a session leaves that died."""
    saved = Saved(
        Preset("Pair", ModelName("second"), settings=(("mix", 0.25),)),
        str(home / "models" / "second"),
        str(home / "models" / DEFAULT_MODEL),
        "friday",
        1,
        muted=True,
        dirty=True,
    )
    saved = replace(saved, **changes)  # type: ignore[arg-type]
    (home / "left").mkdir(exist_ok=True)
    (home / "left" / "a.json").write_text(to_text(saved))
    return saved


def said(beginning: Beginning) -> str:
    return " ".join(note.sentence for note in beginning.notes)


def test_as_usual_it_is_the_default_preset_and_our_model(home: Path) -> None:
    beginning = begin(home)
    assert beginning.standing.preset.name == "default"
    assert (beginning.model.name, beginning.second) == (DEFAULT_MODEL, None)
    assert (beginning.left, said(beginning)) == (None, "")
    assert beginning.values(())["mute"] == 0.0


def test_a_preset_brings_its_models_and_the_usual_knobs(home: Path) -> None:
    beginning = begin(home, preset="Pair")
    assert (beginning.model.name, beginning.second.name) == ("second", DEFAULT_MODEL)  # type: ignore[union-attr]
    assert [route.target for route in beginning.standing.preset.midi] == ["mix"]
    own = begin(home, preset="knobs").standing.preset
    assert [route.target for route in own.midi] == ["latent.1.offset"]


def test_what_is_named_on_the_command_line_goes_before_the_preset(home: Path) -> None:
    beginning = begin(home, preset="Pair", model=DEFAULT_MODEL)
    assert (beginning.model.name, beginning.second) == (DEFAULT_MODEL, None)
    beginning = begin(home, preset="knobs", blend="second")
    assert (beginning.model.name, beginning.second.name) == (DEFAULT_MODEL, "second")  # type: ignore[union-attr]


def test_a_set_list_begins_with_its_first_preset_or_the_one_that_is_named(home: Path) -> None:
    beginning = begin(home, set_list="friday")
    assert (beginning.standing.preset.name, beginning.standing.place) == ("Pair", 0)
    assert said(beginning) == "Preset Pair, 1 of 2 in friday: softly"
    assert begin(home, set_list="friday", preset="knobs").standing.place == 1
    assert begin(home, set_list="friday", preset="default").standing.place is None


def test_latents_that_the_model_does_not_have_are_told(home: Path) -> None:
    notes = begin(home, preset="knobs").about(("",), "tiny")
    assert [note.sentence for note in notes] == [
        "Preset knobs speaks of 2 latents and model tiny has 1; the others do nothing."
    ]


def test_what_a_crash_left_is_gone_on_with(home: Path) -> None:
    saved = leave(home)
    beginning = begin(home)
    standing = beginning.standing
    assert standing.preset == saved.preset
    assert (standing.dirty, standing.place) == (True, 1)
    assert (str(beginning.model), str(beginning.second)) == (saved.model, saved.beside)
    assert (beginning.values(())["mix"], beginning.values(())["mute"]) == (0.25, 1.0)
    assert "had no proper end" in said(beginning)
    assert beginning.left is not None
    # It is taken: who starts meanwhile begins anew.
    assert begin(home).left is None
    beginning.left.mark.close()


@pytest.mark.parametrize(
    "request_",
    [
        {"fresh": True},
        {"preset": "knobs"},
        {"model": "second"},
        {"blend": "second"},
        {"set_list": "friday"},
        {"driver": "file"},
    ],
)
def test_who_asks_for_something_gets_that_and_the_rest_waits(
    home: Path, request_: dict[str, object]
) -> None:
    leave(home)
    assert begin(home, **request_).left is None
    (left,) = left_behind(home / "left")
    left.mark.close()


def test_where_the_model_has_moved_it_is_found_by_what_it_is(home: Path) -> None:
    leave(home, model=str(home / "gone" / "second"))
    beginning = begin(home)
    assert beginning.model == home / "models" / "second"
    assert beginning.left is not None
    beginning.left.mark.close()


def test_what_cannot_be_gone_on_with_is_told_and_put_aside(home: Path) -> None:
    leave(home, model=str(home / "gone"), preset=Preset("x"))
    beginning = begin(home)
    assert beginning.standing.preset.name == "default"
    assert "needs model" in said(beginning)
    assert [path.name for path in (home / "left").iterdir()] == ["a.broken"]
    (home / "left" / "b.json").write_text("{")
    assert "cannot be read" in said(begin(home))
    assert list(left_behind(home / "left")) == []


def test_a_model_that_was_damaged_since_does_not_keep_rtvae_from_playing(home: Path) -> None:
    leave(home)
    (home / "models" / "second" / "decoder-1.onnx").write_bytes(b"rubbish")
    beginning = begin(home)
    assert beginning.standing.preset.name == "default"
    assert beginning.model.name == DEFAULT_MODEL
    assert "decoder-1.onnx" in said(beginning)
    assert said(begin(home)) == "", "put aside, and told once"


def test_a_set_list_that_is_gone_costs_only_itself(home: Path) -> None:
    leave(home, set_list="saturday")
    beginning = begin(home)
    assert (beginning.standing.show, beginning.standing.place) == (None, None)
    assert "no set list 'saturday'" in said(beginning)
    assert beginning.left is not None
    beginning.left.mark.close()


def test_a_set_list_or_preset_that_cannot_be_is_refused_at_once(home: Path) -> None:
    with pytest.raises(PresetError, match="no set list 'saturday'"):
        begin(home, set_list="saturday")
    with pytest.raises(PresetError, match="no preset 'warm'"):
        begin(home, preset="warm")
