"""Two judgements, without a clock of their own: does it still move, does it die too often."""

from collections import deque

LONGEST_LOOK_S = 0.1


class Stillness:
    """How long a counter has been seen standing still.

    A look that comes late counts as LONGEST_LOOK_S at most: when the whole machine stalled or
    slept, the counter had no chance to move and nobody is dead.
    """

    def __init__(self) -> None:
        self._count: int | None = None
        self._looked_s = 0.0
        self._still_s = 0.0

    def seconds(self, count: int, now_s: float) -> float:
        """Look at the counter; return for how long it has not moved."""
        if count != self._count:
            self._count = count
            self._still_s = 0.0
        else:
            self._still_s += min(now_s - self._looked_s, LONGEST_LOOK_S)
        self._looked_s = now_s
        return self._still_s


class CrashHistory:
    """How many crashes lie within the last `within_s` seconds."""

    def __init__(self, within_s: float = 60.0) -> None:
        self.within_s = within_s
        self._times_s: deque[float] = deque()

    def crashed(self, now_s: float) -> int:
        """Note a crash; return the number of crashes in the window, this one included."""
        self._times_s.append(now_s)
        while self._times_s[0] <= now_s - self.within_s:
            self._times_s.popleft()
        return len(self._times_s)

    def forgive(self) -> None:
        """Take the newest crash back: it turned out to have an innocent cause."""
        if self._times_s:
            self._times_s.pop()
