"""The decoder: valid messages come out as they went in, everything else as nothing."""

import random

from hypothesis import given
from hypothesis import strategies as st

from rtvae.control.midi import CHANNEL_MESSAGES, SYSTEM_MESSAGES, MidiEvent, decode, encode

DATA_BYTES = st.integers(0, 127)
KINDS = sorted(CHANNEL_MESSAGES.values())
LENGTHS = dict([*CHANNEL_MESSAGES.values(), *SYSTEM_MESSAGES.values()])


@st.composite
def midi_events(draw: st.DrawFn) -> MidiEvent:
    kind, length = draw(st.sampled_from(KINDS))
    data = tuple(draw(st.lists(DATA_BYTES, min_size=length, max_size=length)))
    return MidiEvent(kind, draw(st.integers(1, 16)), data)


@given(midi_events())
def test_every_valid_message_comes_back(event: MidiEvent) -> None:
    assert decode(encode(event)) == [event]


@given(st.lists(midi_events()))
def test_several_messages_in_one_packet_keep_their_order(events: list[MidiEvent]) -> None:
    assert decode([byte for event in events for byte in encode(event)]) == events


@given(st.lists(midi_events(), min_size=1), st.lists(st.integers(0xF8, 0xFF)))
def test_real_time_bytes_may_stand_anywhere(events: list[MidiEvent], clocks: list[int]) -> None:
    packet = [byte for event in events for byte in encode(event)]
    places = random.Random(1)
    for clock in clocks:
        packet.insert(places.randrange(len(packet) + 1), clock)
    found = decode(packet)
    assert [event for event in found if event.channel] == events
    timed = [event.kind for event in found if not event.channel]
    assert sorted(timed) == sorted(
        SYSTEM_MESSAGES[clock][0] for clock in clocks if clock in SYSTEM_MESSAGES
    )


@given(st.sampled_from(sorted(SYSTEM_MESSAGES.values())), DATA_BYTES, DATA_BYTES)
def test_every_system_message_comes_back(about: tuple[str, int], first: int, second: int) -> None:
    event = MidiEvent(about[0], 0, (first, second)[: about[1]])
    assert decode(encode(event)) == [event]
    assert decode([*encode(event), first, second]) == [event], "they have no running status"


@given(st.lists(midi_events(), min_size=1), st.data())
def test_a_packet_split_anywhere_loses_a_message_and_invents_none(
    events: list[MidiEvent], data: st.DataObject
) -> None:
    packet = [byte for event in events for byte in encode(event)]
    place = data.draw(st.integers(0, len(packet)))
    pieces = decode(packet[:place]) + decode(packet[place:])
    assert len(pieces) >= len(events) - 1
    whole = iter(events)
    assert all(event in whole for event in pieces)


@given(st.lists(st.integers(-300, 600)) | st.binary())
def test_any_bytes_give_valid_events_or_nothing(packet: list[int] | bytes) -> None:
    for event in decode(packet):
        assert len(event.data) == LENGTHS[event.kind]
        assert 1 <= event.channel <= 16 or (event.kind, len(event.data)) in SYSTEM_MESSAGES.values()
        assert all(0 <= byte <= 127 for byte in event.data)


def test_a_million_random_bytes() -> None:
    noise = random.Random(2).randbytes(1_000_000)
    assert all(0 <= byte <= 127 for event in decode(noise) for byte in event.data)


def test_running_status_within_a_packet() -> None:
    assert decode([0xB2, 7, 1, 7, 2]) == [
        MidiEvent("control_change", 3, (7, 1)),
        MidiEvent("control_change", 3, (7, 2)),
    ]


def test_messages_that_real_ports_were_seen_to_deliver_broken() -> None:
    assert decode([]) == []
    assert decode([0xB0, 1]) == [], "half a message"
    assert decode([0xB0, 1, 200]) == [], "a data byte above 127"
    assert decode([1, 2]) == [], "data bytes without a status"
    assert decode([0xB0, 1, 0xB0, 1, 2]) == [MidiEvent("control_change", 1, (1, 2))]


def test_system_exclusive_is_skipped_whatever_its_length() -> None:
    bomb = [0xF0, *([0x55] * 100_000), 0xF7]
    assert decode([*bomb, 0xC0, 5]) == [MidiEvent("program_change", 1, (5,))]
    assert decode([0xB0, 0xF0, 1, 2, 0xF7, 1, 2]) == [], "system messages end running status"
