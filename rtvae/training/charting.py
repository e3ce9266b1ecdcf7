"""Draws the map of a training set: what sounds alike lies close together, and the square is full.

What is heard in 0.3 s is a point: the mean and the deviation of each latent. Points are laid out
by a self-organising map (Kohonen 1982; the batch rule, with a neighbourhood that shrinks) that
starts from the first two principal components, so that the same recordings give the same map;
then each axis is equalised by rank. On the bundled models' training sets this brought neighbours
on the map to 0.26 to 0.43 of the distance of random pairs; principal components and ranks alone
came to 0.33 to 0.59, and the nearest of all points, wherever they lie, to 0.22 to 0.34.
Loudness is left out: the input keeps its own.
"""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from rtvae.model.space import MAX_NAMES, Chart
from rtvae.training.heard import Heard
from rtvae.training.wandering import Cells, Doubles, slow_and_fast

POINTS = 600
CELLS = 15  # to a point
FEWEST = 12
SIDE = 24
ROUNDS = 40
WIDEST, NARROWEST = 0.25, 0.04  # the neighbourhood, in sides of the square


def draw(
    heard: Heard, cells: Cells, grid: int, aside: Collection[int], points: int = POINTS
) -> Chart | None:
    """Return the map; None where there is too little sound for one.

    `cells` are `heard` cut on a grid of so many hops; `aside` are the latents, from 0, that have
    no say in where a point lies.
    """
    runs = _runs(cells, grid)
    if runs.shape[0] < FEWEST:
        return None
    runs = runs[np.linspace(0, runs.shape[0] - 1, min(points, runs.shape[0])).astype(np.intp)]
    means = cells.means[runs].mean(1)
    spreads = np.sqrt(cells.means[runs].var(1) + np.mean(cells.spreads[runs] ** 2, axis=1))
    labels = _labels(heard, cells.first[runs[:, 0]])
    places = lay_out(features(means, spreads, aside))
    return Chart(
        places.astype(np.float32), means.astype(np.float32), spreads.astype(np.float32), labels
    )


def features(means: Doubles, spreads: Doubles, aside: Collection[int]) -> Doubles:
    """Return what two points are compared by, `(points, columns)`."""
    slow, fast = slow_and_fast(means, spreads)
    kept = [k for k in range(means.shape[1]) if k not in aside]
    return np.concatenate([slow[:, kept], fast[:, kept]], axis=1)


def lay_out(rows: Doubles) -> Doubles:
    """Return a place in the unit square for each row, `(points, 2)`."""
    middle = rows - rows.mean(0)
    vectors, sizes, _ = np.linalg.svd(middle, full_matrices=False)
    flat = vectors[:, :2] * sizes[:2]
    flat = np.pad(flat, ((0, 0), (0, 2 - flat.shape[1])))
    # The sign is free: the largest is made positive, so that a survey can be repeated.
    flat = flat * np.where(flat[np.abs(flat).argmax(0), [0, 1]] < 0, -1.0, 1.0)
    places = _ranks(flat)
    ticks = (np.arange(SIDE) + 0.5) / SIDE
    nodes = np.stack(np.meshgrid(ticks, ticks, indexing="ij"), axis=-1).reshape(-1, 2)
    for step in range(ROUNDS):
        width = WIDEST * (NARROWEST / WIDEST) ** (step / (ROUNDS - 1))
        away = np.sum((nodes[:, None] - places[None]) ** 2, axis=2)
        weight = np.exp(-away / (2.0 * width**2)) + 1e-12
        tuned = weight @ middle / weight.sum(1, keepdims=True)
        misfit = np.sum(tuned**2, axis=1) - 2.0 * middle @ tuned.T
        places = nodes[np.argmin(misfit, axis=1)]
    # Several points may share a node: spread them over its square.
    random = np.random.default_rng(0)
    return _ranks(places + random.uniform(-0.5, 0.5, places.shape) / SIDE)


def _ranks(values: Doubles) -> Doubles:
    ranks = np.argsort(np.argsort(values, axis=0, kind="stable"), axis=0).astype(np.float64)
    return np.asarray((ranks + 0.5) / values.shape[0], np.float64)


def _runs(cells: Cells, grid: int) -> NDArray[np.intp]:
    """Return the numbers of the cells of each point, `(points, CELLS)`, without a gap in them."""
    joined = cells.follows.copy()
    joined[1:] &= np.diff(cells.first) == grid
    runs, start = [], 0
    for end in [*np.flatnonzero(~joined)[1:].tolist(), joined.size]:
        runs += [range(at, at + CELLS) for at in range(start, end - CELLS + 1, CELLS)]
        start = end
    return np.array(runs, np.intp).reshape(-1, CELLS)


def _labels(heard: Heard, hops: NDArray[np.intp]) -> tuple[str, ...]:
    which = np.searchsorted(np.array(heard.starts), hops, side="right") - 1
    labels = tuple(heard.labels[k] for k in which)
    return labels if len(set(labels)) <= MAX_NAMES else ("",) * len(labels)
