"""What the latents of a model do over many recordings, added up one recording at a time."""

from dataclasses import dataclass

import numpy as np

from rtvae.evaluation.attributes import Attributes
from rtvae.evaluation.frames import Floats, Track, frame_hop
from rtvae.spec import ATTRIBUTES

ACTIVE_NATS = 0.1
ACTIVE_VARIANCE = 0.01  # of Burda et al. (2016), for dimensions without a spread
FEWEST_FRAMES = 10
MOVES = 1e-9  # variance under which there is nothing to correlate with


@dataclass(frozen=True)
class LatentStatistics:
    """One value for each dimension, over all hops (or all frames of 10 ms) of the recordings.

    `nats` is the divergence of the posterior from a unit normal, per hop; None for a dimension
    whose posterior has no spread, which is deterministic. A dimension is active if it carries
    more than 0.1 nat, or, without a spread, if its variance is over 0.01. `correlation` is the
    matrix between the dimensions; `attributes` maps each of ATTRIBUTES to the correlation of
    every dimension with it. None where something never moves.
    """

    dimensions: int
    active: int
    nats: tuple[float | None, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    correlation: tuple[tuple[float | None, ...], ...]
    attributes: dict[str, tuple[float | None, ...]]


class LatentSums:
    """Adds up what LatentStatistics needs."""

    def __init__(self, latents: int) -> None:
        self._hops = 0
        self._nats = np.zeros(latents)
        self._sum = np.zeros(latents)
        self._products = np.zeros((latents, latents))
        self._with = {name: _JointSums(latents) for name in ATTRIBUTES}

    def add(
        self,
        mean: Floats,
        std: Floats,
        attributes: Attributes,
        hop_frames: int,
        sample_rate_hz: int,
    ) -> None:
        """Add one recording: its posterior `(hops, latents)` and its own attributes."""
        if mean.shape[1] == 0:
            return
        wide, spread = mean.astype(np.float64), std.astype(np.float64)
        with np.errstate(divide="ignore"):
            nats = 0.5 * (wide**2 + spread**2 - 1.0) - np.log(spread)
        self._hops += wide.shape[0]
        self._nats += nats.sum(axis=0)
        self._sum += wide.sum(axis=0)
        self._products += wide.T @ wide
        rows = on_frames(wide, hop_frames, attributes.loudness.shape[0], sample_rate_hz)
        for name, sums in self._with.items():
            sums.add(rows, attributes.named(name))

    def result(self) -> LatentStatistics:
        """Return the statistics of everything added so far."""
        hops = max(self._hops, 1)
        mean, nats = self._sum / hops, self._nats / hops
        covariance = self._products / hops - np.outer(mean, mean)
        variance = np.maximum(np.diagonal(covariance), 0.0)
        has_spread = np.isfinite(nats)
        active = np.where(has_spread, nats > ACTIVE_NATS, variance > ACTIVE_VARIANCE)
        return LatentStatistics(
            dimensions=mean.size,
            active=int(active.sum()),
            nats=_or_none(np.where(has_spread, nats, np.nan)),
            mean=tuple(mean.tolist()),
            deviation=tuple(np.sqrt(variance).tolist()),
            correlation=tuple(
                _or_none(row) for row in _correlation(covariance, variance, variance)
            ),
            attributes={name: sums.correlations() for name, sums in self._with.items()},
        )


class _JointSums:
    """Sums for the correlation of every dimension with one attribute, where it has a value."""

    def __init__(self, latents: int) -> None:
        self._count = 0
        self._row, self._square, self._product = (np.zeros(latents) for _ in range(3))
        self._value = self._value_square = 0.0

    def add(self, rows: Track, track: Track) -> None:
        there = np.isfinite(track)
        row, value = rows[there], track[there]
        self._count += value.size
        self._row += row.sum(axis=0)
        self._square += (row**2).sum(axis=0)
        self._product += value @ row
        self._value += float(value.sum())
        self._value_square += float(value @ value)

    def correlations(self) -> tuple[float | None, ...]:
        if self._count < FEWEST_FRAMES:
            return (None,) * self._row.size
        mean, value = self._row / self._count, self._value / self._count
        joint = self._product / self._count - mean * value
        variance = self._square / self._count - mean**2
        spread = np.array([self._value_square / self._count - value**2])
        return _or_none(_correlation(joint[:, None], variance, spread)[:, 0])


def on_frames(rows: Track, hop_frames: int, frames: int, sample_rate_hz: int) -> Track:
    """Return the mean of the latent rows `(hops, latents)` within each 10 ms frame."""
    step = frame_hop(sample_rate_hz)
    edges = (np.arange(frames + 1) - 0.5) * step / hop_frames
    low = np.clip(np.rint(edges[:-1]).astype(int), 0, rows.shape[0] - 1)
    high = np.clip(np.rint(edges[1:]).astype(int), low + 1, rows.shape[0])
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    means: Track = (total[high] - total[low]) / (high - low)[:, None]
    return means


def _correlation(joint: Track, a: Track, b: Track) -> Track:
    moves = (a[:, None] > MOVES) & (b[None, :] > MOVES)
    size = np.sqrt(np.where(moves, a[:, None] * b[None, :], 1.0))
    return np.where(moves, np.clip(joint / size, -1.0, 1.0), np.nan)


def _or_none(values: Track) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(v) else float(v) for v in values)
