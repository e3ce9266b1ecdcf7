"""Morphs: exact at their ends, nothing jumps, nothing leaves its range."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvae.control.morph import (
    WAYS,
    Bend,
    bend_of,
    leg,
    morph,
    pad,
    path,
    place_weights,
    steer_to,
)
from rtvae.control.parameters import OFFSET, SCALE

LATENTS = 5
numbers = st.floats(-8.0, 8.0, width=32)
offsets = st.lists(numbers, min_size=LATENTS, max_size=LATENTS)
scales = st.lists(st.floats(-4.0, 4.0, width=32), min_size=LATENTS, max_size=LATENTS)
bends = st.builds(lambda o, s: bend_of(o, s, LATENTS), offsets, scales)
shares = st.floats(0.0, 1.0)
ways = st.sampled_from(WAYS)
STEP = 1e-4


def sane(bend: Bend) -> bool:
    inside = (
        (OFFSET.low <= bend.offset) & (bend.offset <= OFFSET.high),
        (SCALE.low <= bend.scale) & (bend.scale <= SCALE.high),
    )
    return bool(all(part.all() for part in inside))  # NaN is inside nothing


def away(a: Bend, b: Bend) -> float:
    return float(max(np.abs(a.offset - b.offset).max(), np.abs(a.scale - b.scale).max()))


@given(bends, bends, ways)
def test_the_ends_are_exact(a: Bend, b: Bend, way: str) -> None:
    assert away(morph(a, b, 0.0, way), a) == 0.0
    assert away(morph(a, b, 1.0, way), b) == 0.0


@given(bends, bends, shares, ways)
def test_a_morph_stays_inside_and_does_not_jump(a: Bend, b: Bend, share: float, way: str) -> None:
    here = morph(a, b, share, way)
    assert sane(here)
    # A great circle through numbers up to 8 in five dimensions is at most some 60 long.
    assert away(here, morph(a, b, min(share + STEP, 1.0), way)) <= 100.0 * STEP


@given(bends, bends, shares)
def test_both_ways_are_the_same_there_and_back(a: Bend, b: Bend, share: float) -> None:
    for way in WAYS:
        there, back = morph(a, b, share, way), morph(b, a, 1.0 - share, way)
        assert away(there, back) < 1e-6


def test_spherical_keeps_the_length_where_linear_cuts_the_corner() -> None:
    a, b = (bend_of(o, (), 2) for o in ((4.0, 0.0), (0.0, 2.0)))
    assert np.linalg.norm(morph(a, b, 0.5, "spherical").offset) == pytest.approx(3.0)
    assert np.linalg.norm(morph(a, b, 0.5).offset) == pytest.approx(np.sqrt(5.0))


@pytest.mark.parametrize(
    ("a", "b"),
    [((0.0, 0.0), (3.0, 1.0)), ((2.0, 1.0), (4.0, 2.0)), ((2.0, 1.0), (-2.0, -1.0))],
)
def test_without_one_circle_spherical_is_linear(a: tuple[float, ...], b: tuple[float, ...]) -> None:
    ends = bend_of(a, (), 2), bend_of(b, (), 2)
    for share in (0.1, 0.5, 0.9):
        assert away(morph(*ends, share, "spherical"), morph(*ends, share)) < 1e-9


@given(st.lists(bends, min_size=4, max_size=4), shares, shares, ways)
def test_the_pad_has_its_snapshots_in_its_corners(
    corners: list[Bend], x: float, y: float, way: str
) -> None:
    places = ((0.0, 1.0), (1.0, 1.0), (0.0, 0.0), (1.0, 0.0))
    for corner, place in zip(corners, places, strict=True):
        assert away(pad(corners, *place, way), corner) == 0.0
    here = pad(corners, x, y, "linear")
    assert sane(here) and sane(pad(corners, x, y, way))
    assert away(here, pad(corners, min(x + STEP, 1.0), y)) <= 100.0 * STEP
    offsets = [corner.offset[0] for corner in corners]
    assert min(offsets) - 1e-9 <= here.offset[0] <= max(offsets) + 1e-9


@given(st.lists(bends, min_size=1, max_size=6), shares)
def test_a_path_passes_every_stop(stops: list[Bend], share: float) -> None:
    for k, stop in enumerate(stops):
        at = k / max(1, len(stops) - 1)
        assert away(path(stops, at), stop) < 1e-6
    assert sane(path(stops, share))
    assert away(path(stops, share), path(stops, min(share + STEP, 1.0))) <= 500.0 * STEP


def test_a_path_without_stops_is_none() -> None:
    with pytest.raises(ValueError, match="needs a stop"):
        leg(0, 0.5)


@pytest.mark.parametrize("share", [float("nan"), float("inf"), -3.0, 7.0])
def test_a_share_that_is_none_is_held(share: float) -> None:
    a, b = bend_of((1.0,), (), 3), bend_of((), (2.0,), 3)
    assert sane(morph(a, b, share, "spherical"))
    assert sane(pad([a, b, b, a], share, share))
    assert sane(path([a, b], share))
    _, weights = place_weights(np.random.default_rng(0).uniform(size=(9, 2)), share, 0.3)
    assert weights.sum() == pytest.approx(1.0)


def test_what_a_snapshot_does_not_say_is_at_rest_and_too_much_is_cut() -> None:
    bend = bend_of((1.0, 99.0, float("nan")), (0.5,), 4)
    np.testing.assert_array_equal(bend.offset, [1.0, OFFSET.high, 0.0, 0.0])
    np.testing.assert_array_equal(bend.scale, [0.5, 1.0, 1.0, 1.0])
    assert bend_of((1.0, 2.0, 3.0), (), 2).offset.tolist() == [1.0, 2.0]


@settings(max_examples=60)
@given(st.integers(1, 40), shares, shares, st.integers(0, 5))
def test_weights_sum_to_1_and_do_not_jump(points: int, x: float, y: float, seed: int) -> None:
    places = np.random.default_rng(seed).uniform(size=(points, 2))

    def value(x: float, y: float) -> float:
        near, weights = place_weights(places, x, y)
        assert (weights >= 0.0).all()
        assert weights.sum() == pytest.approx(1.0)
        return float(weights @ near)

    # Far steeper than between any two points of a real map, far less than a jump.
    here = value(x, y)
    for step in (1e-9, 1e-8):
        assert abs(value(min(x + step, 1.0), y) - here) < 0.01


def test_at_a_point_of_the_map_it_is_that_point() -> None:
    places = np.random.default_rng(0).uniform(size=(50, 2))
    for k, (x, y) in enumerate(places):
        near, weights = place_weights(places, float(x), float(y))
        assert near.tolist() == [k] and weights.tolist() == [1.0]


def test_points_in_one_place_share_it() -> None:
    for x, y in ((0.5, 0.5), (0.1, 0.9)):
        _, weights = place_weights(np.full((20, 2), 0.5), x, y)
        assert weights.sum() == pytest.approx(1.0) and (weights >= 0).all()


def test_steered_all_the_way_what_was_learned_from_comes_out_as_the_place_is() -> None:
    random = np.random.default_rng(0)
    mean, deviation = random.normal(size=LATENTS), random.uniform(0.5, 1.0, LATENTS)
    place, width = random.normal(size=LATENTS), random.uniform(0.1, 0.9, LATENTS)
    heard = mean + deviation * random.standard_normal((100_000, LATENTS))
    full = steer_to(mean, deviation, place, width, 1.0, aside=[0])
    steered = heard * full.scale + full.offset
    np.testing.assert_allclose(steered.mean(0)[1:], place[1:], atol=0.02)
    np.testing.assert_allclose(steered.std(0)[1:], width[1:], atol=0.02)
    np.testing.assert_array_equal(steered[:, 0], heard[:, 0])
    none = steer_to(mean, deviation, place, width, 0.0)
    assert away(none, bend_of((), (), LATENTS)) == 0.0


@given(offsets, offsets, offsets, offsets, shares)
def test_steering_stays_inside(
    mean: list[float], deviation: list[float], place: list[float], width: list[float], steer: float
) -> None:
    arrays = [np.array(values) for values in (mean, deviation, place, width)]
    arrays[1], arrays[3] = np.abs(arrays[1]), np.abs(arrays[3])
    assert sane(steer_to(*arrays, steer))
