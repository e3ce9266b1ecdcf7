"""Pool: the constants of a whole model in one aligned array, in the order in which they are read.

Graphs of one model over different numbers of hops share what is equal.
"""

import hashlib
from math import prod

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.address import address_of
from rtvae.model.native.views import Buffer, Shape, View, whole

ALIGNMENT = 64

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


class Pool:
    """Collects constants; `finish` returns the memory that holds them."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._known: dict[bytes, Buffer] = {}  # by the sum of what they hold

    def raw(self, array: NDArray[np.generic]) -> Buffer:
        """Return a buffer with the bytes of an array."""
        data = np.ascontiguousarray(array).tobytes()
        # hashlib lets go of the interpreter meanwhile: others play while a model is loaded.
        key = hashlib.sha256(data).digest()
        if key not in self._known:
            buffer = Buffer(-(-len(data) // 4), "pool", self._size)
            padded = data + bytes(-len(data) % ALIGNMENT)
            self._parts.append(padded)
            self._size += len(padded)
            self._known[key] = buffer
        return self._known[key]

    def view(self, array: NDArray[np.generic]) -> View:
        """Return a view of an array of numbers, as float32."""
        floats = np.ascontiguousarray(array, np.float32)
        return whole(self.raw(floats), floats.shape)

    def filled(self, value: float, shape: Shape) -> View:
        """Return a view of one number; it is stored once, whatever the shape."""
        dims = ((prod(shape), 0),)
        return View(self.raw(np.full(1, value, np.float32)), 0, dims, shape)

    def finish(self) -> Bytes:
        """Return the constants in one array aligned to a cache line."""
        memory, at = aligned_bytes(self._size), 0
        for part in self._parts:  # one by one: joined they would hold up who plays meanwhile
            memory[at : at + len(part)] = np.frombuffer(part, np.uint8)
            at += len(part)
        self._parts.clear()
        self._known.clear()
        return memory


def aligned_bytes(size: int) -> Bytes:
    """Return zeroed memory aligned to a cache line."""
    memory = np.zeros(size + ALIGNMENT, np.uint8)
    start = -address_of(memory) % ALIGNMENT
    return memory[start : start + size]


def panels(weight: Floats, width: int) -> Floats:
    """Return `[K, N]` as `[N / width, K, width]`, columns padded with zeros."""
    depth, columns = weight.shape
    padded = np.zeros((depth, -(-columns // width) * width), np.float32)
    padded[:, :columns] = weight
    return np.ascontiguousarray(padded.reshape(depth, -1, width).transpose(1, 0, 2))
