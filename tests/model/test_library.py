"""Models are found by name or path; a wrong name lists the right ones."""

from pathlib import Path

import pytest

from rtvae.errors import ModelError
from rtvae.model.library import find_model, is_export, is_run, list_models
from tests.support.toy_model import make_toy_model
from tests.support.toy_run import export, make_run


def test_finds_by_name_and_by_path(tmp_path: Path) -> None:
    folder = make_toy_model(tmp_path / "models" / "toy")
    assert find_model("toy", tmp_path / "models") == folder
    assert find_model(str(folder), tmp_path / "empty") == folder


def test_a_wrong_name_lists_those_there_are(tmp_path: Path) -> None:
    make_toy_model(tmp_path / "bell")
    make_toy_model(tmp_path / "wind")
    with pytest.raises(ModelError, match=r"no model 'bel'; there are bell, wind"):
        find_model("bel", tmp_path)
    with pytest.raises(ModelError, match="there is none in"):
        find_model("bel", tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["x" * 300, "y/" * 3000, "~nobody-of-that-name/model"])
def test_a_name_that_no_file_can_have_is_a_wrong_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="There is no model"):
        find_model(name, tmp_path)


def test_a_name_never_leaves_the_folder(tmp_path: Path) -> None:
    make_toy_model(tmp_path / "secret")
    (tmp_path / "models").mkdir()
    with pytest.raises(ModelError):
        find_model("../secret", tmp_path / "models")


def test_lists_good_and_bad_models(tmp_path: Path) -> None:
    make_toy_model(tmp_path / "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "model.toml").write_text("format = 99")
    (tmp_path / "no model").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    bad, good = list_models(tmp_path)
    assert (bad.name, bad.card, good.name) == ("bad", None, "good")
    assert "newer rtvae" in bad.fault
    assert good.card is not None and good.card.latent_count == 4


@pytest.mark.parametrize("mark", ["log.jsonl", "checkpoint.safetensors", "prepared"])
def test_a_run_without_an_export_says_when_there_will_be_one(tmp_path: Path, mark: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / mark).touch()
    with pytest.raises(ModelError, match=r"has no model to play yet: training .* rtvae export"):
        find_model(str(tmp_path / "run"), tmp_path)


def test_the_folder_of_a_run_stands_for_its_newest_export(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    model = export(run, 0.5)
    assert find_model(str(run), tmp_path / "models") == model
    assert is_run(run) and is_export(model)


def test_a_model_that_keeps_its_checkpoint_is_no_run(tmp_path: Path) -> None:
    model = make_toy_model(tmp_path / "bell")
    (model / "checkpoint.safetensors").touch()
    assert find_model(str(model), tmp_path / "models") == model
    assert not is_run(model) and not is_export(model)
