"""What is held out: whole files where there are enough, the same ones every time."""

import pytest

from rtvae.training.judging import judging_files, tail_seconds


@pytest.mark.parametrize(
    "seconds",
    [[60.0] * 20, [3.0] * 400, [200.0, *[20.0] * 40], [float(k) for k in range(10, 60)]],
    ids=["equal", "many short", "one long", "mixed"],
)
def test_about_five_percent_in_whole_files(seconds: list[float]) -> None:
    names = [f"take {k}.wav" for k in range(len(seconds))]
    chosen = judging_files(names, seconds)
    assert 0.04 < sum(seconds[k] for k in chosen) / sum(seconds) < 0.17


def test_the_choice_hangs_on_names_and_not_on_their_order() -> None:
    names = [f"take {k}.wav" for k in range(40)]
    seconds = [10.0 + k % 7 for k in range(40)]
    chosen = {names[k] for k in judging_files(names, seconds)}
    turned = {names[::-1][k] for k in judging_files(names[::-1], seconds[::-1])}
    assert chosen == turned
    assert len(chosen) > 1


def test_a_new_recording_leaves_most_of_the_choice_alone() -> None:
    names = [f"take {k}.wav" for k in range(60)]
    before = {names[k] for k in judging_files(names, [20.0] * 60)}
    more = [*names, "one more.wav"]
    after = {more[k] for k in judging_files(more, [20.0] * 61)}
    assert len(before - after) <= 1


@pytest.mark.parametrize(
    "seconds",
    [[600.0], [300.0, 300.0, 300.0], [900.0, 2.0, 2.0, 2.0, 2.0]],
    ids=["one file", "three files", "nearly all in one"],
)
def test_where_whole_files_would_be_too_much_or_too_little_there_are_none(
    seconds: list[float],
) -> None:
    assert judging_files([f"{k}.wav" for k in range(len(seconds))], seconds) == frozenset()


def test_then_every_file_gives_its_end() -> None:
    assert tail_seconds(600.0, 600.0) == 30.0
    assert tail_seconds(10.0, 100.0) == 0.5
    assert tail_seconds(20.0, 20.0) == 3.0
