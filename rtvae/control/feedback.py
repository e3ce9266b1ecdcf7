"""Feedback: what is sent so that a controller's rings, lights and faders show the values. Pure.

Only routes that say `feedback` are shown: an instrument with keys would take such messages for its
own. A control that is in somebody's hand is left alone until HAND_S after it was last moved, and
nothing is sent faster than a controller takes it.
"""

import math
from collections.abc import Mapping, Sequence

from rtvae.control.actions import is_action
from rtvae.control.midi import MidiEvent, encode
from rtvae.control.midi_moves import raw_value
from rtvae.control.parameters import resolve
from rtvae.control.routes import Route

SHOWN = ("cc", "cc14", "note", "bend")
"""The kinds of controls that can show something."""
HAND_S = 0.3
EACH_S = 0.02
"""One control is sent no more often than this,"""
MOST_AT_ONCE = 16
"""and one port no more than so many at each look."""
TO_FINE = 32
"""From the number of a coarse half to that of its fine one."""


class Feedback:
    """Shows the values of the routes that one port's controls have."""

    def __init__(self, routes: Sequence[Route], attributes: Sequence[str] = ()) -> None:
        self._shown: list[tuple[Route, str]] = []
        for route in routes:
            target = resolve(route.target, attributes)
            showable = route.kind in SHOWN and not is_action(route.target)
            if route.feedback and showable and target is not None:
                self._shown.append((route, target))
        self._known: dict[Route, int] = {}
        self._sent_s: dict[Route, float] = {}
        self._touched_s: dict[Route, float] = {}
        self._next = 0

    def __bool__(self) -> bool:
        return bool(self._shown)

    def touched(self, route: Route, now_s: float) -> None:
        """Somebody moves the control of a route."""
        if route.feedback:
            self._touched_s[route] = now_s
            # Where an absolute control stands now it knows itself, but not what became of it.
            self._known.pop(route, None)

    def packets(self, values: Mapping[str, float], now_s: float) -> list[list[int]]:
        """Return what to send now; `values` are the parameters' values."""
        packets: list[list[int]] = []
        count = len(self._shown)
        for k in range(count):
            place = (self._next + k) % count
            route, target = self._shown[place]
            raw = _raw(route, values.get(target, math.nan))
            if raw is None or raw == self._known.get(route) or self._waits(route, now_s):
                continue
            self._known[route], self._sent_s[route] = raw, now_s
            packets += _messages(route, raw)
            if len(packets) >= MOST_AT_ONCE:
                self._next = (place + 1) % count
                break
        return packets

    def _waits(self, route: Route, now_s: float) -> bool:
        touched_s = self._touched_s.get(route, -math.inf)
        return now_s - touched_s < HAND_S or now_s - self._sent_s.get(route, -math.inf) < EACH_S


def _raw(route: Route, value: float) -> int | None:
    """The value that a control would send for a parameter's value."""
    if not math.isfinite(value):
        return None
    if route.mode in ("toggle", "momentary") or route.kind == "note":
        return raw_value(route.kind, float(abs(value - route.high) < abs(value - route.low)))
    return raw_value(route.kind, route.position(value))


def _messages(route: Route, raw: int) -> list[list[int]]:
    channel, number = route.channel or 1, route.number or 0
    fine, coarse = raw & 0x7F, raw >> 7
    if route.kind == "bend":
        return [encode(MidiEvent("pitch_bend", channel, (fine, coarse)))]
    if route.kind == "note":
        return [encode(MidiEvent("note_on", channel, (number, raw)))]
    if route.kind == "cc14":
        halves = ((number, coarse), (number + TO_FINE, fine))
        return [encode(MidiEvent("control_change", channel, half)) for half in halves]
    return [encode(MidiEvent("control_change", channel, (number, raw)))]
