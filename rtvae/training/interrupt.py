"""Ctrl-C, once: finish what is under way. Again, later: stop at once."""

import signal
import time
from types import FrameType, TracebackType
from typing import Self

SAME_PRESS_SECONDS = 1.0
"""torchrun passes on what the terminal has already sent: that is one press."""


class CtrlC:
    """Inside `with`, remembers whether Ctrl-C was pressed; only the main thread may use it."""

    def __init__(self) -> None:
        self._at: float | None = None

    def __call__(self) -> bool:
        """Return whether it was pressed."""
        return self._at is not None

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._pressed)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _pressed(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._at is not None and now - self._at > SAME_PRESS_SECONDS:
            raise KeyboardInterrupt
        self._at = now if self._at is None else self._at
