"""MIDI bytes to events: one table, one total function.

`decode` takes one packet as a MIDI port delivers it and never raises: what is not a complete,
valid message comes out as nothing. Running status holds within a packet only, so that a stray pair
of data bytes from a broken controller cannot turn a knob.
"""

from collections.abc import Iterable
from typing import NamedTuple

CHANNEL_MESSAGES = {
    # high nibble of the status byte: (kind, number of data bytes)
    0x8: ("note_off", 2),
    0x9: ("note_on", 2),
    0xA: ("polyphonic_pressure", 2),
    0xB: ("control_change", 2),
    0xC: ("program_change", 1),
    0xD: ("channel_pressure", 1),
    0xE: ("pitch_bend", 2),
}
SYSTEM_MESSAGES = {
    # status byte: (kind, number of data bytes); every other system message is passed over
    0xF2: ("song_position", 2),
    0xF8: ("clock", 0),
    0xFA: ("start", 0),
    0xFB: ("continue", 0),
    0xFC: ("stop", 0),
}
FIRST_STATUS = 0x80
FIRST_REAL_TIME = 0xF8
LAST_BYTE = 0xFF

# status byte: (kind, channel, number of data bytes)
_MESSAGES = {
    nibble << 4 | channel - 1: (kind, channel, length)
    for nibble, (kind, length) in CHANNEL_MESSAGES.items()
    for channel in range(1, 17)
} | {status: (kind, 0, length) for status, (kind, length) in SYSTEM_MESSAGES.items()}
_STATUS = {(kind, channel): status for status, (kind, channel, _) in _MESSAGES.items()}


class MidiEvent(NamedTuple):
    """One message: its kind, channel 1 to 16 (0 for system messages), and data bytes 0 to 127."""

    kind: str
    channel: int
    data: tuple[int, ...]


def decode(packet: Iterable[int]) -> list[MidiEvent]:
    """Return the messages of one packet that the tables know, in their order.

    Real-time bytes (0xF8 and above) may stand anywhere and disturb nothing. Other messages, among
    them system exclusive of any length, are skipped up to the next status byte. Numbers that are
    no bytes end the message they stand in.
    """
    events: list[MidiEvent] = []
    message: tuple[str, int, int] | None = None
    data: list[int] = []
    for byte in packet:
        if FIRST_REAL_TIME <= byte <= LAST_BYTE:
            if byte in SYSTEM_MESSAGES:
                events.append(MidiEvent(SYSTEM_MESSAGES[byte][0], 0, ()))
        elif not 0 <= byte < FIRST_STATUS:
            message = _MESSAGES.get(byte)
            data = []
        elif message is not None:
            data.append(byte)
            kind, channel, length = message
            if len(data) == length:
                events.append(MidiEvent(kind, channel, tuple(data)))
                data = []
                if not channel:
                    message = None
    return events


def encode(event: MidiEvent) -> list[int]:
    """Return the bytes that `decode` turns back into `event`. Raises KeyError for no such kind."""
    return [_STATUS[event.kind, event.channel], *event.data]
