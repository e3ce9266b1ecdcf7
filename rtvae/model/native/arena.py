"""Arena: the memory that graphs compute in. States stay; scratch is used again once it is free."""

from collections.abc import Iterable

from rtvae.model.native.pool import ALIGNMENT
from rtvae.model.native.views import Buffer


def lay_out(buffers: Iterable[Buffer], start: int) -> int:
    """Give each buffer a place from byte `start` on; return where they end.

    Buffers that are needed at overlapping times never share bytes: the first gap that fits.
    """
    placed: list[Buffer] = []
    end = start
    for buffer in sorted(buffers, key=lambda b: b.first):
        if buffer.last < 0:
            buffer.last = buffer.first
        others = sorted(
            (b.place, b.place + _bytes(b))
            for b in placed
            if b.last >= buffer.first and b.first <= buffer.last
        )
        at = start
        for low, high in others:
            if at + _bytes(buffer) <= low:
                break
            at = max(at, high)
        buffer.place = at
        placed.append(buffer)
        end = max(end, at + _bytes(buffer))
    return end


def _bytes(buffer: Buffer) -> int:
    return -(-4 * buffer.floats // ALIGNMENT) * ALIGNMENT
