"""The bars that a model has to clear: those for a small one, and those at BRAVE's size."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from rtvae.bench.figures import OURS, READING, REFERENCE, Bar, BlockFigures
from rtvae.bench.statistics import closed_share

SMALL_FRAMES, LARGE_FRAMES = 64, 128
LARGE = range(4_000_000, 4_500_000)
"""BRAVE has 4.2 million weights."""

MOST_SHARE = 0.25
MOST_OF_PLAIN = 0.45
LEAST_CLOSED = 0.5
CHEAPER_BY_HAND = 6.5
"""How many times less an executor of 150 lines cost than ONNX Runtime with a small model."""

LEAST_BEFORE_RAVE = 3.2
MOST_OF_LIMIT = 1.5
RTNEURAL_OF_LIMIT = 1.85
"""What RTNeural's C++ takes at BRAVE's size, over reading the weights once."""

NOISE = 0.05
"""Two medians of the same thing in one run lie this near each other."""

NOT_LEAN = frozenset({"Conv", "FusedConv", "ConvTranspose", "Slice", "Transpose", "LeakyRelu"})
"""Operators that are idle at few rows, or should have been fused into the product before them."""

PLAIN = "plain_conv1d"
RAVE = "rave"


def bars(
    blocks: Sequence[BlockFigures],
    loads: Mapping[int, float],
    graphs: dict[str, dict[str, int]],
    model: dict[str, Any],
) -> list[Bar]:
    """Return every bar with what was measured for it; `loads` and `model` as in Figures."""
    found = _large(blocks) if model["parameters"] in LARGE else _small(blocks, graphs, model)
    return [
        *found,
        Bar(
            f"cost per second of audio, over that of the next smaller block ({NOISE:.0%} is noise)",
            _dearest_step(loads),
            1.0 + NOISE,
        ),
    ]


def _small(
    blocks: Sequence[BlockFigures], graphs: dict[str, dict[str, int]], model: dict[str, Any]
) -> list[Bar]:
    at = _at(blocks, SMALL_FRAMES)
    share = at.lanes[OURS].parts["total"].median_share if at else None
    found = [
        Bar(
            f"the whole block at {SMALL_FRAMES} frames, median share of the period",
            share,
            MOST_SHARE,
        ),
        Bar(
            f"encoder and decoder at {SMALL_FRAMES} frames, over a plain Conv1d export",
            at.ratios.get(PLAIN) if at else None,
            MOST_OF_PLAIN,
        ),
    ]
    if model["executor"] == "native":
        return [*found, _closed(at)]
    return [*found, _lean(graphs, model)] if graphs else found


def _closed(at: BlockFigures | None) -> Bar:
    closed = None
    if at and REFERENCE in at.lanes:
        runtime = at.lanes[REFERENCE].graphs.median_us
        native = at.lanes[OURS].graphs.median_us
        closed = closed_share(runtime, native, runtime / CHEAPER_BY_HAND)
    return Bar(
        f"of the way from onnxruntime to an executor {CHEAPER_BY_HAND} times cheaper, at "
        f"{SMALL_FRAMES} frames, gone",
        closed,
        LEAST_CLOSED,
        at_least=True,
    )


def _lean(graphs: dict[str, dict[str, int]], model: dict[str, Any]) -> Bar:
    stray = sum(nodes.get(kind, 0) for nodes in graphs.values() for kind in NOT_LEAN)
    # A pitch tracker slides the sound along itself, and nothing but Conv does that.
    tracker = sum(name.startswith("encoder") for name in graphs) if model["hears_pitch"] else 0
    return Bar(
        "nodes that a lean graph has not (Conv beside a pitch tracker's, Slice, Transpose, "
        "unfused LeakyRelu)",
        float(max(0, stray - tracker)),
        0.0,
    )


def _large(blocks: Sequence[BlockFigures]) -> list[Bar]:
    at = _at(blocks, LARGE_FRAMES)
    rave = at.ratios.get(RAVE) if at else None
    limit = at.ratios.get(READING) if at else None
    return [
        Bar(
            f"RAVE's own TorchScript at {LARGE_FRAMES} frames, over encoder and decoder",
            1.0 / rave if rave else None,
            LEAST_BEFORE_RAVE,
            at_least=True,
        ),
        Bar(
            f"encoder and decoder at {LARGE_FRAMES} frames, over reading the weights once",
            limit,
            MOST_OF_LIMIT,
        ),
        Bar(
            "the same, beside RTNeural's C++ (as published, the same layers as BRAVE)",
            limit,
            RTNEURAL_OF_LIMIT,
        ),
    ]


def _dearest_step(loads: Mapping[int, float]) -> float | None:
    """Return the largest ratio of cost per second between a block size and the next smaller."""
    steps = [loads[after] / loads[before] for before, after in pairwise(sorted(loads))]
    return max(steps) if steps else None


def _at(blocks: Sequence[BlockFigures], frames: int) -> BlockFigures | None:
    return next((block for block in blocks if block.block_size == frames), None)
