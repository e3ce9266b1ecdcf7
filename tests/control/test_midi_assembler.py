"""The assembler: halves become values, notes become gates and voices, and no bytes break it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.control.midi import decode
from rtvae.control.midi_assembler import PAIR_S, Assembler
from rtvae.control.midi_moves import KINDS, Move
from rtvae.control.midi_mpe import CHOOSE
from rtvae.control.routes import VOICES


class Port:
    def __init__(self) -> None:
        self.assembler = Assembler()
        self.now_s = 0.0

    def send(self, *packet: int, after_s: float = 0.0) -> list[Move]:
        self.now_s += after_s
        return self.assembler.feed(decode(packet), self.now_s)

    def values(self, kind: str, *packet: int, after_s: float = 0.0) -> list[int]:
        return [move.value for move in self.send(*packet, after_s=after_s) if move.kind == kind]


@pytest.fixture
def port() -> Port:
    return Port()


CASES = [
    ([0xB2, 40, 5], [Move("cc", 3, 40, 5)]),
    ([0xB2, 70, 5], [Move("cc", 3, 70, 5)]),
    ([0xC0, 5], [Move("program", 1, 5, 127)]),
    ([0xA0, 60, 5], [Move("poly_pressure", 1, 60, 5)]),
    ([0xD0, 5], [Move("pressure", 1, 0, 5)]),
    ([0xE0, 0, 64], [Move("bend", 1, 0, 8192)]),
    (
        [0x90, 60, 5],
        [Move("key", 1, 0, 60), Move("velocity", 1, 60, 5), Move("note", 1, 60, 127)],
    ),
    ([0x90, 60, 0], [Move("note", 1, 60, 0)]),
    ([0x80, 60, 99], [Move("note", 1, 60, 0)]),
    ([0xF8, 0xFA, 0xFE, 0xF0, 1, 2, 0xF7], []),
]


@pytest.mark.parametrize(("packet", "moves"), CASES)
def test_plain_messages(port: Port, packet: list[int], moves: list[Move]) -> None:
    assert port.send(*packet) == moves


def test_a_coarse_half_alone_reaches_both_ends(port: Port) -> None:
    assert port.values("cc14", 0xB0, 1, 127) == [16383]
    assert port.values("cc14", 0xB0, 1, 0) == [0]
    assert port.values("cc14", 0xB0, 1, 64) == [64 << 7 | 64]


def test_two_halves_make_one_value_and_it_never_jumps_there_and_back(port: Port) -> None:
    port.send(0xB0, 1, 64, 33, 0)
    values = []
    for value in range(64 << 7, 62 << 7, -3):
        values += port.values("cc14", 0xB0, 1, value >> 7, after_s=0.001)
        values += port.values("cc14", 0xB0, 33, value & 127)
    assert values == list(range(64 << 7, 62 << 7, -3))


def test_a_fine_half_that_never_comes_is_nought_after_a_while(port: Port) -> None:
    port.send(0xB0, 1, 64, 33, 5)
    assert port.values("cc14", 0xB0, 1, 65) == []
    assert port.values("cc14", after_s=PAIR_S / 2) == []
    assert port.values("cc14", after_s=PAIR_S) == [65 << 7]
    assert port.values("cc14", after_s=PAIR_S) == []


def test_a_fine_half_may_come_alone_but_not_first(port: Port) -> None:
    assert port.values("cc14", 0xB0, 33, 5) == []
    port.send(0xB0, 1, 64, 33, 5)
    assert port.values("cc14", 0xB0, 33, 6) == [64 << 7 | 6]


def test_halves_are_paired_only_when_they_come_together(port: Port) -> None:
    port.send(0xB0, 1, 64)
    late = port.send(0xB0, 33, 5, after_s=1.0)
    assert [move.paired for move in late] == [False, False]
    port.send(0xB0, 1, 64)
    assert [move.paired for move in port.send(0xB0, 33, 5)] == [False, True]


@pytest.mark.parametrize(("kind", "select"), [("nrpn", (99, 98)), ("rpn", (101, 100))])
def test_a_number_is_selected_and_set(port: Port, kind: str, select: tuple[int, int]) -> None:
    coarse, fine = select
    assert port.values(kind, 0xB0, 6, 1) == [], "nothing is selected"
    moves = port.send(0xB0, coarse, 2, fine, 44, 6, 100, 38, 7)
    found = [move for move in moves if move.kind == kind]
    assert [(move.number, move.value) for move in found] == [
        (300, 100 << 7 | 100),
        (300, 100 << 7 | 7),
    ]
    assert port.values(kind, 0xB0, 6, 101, 38, 7) == [101 << 7 | 7]
    steps = port.send(0xB0, 96, 0, 97, 0)
    assert [move.step for move in steps if move.kind == kind] == [1, -1]
    port.send(0xB0, coarse, 127, fine, 127)
    assert port.values(kind, 0xB0, 6, 1, 38, 1, 96, 0) == [], "the null number"


def test_another_number_knows_nothing_of_the_value_of_the_one_before(port: Port) -> None:
    port.send(0xB0, 99, 0, 98, 1, 6, 100, 38, 7)
    port.send(0xB0, 98, 2)
    assert port.values("nrpn", 0xB0, 38, 9) == []


def test_channels_know_nothing_of_each_other(port: Port) -> None:
    port.send(0xB0, 99, 0, 98, 1, 1, 64)
    assert port.values("nrpn", 0xB1, 6, 1) == []
    assert port.values("cc14", 0xB1, 33, 1) == []


def voices(moves: list[Move], kind: str = "mpe_pressure") -> dict[int, set[str]]:
    return {move.value: set(move.voices) for move in moves if move.kind == kind}


def test_every_way_of_choosing_a_note_can_be_asked_for() -> None:
    assert tuple(CHOOSE) == VOICES


def test_the_voice_goes_to_the_new_note_and_back(port: Port) -> None:
    assert voices(port.send(0xD1, 20)) == {}, "no note sounds"
    assert voices(port.send(0x91, 60, 9)) == {20: set(VOICES)}
    assert voices(port.send(0xD2, 30, 0x92, 50, 9)) == {30: {"last", "lowest"}}
    assert voices(port.send(0xD1, 21)) == {21: {"first", "highest"}}
    assert voices(port.send(0x82, 50, 0)) == {21: {"last", "lowest"}}
    assert voices(port.send(0xB1, 123, 0)) == {}
    assert voices(port.send(0xD1, 22)) == {}


def test_zones_are_announced_by_the_controller(port: Port) -> None:
    assert not port.assembler.zones.announced
    port.send(0xBF, 101, 0, 100, 6, 6, 3)
    assert port.assembler.zones.announced
    assert voices(port.send(0x91, 60, 9)) == {}, "channel 2 is in no zone now"
    [move] = [m for m in port.send(0x9E, 60, 9) if m.kind == "mpe_bend"]
    assert (move.channel, move.value) == (16, 8192)
    port.send(0xB0, 101, 0, 100, 6, 6, 12)
    managers = [zone.manager for c in (12, 13, 14, 15) if (zone := port.assembler.zones.of(c))]
    assert managers == [1, 1, 16, 16], "the upper zone has made room"
    port.send(0xB0, 101, 0, 100, 6, 6, 0)
    assert port.assembler.zones.of(2) is None
    port.send(0xB4, 101, 0, 100, 6, 6, 5)
    assert port.assembler.zones.of(2) is None, "no manager channel"


def check(moves: list[Move]) -> None:
    for move in moves:
        kind = KINDS[move.kind]
        assert 0 <= move.value <= kind.highest
        assert 0 <= move.number <= (kind.numbers or 0)
        assert 1 <= move.channel <= 16
        assert move.step in (-1, 0, 1)
        assert bool(move.voices) == kind.mpe
        assert 0.0 <= move.position <= 1.0


@given(st.lists(st.binary(max_size=20)))
def test_any_bytes_in_packets_split_anywhere_give_valid_moves(packets: list[bytes]) -> None:
    port = Port()
    for packet in packets:
        check(port.send(*packet, after_s=0.004))


def test_ten_thousand_random_control_changes_and_notes() -> None:
    port, noise = Port(), random.Random(5)
    controls = [0, 1, 6, 32, 33, 38, 74, 96, 97, 98, 99, 100, 101, 123]
    for _ in range(100):
        packet: list[int] = []
        for _ in range(100):
            channel = noise.choice([0, 1, 2, 15])
            packet += [0xB0 | channel, noise.choice(controls), noise.choice([0, 6, 15, 127])]
            packet += [0x90 | channel, noise.randrange(128), noise.randrange(128)]
        check(port.send(*packet, after_s=0.004))
