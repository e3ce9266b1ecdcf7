"""A model is known by what it sounds like: not by its name, its place or the words of its card."""

import shutil
from dataclasses import replace
from pathlib import Path

from rtvae.model.card import CARD_FILE
from rtvae.model.fingerprint import card_of, find_by_fingerprint, fingerprint, survey_print
from rtvae.model.space import SPACE_FILE
from tests.support.toy_model import make_toy_model


def _print(path: Path) -> str:
    return fingerprint(card_of(path))


def test_a_copy_a_zip_and_other_words_are_the_same_model(tmp_path: Path) -> None:
    toy = make_toy_model(tmp_path / "toy")
    wanted = _print(toy)
    copy = Path(shutil.copytree(toy, tmp_path / "copy"))
    card = (copy / CARD_FILE).read_text()
    (copy / CARD_FILE).write_text(card.replace('title = "', 'title = "Another '))
    zipped = Path(shutil.make_archive(str(tmp_path / "zipped"), "zip", toy))
    assert _print(copy) == _print(zipped) == wanted


def test_a_survey_leaves_a_model_what_it_was(tmp_path: Path) -> None:
    card = card_of(make_toy_model(tmp_path / "toy"))
    surveyed = replace(card, files={**card.files, SPACE_FILE: "0" * 64})
    assert fingerprint(surveyed) == fingerprint(card)
    assert (survey_print(card), survey_print(surveyed)) == ("", "0" * 64)


def test_other_weights_are_another_model(tmp_path: Path) -> None:
    first, second = (make_toy_model(tmp_path / str(k), seed=k) for k in range(2))
    assert _print(first) != _print(second)


def test_a_model_is_found_where_it_was_or_in_the_library(tmp_path: Path) -> None:
    library = tmp_path / "models"
    old = make_toy_model(tmp_path / "old")
    wanted = _print(old)
    make_toy_model(library / "other", seed=1, name="other")
    assert find_by_fingerprint(wanted, [old], library) == old
    old.rename(library / "renamed")
    assert find_by_fingerprint(wanted, [old], library) == library / "renamed"
    shutil.rmtree(library / "renamed")
    assert find_by_fingerprint(wanted, [old], library) is None
