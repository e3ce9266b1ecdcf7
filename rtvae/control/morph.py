"""Morph: where the latents' offsets and scales lie between snapshots, or at a place on a map. Pure.

    linear       a + share (b - a)
    spherical    the offsets turn from a to b on a great circle (Shoemake 1985) while their length
                 goes on a straight line; scales as in linear. Where an end is at rest, or both
                 point the same or the opposite way, there is no one circle: linear.
    pad          four snapshots in the corners, bilinear
    path         all snapshots one after the other, the same share of the way for each

A place on the map is what the points near it are, weighted by distance so that every point is
reached exactly and nothing jumps where one comes or goes (Shepard 1968, in Franke and Nielson's
form of 1980). The latents are moved there as colours are moved from one picture to another
(Reinhard et al. 2001): with `mean` and `deviation` over the training set and those of the place,

    scale = 1 - steer + steer * place deviation / deviation
    offset = steer * (place mean - mean * place deviation / deviation)

so that all that the input does stays audible, made as wide as it is at that place: at `steer` 1 a
training set played in comes out with the mean and deviation of the place, at 0 unchanged.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import OFFSET, SCALE

Doubles = NDArray[np.float64]

WAYS = ("linear", "spherical")
NEAREST = 6
WIDEST = 2.0  # no place makes a latent move further than this
_PARALLEL = 1e-6


class Bend(NamedTuple):
    """The offset and the scale of each latent, float64 `(latents,)`, inside their ranges."""

    offset: Doubles
    scale: Doubles


def bend_of(offset: Sequence[float], scale: Sequence[float], latents: int) -> Bend:
    """Return settings for so many latents: what is not given is at rest, too much is cut."""
    bend = Bend(np.full(latents, OFFSET.default), np.full(latents, SCALE.default))
    for mine, given in zip(bend, (offset, scale), strict=True):
        few = min(latents, len(given))
        mine[:few] = given[:few]
    return _held(bend)


def morph(a: Bend, b: Bend, share: float, way: str = "linear") -> Bend:
    """Return what lies between two settings; a share of 0 is exactly `a`, of 1 exactly `b`."""
    share = _unit(share)
    if share in (0.0, 1.0):
        return b if share else a
    offset = a.offset + share * (b.offset - a.offset)
    if way == "spherical":
        offset = _on_circle(a.offset, b.offset, share, offset)
    return _held(Bend(offset, a.scale + share * (b.scale - a.scale)))


def pad(corners: Sequence[Bend], x: float, y: float, way: str = "linear") -> Bend:
    """Return what lies at a place between four settings: top left, top right, bottom left, bottom
    right; x goes to the right, y upwards, each 0 to 1.
    """
    top_left, top_right, bottom_left, bottom_right = corners
    top = morph(top_left, top_right, x, way)
    bottom = morph(bottom_left, bottom_right, x, way)
    return morph(bottom, top, y, way)


def leg(stops: int, share: float) -> tuple[int, int, float]:
    """Return between which two of `stops` a share of the whole way lies, from 0, and where there.

    Raises ValueError if there is no stop.
    """
    if stops < 1:
        raise ValueError("a path needs a stop")
    if stops == 1:
        return 0, 0, 0.0
    place = _unit(share) * (stops - 1)
    first = min(int(place), stops - 2)
    return first, first + 1, place - first


def path(stops: Sequence[Bend], share: float, way: str = "linear") -> Bend:
    """Return what lies at a share of the way along all stops. Raises ValueError without a stop."""
    first, second, rest = leg(len(stops), share)
    return morph(stops[first], stops[second], rest, way)


def place_weights(
    places: NDArray[np.floating], x: float, y: float
) -> tuple[NDArray[np.intp], Doubles]:
    """Return the points near a place, by number, and their weights, which sum to 1.

    `places` is `(p, 2)`, p >= 1.
    """
    away = np.hypot(places[:, 0] - _unit(x), places[:, 1] - _unit(y)).astype(np.float64)
    few = min(NEAREST + 1, away.shape[0])
    near = np.argpartition(away, few - 1)[:few]
    near = near[np.argsort(away[near], kind="stable")]
    away = away[near]
    if away[0] <= 1e-9 or few == 1:
        same = away <= away[0] + 1e-12
        return near[same], np.full(int(same.sum()), 1.0 / same.sum())
    reach = away[-1]
    # Relative to the nearest, so that nothing overflows close to a point.
    weights = ((reach - away) / reach * (away[0] / away)) ** 2
    if weights.sum() <= 0.0:
        weights = np.ones(few)
    return near, weights / weights.sum()


def steer_to(
    mean: NDArray[np.floating],
    deviation: NDArray[np.floating],
    place_mean: NDArray[np.floating],
    place_deviation: NDArray[np.floating],
    steer: float,
    aside: Sequence[int] = (),
) -> Bend:
    """Return the settings that move a training set's latents to a place's, `steer` of the way.

    All arrays are `(latents,)`; latents `aside`, counted from 0, stay at rest.
    """
    steer = _unit(steer)
    width = np.minimum(place_deviation / np.maximum(deviation, 1e-6), WIDEST).astype(np.float64)
    bend = Bend(steer * (place_mean - mean * width), 1.0 - steer + steer * width)
    for latent in aside:
        bend.offset[latent], bend.scale[latent] = OFFSET.default, SCALE.default
    return _held(bend)


def _on_circle(a: Doubles, b: Doubles, share: float, straight: Doubles) -> Doubles:
    length_a, length_b = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if min(length_a, length_b) <= _PARALLEL:
        return straight
    unit_a, unit_b = a / length_a, b / length_b
    angle = float(np.arccos(np.clip(np.dot(unit_a, unit_b), -1.0, 1.0)))
    sine = float(np.sin(angle))
    if sine <= _PARALLEL:
        return straight
    turned = np.sin((1.0 - share) * angle) * unit_a + np.sin(share * angle) * unit_b
    circle: Doubles = turned / sine * (length_a + share * (length_b - length_a))
    return circle


def _held(bend: Bend) -> Bend:
    return Bend(
        np.clip(np.nan_to_num(bend.offset, nan=OFFSET.default), OFFSET.low, OFFSET.high),
        np.clip(np.nan_to_num(bend.scale, nan=SCALE.default), SCALE.low, SCALE.high),
    )


def _unit(share: float) -> float:
    return min(max(share, 0.0), 1.0) if share == share else 0.0
