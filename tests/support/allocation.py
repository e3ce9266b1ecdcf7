"""Counts what a body of code leaves allocated and what it takes at its peak."""

import gc
import sys
import tracemalloc
from collections.abc import Callable

BLOCKS = 1000
WARM_UP_CALLS = 200
MOST_LEFT_BLOCKS = 16
MOST_PEAK_BYTES = 2048


def assert_no_net_allocation(body: Callable[[], object]) -> None:
    """Run `body` to warm up, then 1,000 times without the collector; nothing may stay.

    Two passes, because tracing counts as allocation itself: first the blocks that stay, then the
    peak of memory over what was there before.
    """
    # Collecting empties the interpreter's free lists: fill them again before counting.
    gc.collect()
    gc.disable()
    try:
        for _ in range(WARM_UP_CALLS):
            body()
        before = sys.getallocatedblocks()
        for _ in range(BLOCKS):
            body()
        left = sys.getallocatedblocks() - before
        tracemalloc.start()
        body()
        tracemalloc.reset_peak()
        start, _ = tracemalloc.get_traced_memory()
        for _ in range(BLOCKS):
            body()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert left <= MOST_LEFT_BLOCKS, f"{left} blocks stay after {BLOCKS} calls"
    assert peak - start < MOST_PEAK_BYTES, f"{peak - start} bytes at the peak"
