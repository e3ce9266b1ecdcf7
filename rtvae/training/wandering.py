"""Measures what the learned prior (model/prior.py) walks by, from latents that a model heard.

On a grid of 20 ms each cell has a mean and, for each latent, the deviation of what moves faster.
Cells alike in both are a state (k-means, Lloyd 1982, seeded as by Arthur and Vassilvitskii 2007).
How often one state follows another is counted. How the means x go towards the middle m of the
state that they come to is a vector autoregression, by least squares: x' - m = A (x - m) + noise,
one for cells that stay in their state and one for those that go to another. The noise is measured
by medians: a melody stands still or leaps, and the leaps are the states' business. What moves
faster than the grid is kept as heard: for each state one motif, from the stretch most like it.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtvae.model.space import MAX_STATES, Walk
from rtvae.training.heard import Heard

Doubles = NDArray[np.float64]

GRID_MS = 20.0
MOTIF_NUMBERS = 92_160  # of all motifs together: what bounds the number of states
PITCH_WEIGHT = 8.0  # states are notes first: a walk that wanders within one holds it
CELLS_PER_STATE = 20
MOTIF_HOPS = 64
ROUNDS = 25
LEARNED_CELLS = 30_000
FAST_WEIGHT = 0.7
FAINT = 0.02  # deviations below this are all the same to the ear
PRIOR_COUNT = 0.02  # of a step to any state, for those that are nowhere gone on from
LEAP_S = 8.0  # how often it goes somewhere else altogether, as one recording follows another
RIDGE = 1e-3
FEW = 8
STRAY = 3.0
NORMAL_MEDIAN = 0.6745  # of the absolute value of normal noise
LARGEST_EIGENVALUE = 0.98  # below 1: however long it walks, it stays


@dataclass(frozen=True)
class Cells:
    """The grid's cells in which all hops are loud: `means` and `spreads` (c, n), in units of the
    latents; `first` is each cell's first hop in the rows heard, `follows` whether it comes right
    after the cell before (silence left out) in the same stretch.
    """

    means: Doubles
    spreads: Doubles
    first: NDArray[np.intp]
    follows: NDArray[np.bool_]


def measure_walk(
    cells: Cells, heard: Heard, grid: int, pitch: Collection[int] = (), seed: int = 0
) -> Walk | None:
    """Return what the prior walks by; None where there is too little sound to measure it.

    `cells` are `heard` cut on a grid of so many hops; `pitch` are the latents, from 0, that are
    the pitch.
    """
    most = max(2, min(MAX_STATES, MOTIF_NUMBERS // (MOTIF_HOPS * heard.rows.shape[1])))
    states = min(most, cells.means.shape[0] // CELLS_PER_STATE)
    if states < 2:
        return None
    features = _features(cells, pitch)
    random = np.random.default_rng(seed)
    centres = k_means(features, states, random)
    state = nearest(features, centres)
    means = np.stack([cells.means[state == s].mean(0) for s in range(states)])
    follows = cells.follows[1:]
    before, after = state[:-1][follows], state[1:][follows]
    usual = np.bincount(state, minlength=states) / state.size
    chain = np.tile(PRIOR_COUNT * usual, (states, 1))
    np.add.at(chain, (before, after), 1.0)
    chain /= chain.sum(1, keepdims=True)
    leap = GRID_MS / 1e3 / LEAP_S
    way = cells.means[:-1][follows] - means[after], cells.means[1:][follows] - means[after]
    stays = before == after
    stay, stay_noise, stay_gains = _autoregression(*way, stays, after, states)
    go, go_noise, go_gains = _autoregression(*way, ~stays, after, states)
    return Walk(
        grid_hops=grid,
        state_means=means.astype(np.float32),
        transitions=((1.0 - leap) * chain + leap * usual).astype(np.float32),
        stay=stay.astype(np.float32),
        stay_noise=stay_noise.astype(np.float32),
        stay_gains=stay_gains.astype(np.float32),
        go=go.astype(np.float32),
        go_noise=go_noise.astype(np.float32),
        go_gains=go_gains.astype(np.float32),
        motifs=_motifs(heard, cells, features, centres, state, grid).astype(np.float32),
    )


def cut(heard: Heard, grid: int) -> Cells:
    """Cut the rows into cells of `grid` hops; those with silence in them are left out."""
    means, spreads, first, follows = [], [], [], []
    for rows, _ in heard.stretches():
        count = (rows.stop - rows.start) // grid
        if count < 2:
            continue
        hops = heard.rows[rows.start : rows.start + count * grid].astype(np.float64)
        loud = heard.loud[rows.start : rows.start + count * grid].reshape(count, grid).all(1)
        mean = hops.reshape(count, grid, -1).mean(1)
        fast = (hops - _straight(mean, grid)).reshape(count, grid, -1)
        kept = np.flatnonzero(loud)
        means.append(mean[kept])
        spreads.append(np.sqrt(np.mean(fast[kept] ** 2, axis=1)))
        first.append(rows.start + kept * grid)
        follows.append(np.arange(kept.size) > 0)
    n = heard.rows.shape[1]
    return Cells(
        np.concatenate([np.zeros((0, n)), *means]),
        np.concatenate([np.zeros((0, n)), *spreads]),
        np.concatenate([np.zeros(0, np.intp), *first]),
        np.concatenate([np.zeros(0, bool), *follows]),
    )


def k_means(features: Doubles, states: int, random: np.random.Generator) -> Doubles:
    """Return `states` centres `(states, columns)`, learned from at most LEARNED_CELLS rows."""
    few = min(LEARNED_CELLS, features.shape[0])
    rows = features[np.sort(random.choice(features.shape[0], few, replace=False))]
    centres: Doubles = rows[[int(random.integers(few))]]
    distance = np.sum((rows - centres[0]) ** 2, axis=1)
    for _ in range(states - 1):
        odds = np.cumsum(distance)
        chosen = min(int(np.searchsorted(odds, random.random() * odds[-1])), few - 1)
        centres = np.concatenate([centres, rows[[chosen]]])
        distance = np.minimum(distance, np.sum((rows - rows[chosen]) ** 2, axis=1))
    for _ in range(ROUNDS):
        state = nearest(rows, centres)
        for s in range(states):
            mine = rows[state == s]
            # A centre that nobody is near to goes where the fit is worst.
            away = np.sum((rows - centres[state]) ** 2, axis=1)
            centres[s] = mine.mean(0) if mine.size else rows[int(np.argmax(away))]
    return centres


def nearest(features: Doubles, centres: Doubles) -> NDArray[np.intp]:
    """Return the number of each row's nearest centre; each centre gets at least one row."""
    away = np.sum(centres**2, axis=1) - 2.0 * features @ centres.T
    state: NDArray[np.intp] = np.argmin(away, axis=1)
    for s in np.setdiff1d(np.arange(centres.shape[0]), state):
        state[int(np.argmin(away[:, s]))] = s
    return state


