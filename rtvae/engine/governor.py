"""The governor: what block size, or buffered inference, lets a model play safely here. Pure.

A model that runs inside the callback is safe where its 99.9th percentile stays within 60 % of a
block's period: the rest belongs to the driver and to bad luck. On a worker thread it has nearly
the whole period to itself, and what comes late is concealed instead of missed.

What another block size would cost follows from what this one does: the usual cost grows with the
hops in a block, as measured; what a bad moment adds stays the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.reblock import least_latency_frames
from rtvae.engine.buffered import buffer_rows

SAFE_SHARE = 0.6
BUFFERED_SHARE = 0.9
BLOCK_SIZES = (32, 64, 128, 256, 512, 1024)

BIN = 0.001
BINS = 10_000


@dataclass(frozen=True)
class Cost:
    """What a block costs in seconds: usually (median), and at its 99.9th percentile."""

    usual_s: float
    high_s: float


@dataclass(frozen=True)
class Shape:
    """What decides how cost and latency follow from a block size.

    `models` holds hop and delay, in frames, of each model that plays; `block_costs` pairs
    (block size, seconds), rising, of which only the ratios count.
    """

    sample_rate_hz: int
    models: tuple[tuple[int, int], ...]
    block_costs: tuple[tuple[int, float], ...]

    def growth(self, before: int, after: int) -> float:
        """How many times as much a block usually costs when its size changes."""
        sizes = [size for size, _ in self.block_costs]
        costs = [cost for _, cost in self.block_costs]
        old, new = np.interp([before, after], sizes, costs)
        return float(new / old) if old > 0.0 else 1.0

    def latency_frames(self, block_size: int, buffered: bool) -> int:
        """The latency of models, reblocking and buffer; the slowest model decides."""
        return max(
            delay
            + least_latency_frames(hop, block_size)
            + (hop * buffer_rows(hop, block_size) if buffered else 0)
            for hop, delay in self.models
        )

    def time_frames(self, block_size: int, buffered: bool) -> int:
        """How long a block may take."""
        least_hop = min(hop for hop, _ in self.models)
        return max(block_size, least_hop) if buffered else block_size


@dataclass(frozen=True)
class Choice:
    """One way to play: its shares of the time there is, and its latency without the device's."""

    block_size: int
    buffered: bool
    usual_share: float
    high_share: float
    latency_frames: int

    @property
    def fits(self) -> bool:
        """Whether it is safe here."""
        return self.high_share <= (BUFFERED_SHARE if self.buffered else SAFE_SHARE)

    @property
    def wait_frames(self) -> int:
        """The latency with the one block that any device has to collect first."""
        return self.latency_frames + self.block_size


def choice(shape: Shape, cost: Cost, block_size: int, *, buffered: bool) -> Choice:
    """Return how models whose blocks of this size cost `cost` play in them."""
    per_s = shape.sample_rate_hz / shape.time_frames(block_size, buffered)
    return Choice(
        block_size,
        buffered,
        cost.usual_s * per_s,
        cost.high_s * per_s,
        shape.latency_frames(block_size, buffered),
    )


def plays_better(rival: Cost, playing: Cost, period_s: float) -> bool:
    """Whether the rival should play instead, where both cost so much for blocks of one period.

    Where the 99.9th percentile of both is safe, the one that usually takes less plays: it leaves
    more to everything else. Where not, the one with the lower percentile does.
    """
    if max(rival.high_s, playing.high_s) <= SAFE_SHARE * period_s:
        return rival.usual_s < playing.usual_s
    return rival.high_s < playing.high_s


def choices(shape: Shape, cost: Cost, block_size: int) -> list[Choice]:
    """Return every way to play a model whose blocks of `block_size` cost `cost`."""
    found = []
    for size in sorted({*BLOCK_SIZES, block_size}):
        usual_s = cost.usual_s * shape.growth(block_size, size)
        there = Cost(usual_s, usual_s + max(0.0, cost.high_s - cost.usual_s))
        found += [choice(shape, there, size, buffered=buffered) for buffered in (False, True)]
    return found


def recommended(ways: Sequence[Choice]) -> Choice | None:
    """Return the way with the least latency among those that are safe; None if none is."""
    safe = [way for way in ways if way.fits]
    return min(safe, key=lambda way: (way.wait_frames, way.buffered), default=None)


def finding(name: str, now: Choice, high: str) -> str:
    """Return what was found of the model called `name`, as a clause; `high` names the upper figure,
    such as "99.9th percentile".
    """
    who = f"Models {name} take" if " and " in name else f"Model {name} takes"
    where = "buffered in" if now.buffered else "of"
    said = (
        f"{who} {now.usual_share:.0%} {where} a {now.block_size}-frame block here "
        f"({high} {now.high_share:.0%})"
    )
    return said.replace("%", " %")


def advice(found: str, now: Choice, ways: Sequence[Choice], sample_rate_hz: int) -> str:
    """Return one sentence that begins with what was found and goes on with the remedies."""
    larger = [way for way in ways if way.block_size > now.block_size]
    direct = recommended([way for way in larger if way.buffered == now.buffered])
    buffered = buffered_instead(now, ways)
    remedies = []
    if direct is not None:
        more = more_ms(direct, now, sample_rate_hz)
        remedies.append(f"--block-size {direct.block_size} ({more})")
    if buffered is not None:
        remedies.append(f"--buffered ({more_ms(buffered, now, sample_rate_hz)})")
    if not remedies:
        return f"{found}, and no block size makes it safe: choose a smaller model."
    return f"{found}: choose {' or '.join(remedies)}."


def buffered_instead(now: Choice, ways: Sequence[Choice]) -> Choice | None:
    """Return the same block size with buffered inference, if that is safe and new."""
    same = [way for way in ways if way.block_size == now.block_size]
    return recommended([way for way in same if way.buffered and not now.buffered])


def better_buffered(now: Choice, ways: Sequence[Choice]) -> bool:
    """Whether to play buffered unasked: direct is not safe, by the model's own cost, and it is.

    Where a slow block is slow by the machine's doing, it would be so on a worker thread too.
    """
    own = now.usual_share > 0.5 * SAFE_SHARE
    return own and not now.fits and buffered_instead(now, ways) is not None


def more_ms(way: Choice, now: Choice, sample_rate_hz: int) -> str:
    """Return what one choice costs over another, in words."""
    return f"{1000 * (way.wait_frames - now.wait_frames) / sample_rate_hz:+.1f} ms"


def busy_share(block_size: int, hop_frames: int) -> float:
    """Return the share of blocks that bring a whole hop, and so cost what a model costs."""
    return min(1.0, block_size / hop_frames)


class Tally:
    """A running histogram of blocks' loads, in steps of a thousandth of a block's period."""

    def __init__(self) -> None:
        self._counts = np.zeros(BINS, np.int64)

    @property
    def blocks(self) -> int:
        """How many blocks were counted."""
        return int(self._counts.sum())

    def add(self, loads: NDArray[np.floating]) -> None:
        """Count some blocks by the share of their period that they took."""
        places = np.clip(loads / BIN, 0, BINS - 1).astype(np.int64)
        self._counts += np.bincount(places, minlength=BINS)

    def quantile(self, share: float) -> float:
        """Return the load that this share of all blocks kept within; 0 before the first."""
        reached = np.cumsum(self._counts)
        if reached[-1] == 0:
            return 0.0
        return float((np.searchsorted(reached, share * reached[-1]) + 1) * BIN)
