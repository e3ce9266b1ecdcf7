"""Which knob moves which parameter: control changes in, parameter changes out. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from rtvae.control.midi import MidiEvent

LAST_CONTROL = 127
HIGHEST_VALUE = 127
RECORD = "record"
"""A target that is no parameter: a value from the middle on presses the record key."""


@dataclass(frozen=True)
class MidiRoute:
    """One line from a controller to a parameter.

    `channel` is 1 to 16, None for any; `control` is 0 to 127; `target` is a parameter's name, or
    RECORD.
    Value 0 gives `low`, 127 gives `high`; `low` above `high` turns the knob round.
    """

    control: int
    target: str
    low: float
    high: float
    channel: int | None = None

    def value(self, position: int) -> float:
        """Return the parameter's value for a knob position from 0 to 127."""
        share = position / HIGHEST_VALUE
        return self.low * (1.0 - share) + self.high * share


def changes(routes: Iterable[MidiRoute], events: Iterable[MidiEvent]) -> dict[str, float]:
    """Return the new values that events bring to the routed parameters, by parameter name.

    The last event wins. Events that no route listens to bring nothing.
    """
    by_control: dict[int, list[MidiRoute]] = {}
    for route in routes:
        by_control.setdefault(route.control, []).append(route)
    moved: dict[str, float] = {}
    for event in events:
        if event.kind != "control_change":
            continue
        control, position = event.data
        for route in by_control.get(control, ()):
            if route.channel is None or route.channel == event.channel:
                value = route.value(position)
                if route.target == RECORD:
                    # A button let go again at once was pressed all the same.
                    value = max(value, moved.get(RECORD, value))
                moved[route.target] = value
    return moved
