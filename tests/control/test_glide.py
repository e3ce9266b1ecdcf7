"""A glide: from where it is, straight, and exactly to its end."""

from rtvae.control.glide import Glide


def test_it_goes_straight_and_ends_exactly() -> None:
    glide = Glide({"a": 0.0, "b": 2.0, "c": 1.0}, {"a": 1.0, "b": 0.3, "c": 1.0}, 10.0, 2.0)
    assert glide.at(9.0) == {"a": 0.0, "b": 2.0}
    assert glide.at(11.0) == {"a": 0.5, "b": 1.15}
    assert not glide.over
    assert glide.at(12.0) == {"a": 1.0, "b": 0.3}
    assert glide.over


def test_without_length_it_is_there_at_once_and_without_a_way_it_is_over() -> None:
    assert Glide({"a": 0.0}, {"a": 1.0}, 5.0, 0.0).at(5.0) == {"a": 1.0}
    assert Glide().over
    assert Glide({"a": 1.0}, {"a": 1.0}, 0.0, 9.0).over
