"""The governor: what fits, what it advises, and what each choice costs in milliseconds."""

import numpy as np
import pytest

from rtvae.engine.governor import (
    Choice,
    Cost,
    Shape,
    Tally,
    advice,
    better_buffered,
    choice,
    choices,
    finding,
    recommended,
)

RATE_HZ = 48_000
SIZES = (32, 64, 128, 256, 512, 1024)
# A whole hop has to be played, however small the block is.
SHAPE = Shape(RATE_HZ, ((64, 10),), tuple((size, float(max(size, 64))) for size in SIZES))
CHEAP_MORE = Shape(RATE_HZ, ((64, 0),), tuple((size, 256.0 + size) for size in SIZES))


def _share(share: float, block_size: int = 64) -> float:
    return share * block_size / RATE_HZ


def _advice(shape: Shape, cost: Cost, block_size: int = 64, *, buffered: bool = False) -> str:
    now = choice(shape, cost, block_size, buffered=buffered)
    if now.fits:
        return ""
    found = finding("voice", now, "99.9th percentile")
    return advice(found, now, choices(shape, cost, block_size), RATE_HZ)


def test_a_model_that_keeps_to_its_share_needs_no_advice() -> None:
    assert _advice(SHAPE, Cost(_share(0.3), _share(0.6))) == ""
    assert _advice(SHAPE, Cost(_share(0.3), _share(0.85)), buffered=True) == ""


def test_both_remedies_are_told_with_their_price() -> None:
    cost = Cost(_share(0.41), _share(0.72))
    assert _advice(CHEAP_MORE, cost) == (
        "Model voice takes 41 % of a 64-frame block here (99.9th percentile 72 %): "
        "choose --block-size 128 (+1.3 ms) or --buffered (+1.3 ms)."
    )


def test_a_model_in_the_worker_can_only_be_given_larger_blocks() -> None:
    said = _advice(CHEAP_MORE, Cost(_share(0.5), _share(1.2)), buffered=True)
    assert "takes 50 % buffered in a 64-frame block" in said
    assert said.endswith("choose --block-size 128 (+2.7 ms).")


def test_where_nothing_helps_a_smaller_model_is_the_remedy() -> None:
    said = _advice(SHAPE, Cost(_share(1.5), _share(1.6)))
    assert said.endswith("no block size makes it safe: choose a smaller model.")


def test_a_bad_moment_costs_the_same_whatever_the_block_size() -> None:
    ways = {
        way.block_size: way
        for way in choices(SHAPE, Cost(_share(0.2), _share(0.7)), 64)
        if not way.buffered
    }
    assert ways[64].high_share == pytest.approx(0.7)
    assert ways[128].high_share == pytest.approx(0.2 + 0.25)
    assert ways[32].usual_share == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("block_size", "buffered", "latency"),
    [(64, False, 10), (64, True, 74), (48, False, 58), (48, True, 122), (128, True, 138)],
)
def test_the_latency_of_each_choice(block_size: int, buffered: bool, latency: int) -> None:
    found = choice(SHAPE, Cost(1e-4, 1e-4), block_size, buffered=buffered)
    assert found.latency_frames == latency
    assert found.wait_frames == latency + block_size


def test_of_two_models_the_slower_one_decides_the_latency() -> None:
    two = Shape(RATE_HZ, ((64, 10), (128, 0)), SHAPE.block_costs)
    assert two.latency_frames(64, False) == 64
    assert two.latency_frames(128, True) == 138


def test_the_worker_has_a_whole_hop_where_blocks_are_smaller() -> None:
    cost = Cost(64 / RATE_HZ, 64 / RATE_HZ)
    assert choice(SHAPE, cost, 32, buffered=False).usual_share == pytest.approx(2.0)
    assert choice(SHAPE, cost, 32, buffered=True).usual_share == pytest.approx(1.0)


def test_the_least_latency_is_recommended_and_direct_before_buffered() -> None:
    direct = Choice(128, False, 0.3, 0.5, 0)
    worker = Choice(64, True, 0.6, 0.8, 64)
    assert recommended([worker, direct, Choice(64, False, 0.6, 0.8, 0)]) == direct
    assert recommended([worker, Choice(256, False, 0.1, 0.2, 0)]) == worker
    assert recommended([Choice(64, True, 2.0, 3.0, 64)]) is None


@pytest.mark.parametrize(
    ("usual", "high", "better"),
    [
        (0.4, 0.59, False),  # safe as it is
        (0.4, 0.7, True),
        (0.1, 0.7, False),  # it is the machine that stumbles
        (0.8, 0.95, False),  # too slow for a worker as well
    ],
)
def test_buffered_unasked_only_where_it_helps(usual: float, high: float, better: bool) -> None:
    cost = Cost(_share(usual), _share(high))
    now = choice(SHAPE, cost, 64, buffered=False)
    assert better_buffered(now, choices(SHAPE, cost, 64)) is better


def test_the_tally_finds_the_rare_block() -> None:
    tally = Tally()
    assert tally.quantile(0.5) == 0.0
    for _ in range(10):
        tally.add(np.concatenate([np.full(998, 0.25), [0.9, 50.0]]))
    assert tally.blocks == 10_000
    assert tally.quantile(0.5) == pytest.approx(0.25, abs=0.002)
    assert tally.quantile(0.9985) == pytest.approx(0.9, abs=0.002)
    assert tally.quantile(1.0) == pytest.approx(10.0)
