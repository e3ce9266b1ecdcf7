"""The bars that the default model has to clear."""

from collections.abc import Sequence

from rtvae.bench.figures import OURS, Bar, BlockFigures

AT_FRAMES = 64
MOST_SHARE = 0.25
MOST_OF_PLAIN = 0.45
NOT_LEAN = frozenset({"Conv", "FusedConv", "ConvTranspose", "Slice", "Transpose", "LeakyRelu"})
"""Operators that are idle at few rows, or should have been fused into the product before them."""

PLAIN = "plain_conv1d"


def bars(blocks: Sequence[BlockFigures], graphs: dict[str, dict[str, int]]) -> list[Bar]:
    """Return every bar with what was measured for it."""
    at = next((block for block in blocks if block.block_size == AT_FRAMES), None)
    share = at.lanes[OURS].parts["total"].median_share if at else None
    ratio = at.ratios.get(PLAIN) if at else None
    not_lean = sum(nodes.get(kind, 0) for nodes in graphs.values() for kind in NOT_LEAN)
    return [
        Bar(
            f"the whole block at {AT_FRAMES} frames, median share of the period", share, MOST_SHARE
        ),
        Bar(
            f"encoder and decoder at {AT_FRAMES} frames, over a plain Conv1d export",
            ratio,
            MOST_OF_PLAIN,
        ),
        Bar(
            "nodes that a lean graph has not (Conv, Slice, Transpose, unfused LeakyRelu)",
            float(not_lean) if graphs else None,
            0.0,
        ),
    ]