def slow_and_fast(means: Doubles, spreads: Doubles) -> tuple[Doubles, Doubles]:
    """What makes sounds alike, both `(sounds, n)`: the means in deviations, and how strong what
    moves faster is.
    """
    strength = np.log(spreads + FAINT)
    strength -= strength.mean(0)
    total = np.sqrt(means.var(0) + np.mean(spreads**2, axis=0)) + 1e-9
    share = np.mean(spreads**2, axis=0) / total**2
    weight = FAST_WEIGHT * np.sqrt(share) / (strength.std(0) + 1e-9)
    return means / total, strength * weight


def _features(cells: Cells, pitch: Collection[int]) -> Doubles:
    """What cells are compared by, `(cells, columns)`."""
    slow, fast = slow_and_fast(cells.means, cells.spreads)
    slow[:, list(pitch)] *= PITCH_WEIGHT
    return np.concatenate([slow, fast], axis=1)


def _straight(means: Doubles, grid: int) -> Doubles:
    """Return `(cells * grid, n)`: straight lines from the middle of each cell to the next."""
    at = (np.arange(means.shape[0] * grid) + 0.5) / grid - 0.5
    low = np.clip(np.floor(at).astype(np.intp), 0, means.shape[0] - 2)
    share = np.clip(at - low, 0.0, 1.0)[:, None]
    line: Doubles = means[low] * (1.0 - share) + means[low + 1] * share
    return line


