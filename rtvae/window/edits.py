"""Edits on their way: what the player just set wins over the control block until it arrives there.

Without this a knob under the hand would jump back for a frame, each time the block still holds
the value from before the edit.
"""

from numpy import float32
from numpy.typing import NDArray

HOLD_S = 0.5


class PendingEdits:
    """The edits that have been sent and not yet seen in the control block."""

    def __init__(self) -> None:
        self._sent: dict[int, tuple[float, float]] = {}

    def note(self, index: int, value: float, now_s: float) -> None:
        """Remember that the parameter at `index` was sent as `value`."""
        self._sent[index] = (value, now_s)

    def settle(self, values: NDArray[float32], now_s: float) -> None:
        """Forget edits that have arrived in the block, and those older than HOLD_S.

        An edit grows old when somebody else moved the same parameter, or when no host listens:
        then the block is the truth.
        """
        for index, (value, sent_s) in list(self._sent.items()):
            arrived = abs(float(values[index]) - value) <= 1e-6 * max(1.0, abs(value))
            if arrived or now_s - sent_s > HOLD_S:
                del self._sent[index]

    def value(self, index: int, values: NDArray[float32]) -> float:
        """Return what a control should show for the parameter at `index`."""
        sent = self._sent.get(index)
        return float(values[index]) if sent is None else sent[0]
