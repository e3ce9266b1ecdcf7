"""The shelf: the same model again costs no loading, a changed one is loaded, none is lent twice."""

from pathlib import Path

import pytest

from rtvae.engine.shelf import ROOM, Shelf
from rtvae.errors import ModelError
from rtvae.model.identity import IdentityModel


class Loaded:
    """Counts what is loaded."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def __call__(self, path: Path) -> IdentityModel:
        if not path.exists():
            raise ModelError(f"There is no model {path.name}.")
        self.paths.append(path.name)
        return IdentityModel(64)


@pytest.fixture
def load() -> Loaded:
    return Loaded()


def _make(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    (folder / name / "model.toml").write_text(name)
    return folder / name


def test_a_model_that_was_put_back_is_taken_again(load: Loaded, tmp_path: Path) -> None:
    shelf, path = Shelf(load), _make(tmp_path, "a")
    first = shelf(path)
    assert shelf(path) is not first  # it plays still
    shelf.put(first)
    assert shelf(path) is first
    assert load.paths == ["a", "a"]


def test_a_model_whose_files_have_changed_is_loaded(load: Loaded, tmp_path: Path) -> None:
    shelf, path = Shelf(load), _make(tmp_path, "a")
    first = shelf(path)
    shelf.put(first)
    (path / "model.toml").write_text("longer than before")
    assert shelf(path) is not first


def test_there_is_room_for_a_few(load: Loaded, tmp_path: Path) -> None:
    shelf = Shelf(load)
    paths = [_make(tmp_path, str(k)) for k in range(ROOM + 1)]
    models = [shelf(path) for path in paths]
    for model in models:
        shelf.put(model)
    assert [shelf(path) is model for path, model in zip(paths[1:], models[1:], strict=True)] == (
        [True] * ROOM
    )
    assert shelf(paths[0]) is not models[0]


def test_what_cannot_be_found_is_the_loaders_to_refuse(load: Loaded, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model gone"):
        Shelf(load)(tmp_path / "gone")
