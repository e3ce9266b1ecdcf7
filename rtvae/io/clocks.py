"""Clocks as arguments: the machine's monotonic clock, and a virtual one that only moves when told.

Drivers that keep their own time take one of these, so that hours can be tried in milliseconds.
"""

import time
from typing import Protocol


class Clock(Protocol):
    """Monotonic time in seconds."""

    def now(self) -> float:
        """Seconds since some fixed moment."""

    def sleep_until(self, moment_s: float) -> None:
        """Return at `moment_s` or later; at once if it has passed."""


class MonotonicClock:
    """The machine's clock; setting the date or a time server does not move it."""

    def now(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()

    def sleep_until(self, moment_s: float) -> None:
        """Sleep on the machine's clock."""
        left_s = moment_s - time.monotonic()
        if left_s > 0:
            time.sleep(left_s)


class VirtualClock:
    """Time that passes only by sleeping and by `advance`: no test ever waits for it."""

    def __init__(self, start_s: float = 0.0) -> None:
        self._now_s = start_s

    def now(self) -> float:
        """The virtual second."""
        return self._now_s

    def sleep_until(self, moment_s: float) -> None:
        """Jump to `moment_s`, never back."""
        self._now_s = max(self._now_s, moment_s)

    def advance(self, seconds: float) -> None:
        """Let time pass, as a stall would."""
        self._now_s += seconds
