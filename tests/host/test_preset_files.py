"""Preset files: the bundled ones are valid, names are found, a failed save costs nothing."""

import os
from pathlib import Path

import pytest

from rtvae import paths
from rtvae.control.preset_tables import PRESET_FORMAT
from rtvae.control.presets import ModelName, Preset, parse_preset
from rtvae.errors import PresetError
from rtvae.host.preset_files import (
    DEFAULT_PRESET,
    check_name,
    find_preset,
    find_set_list,
    list_presets,
    list_set_lists,
    load_preset,
    load_set_list,
    save_own,
    save_preset,
)
from rtvae.model.fingerprint import card_of, fingerprint

BUNDLED = sorted(paths.presets_dir().glob("*.toml"))
SET_LISTS = sorted((paths.presets_dir() / "set-lists").glob("*.toml"))
SAVED = Preset("mine", ModelName("first"), settings=(("mix", 0.5), ("latent.2.offset", 1.0)))


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_every_bundled_preset_is_valid_and_its_models_are_those_it_means(path: Path) -> None:
    preset = load_preset(path)
    assert check_name(preset.name)
    attributes: tuple[str, ...] = ()
    for model in (preset.model, preset.beside):
        if model is not None:
            card = card_of(paths.models_dir() / model.name)
            assert fingerprint(card) == model.hash
    if preset.model is not None:
        card = card_of(paths.models_dir() / preset.model.name)
        attributes = tuple(latent.attribute for latent in card.latents)
        assert preset.highest_latent <= card.latent_count
        assert preset.values(attributes)[1] == []


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_bundled_presets_leave_the_knobs_to_the_controllers_maps(path: Path) -> None:
    assert load_preset(path).midi == ()


@pytest.mark.parametrize("path", SET_LISTS, ids=lambda path: path.stem)
def test_every_bundled_set_list_is_valid_and_its_presets_are_there(path: Path) -> None:
    entries = load_set_list(path).entries
    assert entries
    found = [find_preset(entry.preset, paths.presets_dir()) for entry in entries]
    assert [load_preset(file).name for file in found] == [entry.preset for entry in entries]


def test_the_default_preset_leaves_the_sound_as_it_is() -> None:
    preset = load_preset(find_preset(DEFAULT_PRESET, paths.presets_dir()))
    assert preset.values(())[0] == Preset("rest").values(())[0]


def test_a_preset_is_found_by_name_or_by_path(tmp_path: Path) -> None:
    file = tmp_path / "warm.toml"
    file.write_text("format = 1\n")
    assert find_preset("warm", tmp_path) == file
    assert find_preset(str(file), tmp_path / "elsewhere") == file


def test_a_name_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "outside.toml").write_text("format = 1\n")
    inside = tmp_path / "presets"
    inside.mkdir()
    with pytest.raises(PresetError, match=r"no preset file \.\./outside;"):
        find_preset("../outside", inside)


@pytest.mark.parametrize("wanted", ["~nobody-of-this-name/a.toml", "a" * 5000 + ".toml", "a\0/b"])
def test_a_path_that_no_system_takes_is_one_sentence(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(PresetError, match="no preset file"):
        find_preset(wanted, tmp_path)


def test_a_wrong_name_is_told_with_the_names_there_are(tmp_path: Path) -> None:
    (tmp_path / "warm.toml").write_text("format = 1\n")
    with pytest.raises(PresetError, match=r"no preset 'cold'.*warm"):
        find_preset("cold", tmp_path)
    with pytest.raises(PresetError, match=r"no set list 'friday'.*none"):
        find_set_list("friday", tmp_path)


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="cannot be read"):
        load_preset(tmp_path)
    noise = tmp_path / "noise.toml"
    noise.write_bytes(bytes(range(256)))
    with pytest.raises(PresetError, match="is no text"):
        load_preset(noise)
    huge = tmp_path / "huge.toml"
    with open(huge, "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(PresetError, match="larger than 1 MB"):
        load_preset(huge)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    save_preset(SAVED, path)
    assert load_preset(path) == SAVED
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_save_that_fails_keeps_the_old_preset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "mine.toml"
    save_preset(Preset("mine"), path)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(PresetError, match="No space left on device"):
        save_preset(SAVED, path)
    assert load_preset(path) == Preset("mine")
    assert list(tmp_path.iterdir()) == [path]


def test_a_preset_of_the_players_own_stands_before_ours_and_ours_is_never_written(
    tmp_path: Path,
) -> None:
    bundled, own = tmp_path / "presets", [tmp_path / "presets" / "user", tmp_path / "data"]
    bundled.mkdir()
    text = f"format = {PRESET_FORMAT}\n"
    for name in ("mine", "warm"):
        (bundled / f"{name}.toml").write_text(text)
    path = save_own(SAVED, own)
    assert path == own[0] / "mine.toml"
    assert (bundled / "mine.toml").read_text() == text
    assert find_preset("mine", bundled, own) == path
    listed = [(entry.name, entry.own, entry.hides) for entry in list_presets(bundled, own)]
    assert listed == [("mine", True, True), ("warm", False, False)]


def test_where_our_folder_cannot_be_written_the_users_data_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    own = [tmp_path / "file" / "user", tmp_path / "data" / "presets"]
    assert save_own(SAVED, own) == own[1] / "mine.toml"
    with pytest.raises(PresetError, match=r"mine cannot be saved: .*user cannot be written"):
        save_own(SAVED, own[:1])


def test_what_was_saved_in_one_place_is_saved_there_again(tmp_path: Path) -> None:
    own = [tmp_path / "a", tmp_path / "b"]
    own[1].mkdir()
    save_preset(Preset("mine"), own[1] / "mine.toml")
    assert save_own(SAVED, own) == own[1] / "mine.toml"


def test_set_lists_are_listed_with_the_players_own(tmp_path: Path) -> None:
    own = tmp_path / "user"
    for folder in (tmp_path, own):
        (folder / "set-lists").mkdir(parents=True)
        (folder / "set-lists" / "friday.toml").write_text(
            'format = 1\n[[entry]]\npreset = "default"\n'
        )
    listed = list_set_lists(tmp_path, [own])
    assert [(entry.name, entry.hides) for entry in listed] == [("friday", True)]
    assert load_set_list(find_set_list("friday", tmp_path, [own])).entries[0].preset == "default"


@pytest.mark.parametrize("name", ["Glass", "Stage 2", "Für Elise", "o'clock", "a.b", "x" * 64])
def test_names_that_a_player_gives_are_taken(name: str) -> None:
    assert check_name(name) == name
    assert parse_preset(f"format = {PRESET_FORMAT}\n", name).name == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".hidden",
        "a/b",
        "a\\b",
        "a\0",
        "a\nb",
        "CON",
        "com1",
        "x" * 65,
        "end.",
        "end ",
        "a:b",
        "x.toml",
        "user",
        "set-lists",
        "-",
        "a*",
    ],
)
def test_names_that_make_trouble_are_refused(name: str) -> None:
    with pytest.raises(PresetError, match="cannot be a preset's name"):
        check_name(name)
