"""Pedals: actions that are done with parameters alone."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from rtvae.control.parameters import LOOPER_STATES
from rtvae.host.part import Backstage, Deed

# What one pedal makes of the looper's state: record, then repeat, then stop.
_PRESSED = {"off": "record", "record": "play", "play": "off", "overdub": "play"}
LONGEST_BEAT_S = 3.0
TAPS = 5


class Pedals:
    """Mute, panic, the looper's pedal and the tapped tempo; `clock` gives seconds."""

    def __init__(self, backstage: Backstage, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = backstage.console
        self._clock = clock
        self._taps: deque[float] = deque(maxlen=TAPS)

    def deeds(self) -> Mapping[str, Deed]:
        """Return what it does, by name."""
        return {
            "panic": lambda arguments: self._console.panic(),
            "mute.toggle": self._toggle_mute,
            "looper.press": self._press_looper,
            "tap": self._tap,
        }

    def info(self) -> Mapping[str, Any]:
        """Nothing: parameters are seen in the control block."""
        return {}

    def step(self, now_s: float) -> None:
        """Nothing goes on by itself."""

    def close(self) -> None:
        """Nothing is held."""

    def _toggle_mute(self, arguments: Mapping[str, Any]) -> None:
        muted = self._console.values()["mute"] >= 0.5
        self._console.set({"mute": 0.0 if muted else 1.0}, "pedal")

    def _press_looper(self, arguments: Mapping[str, Any]) -> None:
        state = LOOPER_STATES[round(self._console.values()["looper"])]
        self._console.set({"looper": LOOPER_STATES.index(_PRESSED[state])}, "pedal")

    def _tap(self, arguments: Mapping[str, Any]) -> None:
        """The tempo is the mean of the last beats; a pause begins anew."""
        now_s = self._clock()
        if self._taps and now_s - self._taps[-1] > LONGEST_BEAT_S:
            self._taps.clear()
        self._taps.append(now_s)
        span_s = self._taps[-1] - self._taps[0]
        if span_s > 0.0:
            self._console.set({"tempo_bpm": 60.0 * (len(self._taps) - 1) / span_s}, "pedal")
