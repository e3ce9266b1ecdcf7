"""The data that comes with rtvae is found beside the package, or where RTVAE_HOME says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rtvae import paths
from rtvae.errors import SetupError

PROJECT = Path(__file__).resolve().parent.parent


def test_what_the_project_ships_is_found_from_any_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("RTVAE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert paths.models_dir() == PROJECT / "models"
    assert paths.presets_dir() == PROJECT / "presets"
    assert paths.bundled_recording().parent == PROJECT / "recordings"
    assert paths.bundled_recording().is_file()


def test_another_home_is_named_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    monkeypatch.setenv("RTVAE_HOME", str(tmp_path))
    assert paths.models_dir() == tmp_path / "models"


@pytest.mark.parametrize("find", [paths.models_dir, paths.presets_dir, paths.bundled_recording])
def test_a_missing_folder_is_one_sentence_with_place_and_remedy(
    find: Callable[[], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RTVAE_HOME", str(tmp_path))
    with pytest.raises(SetupError) as caught:
        find()
    sentence = str(caught.value)
    assert str(tmp_path) in sentence
    assert "RTVAE_HOME" in sentence
    assert "\n" not in sentence


def test_what_the_player_keeps_lies_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RTVAE_CONFIG", str(tmp_path / "mine"))
    assert paths.config_dir() == tmp_path / "mine"
    monkeypatch.delenv("RTVAE_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("sys.platform", "linux")
    assert paths.config_dir() == tmp_path / "config" / "rtvae"
