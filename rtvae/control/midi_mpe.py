"""MPE: each note on a channel of its own, made into what one voice can follow. Pure.

A zone has a manager channel (1 for the lower, 16 for the upper) and member channels next to it, one
for each note. Controllers announce their zones by RPN 6; until one does, all channels but the first
are taken for members of the lower zone. Source: MIDI Polyphonic Expression 1.0, MIDI Association.
"""

from collections.abc import Callable

from rtvae.control.midi_moves import Move

LOWER, UPPER = 1, 16
MEMBERS = 15
BOTH_MEMBERS = 14
ZONE_RPN = 6
TIMBRE = 74
SILENCERS = (120, 123)
MOST_NOTES = 32
"""More never sound at once; a controller that forgets to end its notes loses the oldest."""

Note = tuple[int, int]
"""Channel and key."""

# Which of the notes that sound one voice follows.
CHOOSE: dict[str, Callable[[list[Note]], Note]] = {
    "last": lambda notes: notes[-1],
    "first": lambda notes: notes[0],
    "lowest": lambda notes: min(notes, key=lambda note: note[1]),
    "highest": lambda notes: max(notes, key=lambda note: note[1]),
}
AT_REST = {"mpe_bend": 8192, "mpe_pressure": 0, "mpe_timbre": 64}


class Zone:
    """One zone: its notes in the order in which they were struck, and each channel's values."""

    def __init__(self, manager: int, members: int) -> None:
        self.manager = manager
        self.resize(members)

    def resize(self, members: int) -> None:
        """Begin anew with so many member channels."""
        step = 1 if self.manager == LOWER else -1
        self.channels = {self.manager + step * k for k in range(1, members + 1)}
        self._notes: list[Note] = []
        self._chosen: dict[str, Note] = {}
        self._values = {channel: dict(AT_REST) for channel in self.channels}

    def strike(self, channel: int, key: int) -> list[Move]:
        """A note begins."""
        others = [note for note in self._notes if note != (channel, key)]
        self._notes = [*others, (channel, key)][-MOST_NOTES:]
        return self._choose()

    def release(self, channel: int, key: int) -> list[Move]:
        """A note ends; what is chosen goes back to one that still sounds."""
        self._notes = [note for note in self._notes if note != (channel, key)]
        return self._choose()

    def silence(self, channel: int) -> list[Move]:
        """All notes of a channel end."""
        self._notes = [note for note in self._notes if note[0] != channel]
        return self._choose()

    def turn(self, channel: int, kind: str, value: int) -> list[Move]:
        """A note's bend, pressure or timbre changes."""
        self._values[channel][kind] = value
        voices = tuple(voice for voice, note in self._chosen.items() if note[0] == channel)
        return [Move(kind, self.manager, 0, value, voices=voices)] if voices else []

    def _choose(self) -> list[Move]:
        chosen = {voice: pick(self._notes) for voice, pick in CHOOSE.items() if self._notes}
        changed: dict[int, list[str]] = {}
        for voice, note in chosen.items():
            if note != self._chosen.get(voice):
                changed.setdefault(note[0], []).append(voice)
        self._chosen = chosen
        return [
            Move(kind, self.manager, 0, value, voices=tuple(voices))
            for channel, voices in changed.items()
            for kind, value in self._values[channel].items()
        ]


class Zones:
    """Both zones of one port. `announced` is whether the controller told of them itself."""

    def __init__(self) -> None:
        self.announced = False
        self._zones = (Zone(LOWER, MEMBERS), Zone(UPPER, 0))

    def of(self, channel: int) -> Zone | None:
        """The zone that a channel is a member of."""
        return next((zone for zone in self._zones if channel in zone.channels), None)

    def configure(self, channel: int, members: int) -> None:
        """Carry out what RPN 6 said on a manager channel; on any other it says nothing."""
        if channel not in (LOWER, UPPER):
            return
        members = min(members, MEMBERS)
        for zone in self._zones:
            if zone.manager == channel:
                zone.resize(members)
            elif not self.announced:
                zone.resize(0)
            elif members and len(zone.channels) + members > BOTH_MEMBERS:
                zone.resize(max(0, BOTH_MEMBERS - members))
        self.announced = True