def _autoregression(
    before: Doubles, after: Doubles, which: NDArray[np.bool_], state: NDArray[np.intp], states: int
) -> tuple[Doubles, Doubles, Doubles]:
    """Return, for the pairs that are `which`, the matrix, a root of its noise's correlation, and
    how strong the noise is in each state, by latent.
    """
    before, after, state = before[which], after[which], state[which]
    n = before.shape[1]
    if before.shape[0] < FEW:
        return np.eye(n) * LARGEST_EIGENVALUE, np.eye(n), np.zeros((states, n))
    square = before.T @ before
    square += (RIDGE * np.trace(square) / n + 1e-9) * np.eye(n)
    matrix = np.asarray(np.linalg.solve(square, before.T @ after).T, np.float64)
    largest = float(np.abs(np.linalg.eigvals(matrix)).max())
    matrix *= min(1.0, LARGEST_EIGENVALUE / max(largest, 1e-9))
    noise = after - before @ matrix.T
    usual = _strength(noise)
    gains = np.stack(
        [
            _strength(mine) if (mine := noise[state == s]).shape[0] >= FEW else usual
            for s in range(states)
        ]
    )
    even = np.clip(noise / usual, -STRAY, STRAY)
    values, vectors = np.linalg.eigh(even.T @ even / noise.shape[0])
    root: Doubles = vectors * np.sqrt(np.maximum(values, 0.0))
    return matrix, root, gains


def _strength(noise: Doubles) -> Doubles:
    """The deviation of each column by its median: that of a normal one, whatever strays."""
    return np.asarray(np.median(np.abs(noise), axis=0) / NORMAL_MEDIAN + 1e-6, np.float64)


def _motifs(
    heard: Heard,
    cells: Cells,
    features: Doubles,
    centres: Doubles,
    state: NDArray[np.intp],
    grid: int,
) -> Doubles:
    """For each state what moves faster than the grid in the stretch most like its centre."""
    motifs = np.zeros((centres.shape[0], MOTIF_HOPS, heard.rows.shape[1]))
    span = -(-MOTIF_HOPS // grid)
    away = np.sum((features - centres[state]) ** 2, axis=1)
    where = np.full(heard.rows.shape[0] + MOTIF_HOPS + grid, -1, np.intp)
    where[cells.first] = np.arange(cells.first.size)
    # The cells that follow a cell without a gap, as many as a motif needs.
    runs = np.stack([where[cells.first + k * grid] for k in range(span)], axis=1)
    whole = (runs >= 0).all(1) & (cells.first + MOTIF_HOPS <= heard.rows.shape[0])
    whole &= cells.follows[runs[:, 1:]].all(1) if span > 1 else True
    for s in range(centres.shape[0]):
        found = np.flatnonzero(whole & (state == s))
        if not found.size:
            continue
        stray = np.sum(state[runs[found]] != s, axis=1)
        best = found[np.lexsort((away[runs[found]].mean(1), stray))[0]]
        cut_out = heard.rows[cells.first[best] : cells.first[best] + MOTIF_HOPS].astype(np.float64)
        line = _straight(cells.means[runs[best]], grid)[:MOTIF_HOPS]
        fast = cut_out - line
        fast -= fast.mean(0)
        usual = np.sqrt(np.mean(cells.spreads[state == s] ** 2))
        motifs[s] = fast * np.clip(usual / (np.sqrt(np.mean(fast**2)) + 1e-9), 0.5, 2.0)
    return motifs
