"""Learning: what is moved is what is learned, in the way it is meant; what only stirs is not."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.control.learning import Learner, learned
from rtvae.control.midi import decode
from rtvae.control.midi_assembler import Assembler
from rtvae.control.routes import Route


class Hand:
    """Moves the controls of one port while one target is learned."""

    def __init__(self, target: str = "mix", mpe: bool = False) -> None:
        self.learner = Learner(target)
        self.assembler = Assembler()
        self.now_s = 100.0
        self.route: Route | None = None
        if mpe:
            self.send([0xB0, 101, 0, 100, 6, 6, 15])

    def send(self, *packets: list[int], each_s: float = 0.01) -> "Hand":
        for packet in packets:
            self.now_s += each_s
            moves = self.assembler.feed(decode(packet), self.now_s)
            mpe = self.assembler.zones.announced
            found = self.learner.feed("Pad", moves, self.now_s, mpe)
            self.route = self.route or found or self.learner.step(self.now_s)
        return self

    def wait(self, seconds: float) -> "Hand":
        self.now_s += seconds
        self.route = self.route or self.learner.step(self.now_s)
        return self

    def turn(self, number: int, values: Any, channel: int = 1) -> "Hand":
        return self.send(*([0xB0 | channel - 1, number, value] for value in values))

    @property
    def mode(self) -> str:
        assert self.route is not None
        return self.route.mode


def test_a_knob() -> None:
    hand = Hand().turn(21, range(60, 70), channel=3)
    assert hand.route == Route("mix", 0.0, 1.0, number=21, channel=3, port="Pad")
    assert Hand().turn(21, [127, 90, 40, 0]).mode == "absolute"
    assert Hand().turn(21, range(9, 0, -1)).mode == "absolute", "low, but not repeated"


@pytest.mark.parametrize(
    "packets",
    [
        [[0xF8]] * 100,
        [[0xFE]] * 100,
        [[0xB0, 21, 64]],
        [[0xB0, 21, 64 + k % 2] for k in range(50)],
        [[0xB0, 21, k % 2] for k in range(50)],
        [[0xD0, k % 3] for k in range(50)],
        [[0xE0, k % 3, 64] for k in range(50)],
        [[0xB0, 101, 0, 100, 0, 6, 2, 38, 0], [0xB0, 101, 0, 100, 0, 6, 48, 38, 0]] * 3,
        [[0xB0, 21, 127]],
        [[0xB0, 120, 0], [0xB0, 123, 0], [0xB0, 121, 0]],
        [[0xF0, 1, 2, 3, 0xF7]] * 10,
    ],
)
def test_what_only_stirs_is_not_learned(packets: list[list[int]]) -> None:
    assert Hand().send(*packets).wait(0.1).route is None


def test_a_jittering_knob_does_not_hide_the_one_that_is_moved() -> None:
    hand = Hand()
    for k in range(30):
        hand.turn(5, [64 + k % 2]).turn(21, [40 + k])
    assert hand.route is not None
    assert hand.route.number == 21


def test_a_fine_knob_in_two_halves() -> None:
    hand = Hand()
    for value in range(8000, 9000, 60):
        hand.send([0xB0, 7, value >> 7], [0xB0, 39, value & 127], each_s=0.001)
    assert hand.route is not None
    assert (hand.route.kind, hand.route.number) == ("cc14", 7)


def test_a_slow_fine_knob_is_not_taken_for_the_button_that_its_fine_half_looks_like() -> None:
    hand = Hand()
    for value in [*range(64 << 7, (64 << 7) - 400, -64), *range(8000, 9000, 60)]:
        fine = 0 if value % 128 == 0 else 127
        hand.send([0xB0, 7, value >> 7], [0xB0, 39, fine], each_s=0.001)
    assert hand.route is not None
    assert (hand.route.kind, hand.route.number) == ("cc14", 7)


def test_an_nrpn() -> None:
    hand = Hand()
    for value in range(30, 60):
        hand.send([0xB0, 99, 2, 98, 44, 6, value, 38, 5])
    assert hand.route is not None
    assert (hand.route.kind, hand.route.number) == ("nrpn", 300)
    hand = Hand().send([0xB0, 99, 2, 98, 44, 96, 0], [0xB0, 96, 0], [0xB0, 97, 0])
    assert hand.route is not None
    assert (hand.route.kind, hand.route.number) == ("nrpn", 300)


ENCODERS = [
    ("twos_complement", [1, 1, 2, 1, 127, 127, 126]),
    ("twos_complement", [127, 127, 127, 1, 1]),
    ("offset", [65, 65, 66, 65, 63, 63, 62]),
    ("offset", [63, 63, 63, 62, 65, 65]),
    ("sign_magnitude", [1, 1, 2, 1, 65, 65, 66]),
    ("sign_magnitude", [65, 65, 65, 1, 1, 1]),
]


@pytest.mark.parametrize(("encoding", "values"), ENCODERS)
def test_an_encoder_turned_both_ways(encoding: str, values: list[int]) -> None:
    hand = Hand().turn(21, values)
    assert hand.route is not None
    assert (hand.route.mode, hand.route.encoding) == ("relative", encoding)


@pytest.mark.parametrize(
    ("encoding", "value"), [("twos_complement", 1), ("twos_complement", 127), ("offset", 65)]
)
def test_an_encoder_turned_one_way_is_waited_for(encoding: str, value: int) -> None:
    hand = Hand().turn(21, [value] * 10)
    assert hand.route is None
    hand.wait(1.0)
    assert hand.route is not None
    assert (hand.route.mode, hand.route.encoding) == ("relative", encoding)


@pytest.mark.parametrize(
    ("target", "mode", "span"),
    [
        ("mute", "toggle", (0.0, 1.0)),
        ("looper", "toggle", (0.0, 3.0)),
        ("mix", "momentary", (0.0, 1.0)),
        ("latent.2.offset", "momentary", (0.0, 3.0)),
        ("latent.2.scale", "momentary", (1.0, 2.0)),
        ("record", "absolute", (0.0, 1.0)),
    ],
)
def test_a_button_does_what_its_target_needs(
    target: str, mode: str, span: tuple[float, float]
) -> None:
    for packets in ([[0xB0, 45, 127], [0xB0, 45, 0]], [[0x90, 45, 99], [0x80, 45, 0]]):
        hand = Hand(target).send(*packets)
        assert hand.mode == mode
        assert hand.route is not None
        assert (hand.route.low, hand.route.high) == span


def test_a_button_that_stays_down_by_itself_is_followed() -> None:
    hand = Hand("mute").send([0xB0, 45, 127]).send([0xB0, 45, 0], each_s=2.0)
    assert hand.mode == "absolute"


def test_a_program_change_is_a_button() -> None:
    hand = Hand("mute").send([0xC0, 5])
    assert hand.route is not None
    assert (hand.route.kind, hand.route.number, hand.mode) == ("program", 5, "toggle")


def test_a_wheel_a_pressure_and_a_pad() -> None:
    for packets, kind in (
        ([[0xE0, 0, 64 + k] for k in range(0, 40, 4)], "bend"),
        ([[0xD0, k] for k in range(0, 60, 6)], "pressure"),
        ([[0x90, 36, 99], [0xA0, 36, 40], [0xA0, 36, 90], [0xA0, 36, 0], [0x80, 36, 0]], "note"),
        ([[0x90, 36, 99]] + [[0xA0, 36, k] for k in range(100)], "poly_pressure"),
    ):
        hand = Hand().send(*packets)
        assert hand.route is not None
        assert hand.route.kind == kind


def test_an_mpe_key_is_tapped_or_bent() -> None:
    tapped = Hand("mute", mpe=True).send([0x92, 60, 9], [0xE2, 0, 70], [0xD2, 90], [0x82, 60, 0])
    assert tapped.route is not None
    assert (tapped.route.kind, tapped.route.channel) == ("note", None)
    bent = Hand(mpe=True).send([0x92, 60, 9])
    bent.send(*([0xE2, 0, 64 + k % 30] for k in range(90)))
    assert bent.route is not None
    assert (bent.route.kind, bent.route.channel) == ("mpe_bend", None)


def test_what_hands_cannot_use_is_left_out() -> None:
    hand = Hand("mod.1.rate_hz").turn(21, range(60, 70))
    assert hand.route is not None
    assert hand.route.curve == "exponential"
    hand = Hand("latent.pitch.offset").turn(21, range(60, 70))
    assert hand.route is not None
    assert (hand.route.low, hand.route.high) == (-3.0, 3.0)


def test_learning_again_replaces_the_control_and_the_target() -> None:
    old = (
        Route("mix", 0.0, 1.0, number=1, channel=1),
        Route("blend", 0.0, 1.0, number=2, channel=1),
        Route("record", 0.0, 1.0, number=3, channel=1),
    )
    new = Route("mix", 0.0, 1.0, number=2, channel=1)
    assert learned(old, new) == (old[2], new)
    for other in ({"channel": None}, {"port": "Pad"}):
        assert learned([Route("blend", 0.0, 1.0, number=2, **other)], new) == (new,)
    for other in ({"channel": 2}, {"kind": "note"}):
        beside = Route("blend", 0.0, 1.0, number=2, **other)
        assert learned([beside], new) == (beside, new)


@given(st.lists(st.binary(max_size=12)), st.sampled_from(["mix", "looper", "record", "mute"]))
def test_any_bytes_teach_a_valid_route_or_nothing(packets: list[bytes], target: str) -> None:
    hand = Hand(target).send(*(list(packet) for packet in packets)).wait(2.0)
    assert hand.route is None or hand.route.target == target


def test_hours_of_noise_without_a_movement_keep_little() -> None:
    hand, noise = Hand(), random.Random(2)
    for _ in range(20_000):
        hand.turn(noise.randrange(10, 20), [64 + noise.randrange(2)])
    assert hand.route is None
