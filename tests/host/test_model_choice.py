"""Which model a preset means: its name first, then what it is, and every doubt is said."""

import shutil
from pathlib import Path

import pytest

from rtvae.control.presets import ModelName
from rtvae.errors import PresetError
from rtvae.host.model_choice import attributes_of, choose, name_of
from tests.support.toy_model import make_identity_model, make_toy_model


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_toy_model(folder / "warm", name="warm")
    make_identity_model(folder / "plain", name="plain")
    return folder


def saved(path: Path) -> ModelName:
    found = name_of(path)
    assert found is not None
    return found


def test_the_model_of_that_name_and_content_plays_without_a_word(models: Path) -> None:
    chosen = choose(saved(models / "warm"), models)
    assert (chosen.path, chosen.said) == (models / "warm", "")
    assert chosen.attributes == attributes_of(models / "warm")
    assert choose(ModelName("warm"), models).said == ""


def test_another_model_of_that_name_plays_and_that_is_said(models: Path) -> None:
    chosen = choose(ModelName("warm", "0" * 64), models)
    assert chosen.path == models / "warm"
    assert "not the one that was saved" in chosen.said


def test_a_model_that_is_called_otherwise_here_is_found_by_what_it_is(models: Path) -> None:
    chosen = choose(ModelName("gone", saved(models / "plain").hash), models)
    assert chosen.path == models / "plain"
    assert chosen.said == "Model gone is called plain here."


@pytest.mark.parametrize("hashed", ["", "0" * 64])
def test_a_model_that_is_nowhere_is_told_with_those_there_are(models: Path, hashed: str) -> None:
    with pytest.raises(PresetError, match=r"There is no model gone .*plain, warm"):
        choose(ModelName("gone", hashed), models)


def test_a_model_with_a_bad_card_is_told(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models, tmp_path, dirs_exist_ok=True)
    (tmp_path / "warm" / "model.toml").write_text("format = 'x'")
    with pytest.raises(PresetError, match="warm is invalid"):
        choose(ModelName("warm"), tmp_path)
    assert name_of(tmp_path / "warm") is None
    assert attributes_of(tmp_path / "warm") == ()


def test_a_model_elsewhere_is_named_by_its_folder_or_its_card(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models / "warm", tmp_path / "ours")
    shutil.copytree(models / "warm", tmp_path / "not a name")
    assert saved(tmp_path / "ours") == ModelName("ours", saved(models / "warm").hash)
    assert saved(tmp_path / "not a name").name == "warm"
