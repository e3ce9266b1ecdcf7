"""A client that does nothing: silence in PortAudio's callback, counting what goes wrong.

    python idle_client.py RATE_HZ

Says "running" when its first block has been. Each line on standard input is answered with JSON:
blocks, late (blocks that took longer than their period) and lost (blocks before which the device
reported an overflow or underflow). It is what any client of this machine has to put up with.
"""

import json
import sys
import time
from typing import Any

import sounddevice

from rtvae.engine.realtime import raise_priority, settle_process


class Silence:
    """The callback and its counters."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._prepared = False
        self.blocks = self.late = self.lost = 0

    def __call__(self, heard: Any, played: Any, frames: int, moment: Any, status: Any) -> None:
        """Play one block of silence."""
        start = time.perf_counter()
        if not self._prepared:
            self._prepared = True
            raise_priority()
        played[:] = bytes(len(played))
        self.blocks += 1
        self.lost += bool(status)
        self.late += time.perf_counter() - start > frames / self._rate_hz


def main() -> None:
    """Play until standard input ends."""
    rate_hz = int(sys.argv[1])
    silence = Silence(rate_hz)
    settle_process(paced=True)
    stream = sounddevice.RawStream(
        samplerate=rate_hz, blocksize=0, channels=(1, 2), dtype="float32", latency="low",
        callback=silence,
    )  # fmt: skip
    with stream:
        while not silence.blocks:
            time.sleep(0.01)
        print("running", flush=True)
        for _ in sys.stdin:
            counts = {name: getattr(silence, name) for name in ("blocks", "late", "lost")}
            print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    main()
