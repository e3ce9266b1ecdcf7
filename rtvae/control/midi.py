"""MIDI bytes to events: one table, one total function.

`decode` takes one packet as a MIDI port delivers it and never raises: what is not a complete,
valid channel message comes out as nothing. Running status holds within a packet only, so that a
stray pair of data bytes from a broken controller cannot turn a knob.
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
FIRST_STATUS = 0x80
FIRST_SYSTEM = 0xF0
FIRST_REAL_TIME = 0xF8
LAST_BYTE = 0xFF


class MidiEvent(NamedTuple):
    """One channel message: its kind, channel 1 to 16, and one or two data bytes 0 to 127."""

    kind: str
    channel: int
    data: tuple[int, ...]


def decode(packet: Iterable[int]) -> list[MidiEvent]:
    """Return the channel messages of one packet, in their order.

    Real-time bytes (0xF8 and above) may stand anywhere and are passed over. System messages,
    among them system exclusive of any length, are skipped up to the next status byte. Numbers
    that are no bytes end the message they stand in.
    """
    events: list[MidiEvent] = []
    status = 0
    data: list[int] = []
    for byte in packet:
        if FIRST_REAL_TIME <= byte <= LAST_BYTE:
            continue
        if not 0 <= byte < FIRST_STATUS:
            status = byte if FIRST_STATUS <= byte < FIRST_SYSTEM else 0
            data = []
        elif status:
            data.append(byte)
            kind, length = CHANNEL_MESSAGES[status >> 4]
            if len(data) == length:
                events.append(MidiEvent(kind, (status & 0x0F) + 1, tuple(data)))
                data = []
    return events


def encode(event: MidiEvent) -> list[int]:
    """Return the bytes that `decode` turns back into `event`."""
    for nibble, (kind, _) in CHANNEL_MESSAGES.items():
        if kind == event.kind:
            return [nibble << 4 | event.channel - 1, *event.data]
    raise KeyError(event.kind)
