"""Preset files: the bundled ones are valid, names are found, a failed save costs nothing."""

import os
from pathlib import Path

import pytest

from rtvae import paths
from rtvae.control.presets import LatentSetting, Preset
from rtvae.errors import PresetError
from rtvae.host.preset_files import DEFAULT_PRESET, find_preset, load_preset, save_preset

BUNDLED = sorted(paths.presets_dir().glob("*.toml"))
SAVED = Preset("mine", model="first", mix=(("mix", 0.5),), latents=(LatentSetting(2, 1.0, 0.5),))


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_every_bundled_preset_is_valid_and_has_knobs(path: Path) -> None:
    preset = load_preset(path)
    assert len({(route.channel, route.number) for route in preset.midi}) >= 8


def test_the_default_preset_leaves_the_sound_as_it_is() -> None:
    preset = load_preset(find_preset(DEFAULT_PRESET, paths.presets_dir()))
    assert dict(preset.mix) == {
        "mix": 1.0,
        "input_gain_db": 0.0,
        "output_gain_db": 0.0,
        "variation": 0.0,
    }
    assert preset.latents == ()


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


def test_a_wrong_name_is_told_with_the_names_there_are(tmp_path: Path) -> None:
    (tmp_path / "warm.toml").write_text("format = 1\n")
    with pytest.raises(PresetError, match=r"no preset 'cold'.*warm"):
        find_preset("cold", tmp_path)


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
