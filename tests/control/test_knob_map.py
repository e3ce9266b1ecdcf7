"""Knobs carried over to another model: by what they are, else by number, and never two to one."""

from hypothesis import given
from hypothesis import strategies as st

from rtvae.control.knob_map import describe_map, map_latents, map_parameters
from rtvae.control.parameters import PARAMETER_COUNT, index_of

ATTRIBUTES = st.lists(st.sampled_from(["", "", "pitch", "loudness", "brightness"]), max_size=12)


def test_a_knob_that_is_pitch_moves_pitch_wherever_it_is() -> None:
    found = map_latents(["loudness", "", "pitch", ""], ["", "pitch", "", "loudness", ""])
    assert found == {0: 3, 2: 1}
    assert map_latents(["", "", ""], ["", ""]) == {0: 0, 1: 1}
    assert map_latents(["pitch", ""], ["", ""]) == {0: 0, 1: 1}


@given(ATTRIBUTES, ATTRIBUTES)
def test_every_place_is_taken_at_most_once(played: list[str], other: list[str]) -> None:
    found = map_latents(played, other)
    assert len(set(found.values())) == len(found)
    assert all(0 <= k < len(played) and 0 <= at < len(other) for k, at in found.items())
    for attribute in {"pitch", "loudness", "brightness"} & set(played) & set(other):
        assert found[played.index(attribute)] == other.index(attribute)
    assert describe_map(found, played, other)


@given(ATTRIBUTES)
def test_the_same_model_keeps_every_first_knob_of_a_kind(played: list[str]) -> None:
    found = map_latents(played, played)
    assert all(k == at for k, at in found.items())


def test_parameters_follow_their_latents() -> None:
    latents = {0: 3, 2: 1}
    assert map_parameters(latents, 4, index_of("mix")) == index_of("mix")
    assert map_parameters(latents, 4, index_of("latent.1.offset")) == index_of("latent.4.offset")
    assert map_parameters(latents, 4, index_of("latent.3.scale")) == index_of("latent.2.scale")
    assert map_parameters(latents, 4, index_of("latent.2.offset")) is None
    assert map_parameters(latents, 4, PARAMETER_COUNT - 1) is None


def test_the_map_is_told_in_one_line() -> None:
    played, other = ["pitch", "", "", ""], ["", "", "pitch"]
    said = describe_map(map_latents(played, other), played, other)
    assert said == (
        "Knobs by what they are: pitch (1 to 3); by number: 1; without a counterpart: 2."
    )
    assert describe_map({}, [], ["", ""]) == "There are no knobs to carry over."
