"""The control block: the host writes parameters, the engine reads them once a block.

A sequence counter guards it: odd while a write is under way. A reader that meets a write keeps
the values it had; the next block brings the new ones. Last value wins.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import PARAMETER_COUNT, clamp


class ControlWriter:
    """The host's side. Only one thread of one process may write."""

    def __init__(self, block: NDArray[Any]) -> None:
        self._block = block
        self._values: NDArray[np.float32] = block["values"]

    @property
    def values(self) -> NDArray[np.float32]:
        """A copy of all parameters, float32 `(PARAMETER_COUNT,)`."""
        return self._values.copy()

    def set(self, index: int, value: float) -> None:
        """Set one parameter, held inside its range."""
        self.set_many({index: value})

    def set_many(self, changes: dict[int, float]) -> None:
        """Set several parameters at once: the engine sees all of them or none."""
        # A host killed inside a write leaves the counter odd; the next write mends it.
        start = int(self._block["sequence"]) | 1
        self._block["sequence"] = start
        for index, value in changes.items():
            self._values[index] = clamp(index, value)
        self._block["sequence"] = start + 1

    def panic(self) -> None:
        """Ask for silence and a model reset at once; the engine counts these requests."""
        self._block["panic_count"] += np.uint64(1)

    def beat(self) -> None:
        """Show that the host lives."""
        self._block["host_beat"] += np.uint64(1)


class ControlReader:
    """The engine's and the window's side: a private copy that is refreshed once a block."""

    def __init__(self, block: NDArray[Any]) -> None:
        # A number is read quicker through a memoryview than through an array.
        row: Any = block.reshape(1)
        self._sequence = memoryview(row["sequence"])
        self._panic = memoryview(row["panic_count"])
        self._shared: NDArray[np.float32] = block["values"]
        self._fresh = np.empty(PARAMETER_COUNT, np.float32)
        self.values: NDArray[np.float32] = self._shared.copy()
        self._seen = -1

    def refresh(self) -> bool:
        """Take over a finished write; return whether anything was taken.

        Real-time: no lock, no allocation that stays, one copy of about 1 KB only after a write.
        """
        before: int = self._sequence[0]
        if before == self._seen or before & 1:
            return False
        self._fresh[:] = self._shared
        if self._sequence[0] != before:
            return False
        self.values[:] = self._fresh
        self._seen = before
        return True

    @property
    def panic_count(self) -> int:
        """How often panic was asked for. Real-time: one read."""
        count: int = self._panic[0]
        return count
