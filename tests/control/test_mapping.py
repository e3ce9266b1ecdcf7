"""The mapping: a control moves its parameter as its route says, and nothing else."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.control.mapping import NEAR, STEPS, Mapper, Outcome
from rtvae.control.midi import decode
from rtvae.control.midi_assembler import Assembler
from rtvae.control.midi_moves import KINDS, Move
from rtvae.control.routes import ENCODINGS, MODES, VOICES, Route, parse_route

OFFSET_1 = Route("latent.1.offset", -3.0, 3.0, number=21, channel=1)
SCALE_2 = Route("latent.2.scale", 2.0, 0.0, number=21, channel=2)
MIX = Route("mix", 0.0, 1.0, number=7)
ROUTES = (OFFSET_1, SCALE_2, MIX)


def at(value: int) -> float:
    """Where a knob stands, 0 to 1."""
    return Move("cc", 1, 7, value).position


def turn(channel: int, number: int, value: int) -> Move:
    return Move("cc", channel, number, value)


class Player:
    """Feeds a mapper and keeps the values that it sets, as the control block does."""

    def __init__(self, *tables: dict[str, Any], **values: float) -> None:
        self.mapper = Mapper([parse_route(table) for table in tables], ["loudness", "pitch"])
        self.values = values
        self.now_s = 0.0
        self.actions: list[str] = []

    def send(self, *packets: list[int], assembler: Assembler | None = None) -> dict[str, float]:
        """Send packets; return the values that they set."""
        events = [event for packet in packets for event in decode(packet)]
        moves = (assembler or Assembler()).feed(events, self.now_s)
        return self.move(*moves)

    def move(self, *moves: Move, port: str = "") -> dict[str, float]:
        outcome = self.mapper.feed(moves, self.values, self.now_s, port)
        self.values.update(outcome.values)
        self.actions += outcome.actions
        return outcome.values

    def knob(self, *values: int) -> list[float]:
        """Turn knob 7; return where the mix is after each value."""
        after = []
        for value in values:
            self.send([0xB0, 7, value])
            after.append(self.values["mix"])
        return after

    def wait(self, milliseconds: float) -> float:
        self.now_s += milliseconds / 1e3
        self.values.update(self.mapper.glide(self.values, self.now_s))
        return self.values["mix"]


def feed(routes: tuple[Route, ...], *moves: Move) -> dict[str, float]:
    return Mapper(routes).feed(moves, {}, 0.0).values


def test_channel_and_number_choose_the_parameter() -> None:
    assert feed(ROUTES, turn(1, 21, 127)) == {"latent.1.offset": 3.0}
    assert feed(ROUTES, turn(2, 21, 127)) == {"latent.2.scale": 0.0}
    assert feed(ROUTES, turn(3, 21, 127)) == {}
    assert feed(ROUTES, turn(1, 22, 127)) == {}
    for channel in range(1, 17):
        assert feed(ROUTES, turn(channel, 7, 127)) == {"mix": 1.0}


def test_one_knob_may_move_two_parameters() -> None:
    second = Route("variation", 1.0, 0.0, number=7)
    assert feed((MIX, second), turn(1, 7, 127)) == {"mix": 1.0, "variation": 0.0}


def test_the_last_value_wins() -> None:
    flood = [turn(1, 21, k % 128) for k in range(1000)]
    assert feed(ROUTES, *flood, turn(1, 21, 0)) == {"latent.1.offset": -3.0}


def test_a_route_hears_only_its_port() -> None:
    player = Player({"number": 7, "target": "mix", "port": "nanoKONTROL"}, mix=0.5)
    assert player.move(turn(1, 7, 127), port="MPK mini 3") == {}
    assert player.move(turn(1, 7, 127), port="nanoKONTROL2 MIDI 1") == {"mix": 1.0}


def test_a_word_stands_for_the_latent_that_has_it() -> None:
    player = Player({"number": 7, "target": "latent.pitch.offset"})
    assert player.move(turn(1, 7, 127)) == {"latent.2.offset": 8.0}
    sleeping = Player({"number": 7, "target": "latent.brightness.offset"})
    assert sleeping.move(turn(1, 7, 127)) == {}


HEARD = [
    ({"kind": "cc", "number": 7}, [0xB0, 7, 127]),
    ({"kind": "cc14", "number": 7}, [0xB0, 7, 127, 39, 127]),
    ({"kind": "nrpn", "number": 300}, [0xB0, 99, 2, 98, 44, 6, 127, 38, 127]),
    ({"kind": "rpn", "number": 1}, [0xB0, 101, 0, 100, 1, 6, 127, 38, 127]),
    ({"kind": "bend"}, [0xE0, 127, 127]),
    ({"kind": "pressure"}, [0xD0, 127]),
    ({"kind": "poly_pressure", "number": 60}, [0xA0, 60, 127]),
    ({"kind": "poly_pressure"}, [0xA0, 61, 127]),
    ({"kind": "note", "number": 60}, [0x90, 60, 1]),
    ({"kind": "note"}, [0x90, 61, 1]),
    ({"kind": "velocity"}, [0x90, 61, 127]),
    ({"kind": "key"}, [0x90, 127, 1]),
    ({"kind": "program", "number": 4}, [0xC0, 4]),
    ({"kind": "mpe_bend"}, [0x91, 60, 1, 0xE1, 127, 127]),
    ({"kind": "mpe_pressure"}, [0x91, 60, 1, 0xD1, 127]),
    ({"kind": "mpe_timbre"}, [0x91, 60, 1, 0xB1, 74, 127]),
]


@pytest.mark.parametrize(("source", "packet"), HEARD)
def test_every_kind_of_control_reaches_the_end(source: dict[str, Any], packet: list[int]) -> None:
    player = Player({**source, "target": "mix"}, mix=0.3)
    player.send(packet)
    assert player.values["mix"] == 1.0


def test_every_kind_is_heard_in_the_test_above() -> None:
    assert {source["kind"] for source, _ in HEARD} == set(KINDS)


@pytest.mark.parametrize(
    ("encoding", "up", "down"),
    [("twos_complement", 1, 127), ("offset", 65, 63), ("sign_magnitude", 1, 65)],
)
def test_an_encoder_goes_up_and_down_by_its_step(encoding: str, up: int, down: int) -> None:
    player = Player(
        {"number": 7, "target": "mix", "mode": "relative", "encoding": encoding, "step": 0.05},
        mix=0.5,
    )
    assert player.knob(up, up, down) == pytest.approx([0.55, 0.6, 0.55])
    assert player.knob(*[down] * 20)[-1] == 0.0
    # Somebody else has moved the value: it goes on from there.
    player.values["mix"] = 0.9
    assert player.knob(up) == pytest.approx([0.95])
    assert (
        abs(STEPS[encoding](up + 3)) == abs(STEPS[encoding](down + 3)) + 6
        or STEPS[encoding](up + 3) == 4
    )


def test_small_steps_of_an_encoder_add_up_to_the_next_choice() -> None:
    player = Player({"number": 7, "target": "mod.1.kind", "mode": "relative", "step": 0.05})
    player.values["mod.1.kind"] = 0.0
    for _ in range(4):
        player.send([0xB0, 7, 1])
    assert player.values["mod.1.kind"] == 1.0


def test_increment_and_decrement_of_an_nrpn_are_steps() -> None:
    player = Player({"kind": "nrpn", "number": 5, "target": "mix", "step": 0.1}, mix=0.5)
    assembler = Assembler()
    player.send([0xB0, 99, 0, 98, 5, 96, 0], [0xB0, 96, 0], assembler=assembler)
    assert player.values["mix"] == pytest.approx(0.7)
    player.send([0xB0, 97, 0], assembler=assembler)
    assert player.values["mix"] == pytest.approx(0.6)
    # From where the knob itself has just been turned to, too.
    player.send([0xB0, 6, 64], [0xB0, 38, 0], [0xB0, 97, 0], assembler=assembler)
    assert player.values["mix"] == pytest.approx(0.4, abs=1e-3)


def test_a_toggle_goes_to_the_other_end_at_each_press() -> None:
    player = Player({"number": 7, "target": "mix", "mode": "toggle"}, mix=0.0)
    assert player.knob(127, 127, 0, 127, 0, 127, 100, 0) == [1, 1, 1, 0, 0, 1, 1, 1]


def test_a_toggle_steps_through_choices_and_begins_again() -> None:
    player = Player({"kind": "program", "target": "prior", "mode": "toggle"}, prior=0.0)
    assert [player.send([0xC0, k])["prior"] for k in range(3)] == [1.0, 0.0, 1.0]
    player = Player({"kind": "note", "target": "looper", "mode": "toggle"}, looper=2.0)
    presses = [player.send([0x90, 1, 9], [0x80, 1, 0])["looper"] for _ in range(3)]
    assert presses == [3.0, 0.0, 1.0]


@pytest.mark.parametrize("present", [-2.0, 9.0])
def test_a_toggle_begins_at_the_bottom_where_the_value_is_no_choice(present: float) -> None:
    player = Player({"kind": "note", "target": "looper", "mode": "toggle", "low": 1, "high": 2})
    player.values["looper"] = present
    assert player.send([0x90, 1, 9]) == {"looper": 1.0}


def test_a_momentary_button_is_high_while_it_is_held() -> None:
    player = Player(
        {"number": 7, "target": "mix", "mode": "momentary", "low": 0.2, "high": 0.9}, mix=0.5
    )
    assert player.knob(127, 127, 0, 64, 63) == [0.9, 0.9, 0.2, 0.9, 0.2]


def test_a_gate_of_any_key_opens_until_the_last_one_is_let_go() -> None:
    player = Player({"kind": "note", "target": "mix"}, mix=0.0)
    gate = [
        player.send(packet)["mix"]
        for packet in ([0x90, 60, 9], [0x90, 64, 9], [0x80, 60, 0], [0x80, 64, 0])
    ]
    assert gate == [1.0, 1.0, 1.0, 0.0]


def test_a_button_does_its_action_once_for_each_press() -> None:
    player = Player(
        {"number": 45, "target": "record"}, {"number": 46, "target": "snapshot.recall.3"}
    )
    player.send([0xB0, 45, 127], [0xB0, 45, 127], [0xB0, 45, 0], [0xB0, 46, 64])
    assert player.actions == ["record", "snapshot.recall.3"]
    # Let go at once, within one look at the port, it was pressed all the same.
    player.send([0xB0, 45, 127], [0xB0, 45, 0])
    assert player.actions[2:] == ["record"]
    assert player.values == {}


def test_a_knob_that_stands_elsewhere_waits_until_it_has_passed_the_value() -> None:
    player = Player({"number": 7, "target": "mix", "pick_up": True}, mix=0.5)
    assert player.knob(10, 30, 60) == [0.5, 0.5, 0.5]
    assert player.knob(70, 80) == [at(70), at(80)]
    # Somebody else moves the value: the knob waits again.
    player.values["mix"] = 0.1
    assert player.knob(81, 90, 40) == [0.1, 0.1, 0.1]
    assert player.knob(12, 20) == [at(12), at(20)]


def test_a_knob_that_stands_at_the_value_has_it_at_once() -> None:
    player = Player({"number": 7, "target": "mix", "pick_up": True}, mix=0.5)
    assert player.knob(64) == [at(64)]


def test_a_slow_knob_glides_to_its_value_and_stops_there() -> None:
    player = Player({"number": 7, "target": "mix", "slew_ms": 100}, mix=0.0)
    assert player.send([0xB0, 7, 127]) == {}
    assert [player.wait(25) for _ in range(5)] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])
    player.send([0xB0, 7, 0])
    assert player.wait(50) == pytest.approx(0.5)
    # Somebody else takes the value: the glide ends.
    player.values["mix"] = 0.9
    assert player.wait(50) == 0.9
    assert player.wait(50) == 0.9


@pytest.mark.parametrize("voice", VOICES)
def test_one_voice_follows_the_note_that_the_route_says(voice: str) -> None:
    player = Player({"kind": "mpe_pressure", "target": "mix", "voice": voice}, mix=0.0)
    assembler = Assembler()
    for channel, key in ((2, 60), (3, 72), (4, 48), (5, 64)):
        status = channel - 1
        player.send([0xD0 | status, 10 * channel], [0x90 | status, key, 9], assembler=assembler)
    chosen = {"first": 2, "highest": 3, "lowest": 4, "last": 5}[voice]
    assert player.values["mix"] == 10 * chosen / 127
    for channel in (2, 3, 4, 5):
        player.send([0xD0 | channel - 1, 100 + channel], assembler=assembler)
    assert player.values["mix"] == (100 + chosen) / 127


MOVES = st.lists(
    st.builds(
        lambda kind, value, step: Move(
            kind,
            1,
            7 if KINDS[kind].numbers else 0,
            value % (KINDS[kind].highest + 1),
            step,
            VOICES,
        ),
        st.sampled_from(["cc", "cc14", "nrpn", "bend", "note", "mpe_bend"]),
        st.integers(0, 16383),
        st.sampled_from([0, 0, 0, 1, -1]),
    ),
    max_size=40,
)
ROUTE_TABLES = st.fixed_dictionaries(
    {
        "target": st.sampled_from(["mix", "mod.1.kind", "tempo_bpm", "latent.1.offset"]),
        "kind": st.sampled_from(["cc", "cc14", "nrpn", "bend", "note", "mpe_bend"]),
        "share": st.tuples(st.floats(0, 1), st.floats(0, 1)),
        "mode": st.sampled_from(sorted(MODES)),
        "curve": st.sampled_from(["linear", "exponential", "s"]),
        "encoding": st.sampled_from(ENCODINGS),
        "slew_ms": st.sampled_from([0.0, 5.0]),
        "pick_up": st.booleans(),
    }
)


def drawn_route(table: dict[str, Any]) -> Route:
    route = parse_route({"target": table["target"], "number": 7})
    low, high = (route.low + share * (route.high - route.low) for share in table.pop("share"))
    if table["mode"] == "relative":
        table["kind"] = "cc"
    number = {"number": 7} if KINDS[table["kind"]].numbers else {}
    return parse_route({**table, **number, "low": low, "high": high})


@given(ROUTE_TABLES, MOVES, st.floats(allow_nan=True, allow_infinity=True))
def test_nothing_ever_lies_outside_the_route_or_is_no_number(
    table: dict[str, Any], moves: list[Move], present: float
) -> None:
    route = drawn_route(dict(table))
    mapper = Mapper([route])
    values = {route.target: present}
    for k, move in enumerate(moves):
        for found in (
            mapper.feed([move], values, k * 1e-3).values,
            mapper.glide(values, k * 1e-3 + 5e-4),
        ):
            values.update(found)
            for value in found.values():
                assert math.isfinite(value)
                inside = min(route.low, route.high) <= value <= max(route.low, route.high)
                # A glide comes from where the value was, which may be outside.
                assert inside or (route.slew_ms and math.isfinite(present))


@given(
    st.lists(st.integers(0, 127) | st.floats(0.0, 1.0).map(lambda value: -value), max_size=60),
    st.floats(0.0, 1.0),
)
def test_a_waiting_knob_never_jumps_further_than_it_is_turned(
    turns: list[float], present: float
) -> None:
    player = Player({"number": 7, "target": "mix", "pick_up": True}, mix=present)
    before: float | None = None
    for value in turns:
        if value < 0 or isinstance(value, float):
            player.values["mix"] = -value  # somebody else
            continue
        was = player.values["mix"]
        player.send([0xB0, 7, int(value)])
        moved = abs(player.values["mix"] - was)
        turned = abs(at(int(value)) - before) if before is not None else 0.0
        assert moved <= max(turned, NEAR) + 2e-4
        before = at(int(value))


@given(st.lists(st.booleans(), max_size=50))
def test_a_toggle_is_a_toggle(presses: list[bool]) -> None:
    player = Player({"kind": "note", "number": 1, "target": "mix", "mode": "toggle"}, mix=0.0)
    down, expected = False, 0.0
    for press in presses:
        if press and not down:
            expected = 1.0 - expected
        down = press
        player.send([0x90 if press else 0x80, 1, 64])
        assert player.values["mix"] == expected


def test_routes_that_stay_go_on_as_they_were() -> None:
    player = Player(
        {"number": 7, "target": "mix", "slew_ms": 100},
        {"number": 8, "target": "blend", "mode": "toggle"},
        mix=0.0,
        blend=0.0,
    )
    player.send([0xB0, 7, 127], [0xB0, 8, 127])
    player.wait(50)
    routes = [parse_route({"number": 9, "target": "variation"})]
    routes += [parse_route({"number": 7, "target": "mix", "slew_ms": 100})]
    routes += [parse_route({"number": 8, "target": "blend", "mode": "toggle"})]
    player.mapper = Mapper(routes, (), player.mapper)
    assert player.wait(25) == pytest.approx(0.75)
    player.send([0xB0, 8, 127])
    assert player.values["blend"] == 1.0, "it is still held"
    player.mapper.let_go()
    player.send([0xB0, 8, 127])
    assert player.values["blend"] == 0.0, "it is another controller"
    player.mapper = Mapper(routes[:1], (), player.mapper)
    assert player.wait(25) == pytest.approx(0.75), "who glided is gone"


def test_nothing_in_nothing_out() -> None:
    assert Mapper(ROUTES).feed([], {}, 0.0) == Outcome()
    assert Mapper(()).feed([turn(1, 7, 1)], {}, 0.0) == Outcome()
