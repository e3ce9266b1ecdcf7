"""Routes: a table becomes a route and comes back, or one key is told to be wrong."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.control.curves import CURVES
from rtvae.control.midi_moves import KINDS, Move, raw_value
from rtvae.control.routes import (
    ENCODINGS,
    KEYS,
    MODES,
    VOICES,
    Route,
    RouteFault,
    format_route,
    parse_route,
    route_table,
)

TARGETS = ("mix", "latent.pitch.offset", "mod.2.rate_hz", "record", "snapshot.recall.3", "looper")
UNIT = st.floats(0.0, 1.0)
TABLES = st.fixed_dictionaries(
    {"target": st.sampled_from(TARGETS)},
    optional={
        "kind": st.sampled_from(sorted(KINDS)),
        "number": st.integers(0, 127),
        "channel": st.integers(1, 16),
        "port": st.sampled_from(["", "nanoKONTROL2"]),
        "low": UNIT,
        "high": UNIT,
        "curve": st.sampled_from([c for c in CURVES if c != "points"]),
        "slew_ms": st.floats(0.0, 1000.0),
        "mode": st.sampled_from(sorted(MODES)),
        "encoding": st.sampled_from(ENCODINGS),
        "step": st.floats(0.001, 1.0),
        "pick_up": st.booleans(),
        "voice": st.sampled_from(VOICES),
        "feedback": st.booleans(),
    },
)


@given(TABLES)
def test_a_route_comes_back_from_its_table(table: dict[str, Any]) -> None:
    try:
        route = parse_route(table)
    except RouteFault as fault:
        assert fault.key in KEYS
        return
    assert parse_route(format_route(route)) == route
    assert parse_route(route_table(route)) == route
    assert parse_route(dict(route_table(route), channel=None)).channel is None


def test_old_presets_say_control() -> None:
    assert parse_route({"control": 21, "target": "mix"}) == Route("mix", 0.0, 1.0, number=21)
    assert format_route(Route("mix", 0.0, 1.0, number=21)) == {
        "target": "mix",
        "kind": "cc",
        "number": 21,
    }


def test_a_route_spans_its_parameter_unless_told() -> None:
    route = parse_route({"kind": "bend", "target": "latent.1.offset", "low": 2, "high": -2})
    assert (route.low, route.high) == (2.0, -2.0)
    assert parse_route({"number": 1, "target": "tempo_bpm"}).high == 300.0
    assert parse_route({"number": 1, "target": "undo"}).high == 1.0


CORNERS = [[0, 0], [0.5, 1.0], [1, 0.2]]


@pytest.mark.parametrize(
    ("table", "key", "words"),
    [
        ({}, "target", "is missing"),
        ({"target": "loudness", "number": 1}, "target", "no parameter and no action"),
        ({"target": ["mix"], "number": 1}, "target", "no parameter"),
        ({"target": "snapshot.recall.17", "number": 1}, "target", "no action"),
        ({"target": "mix"}, "number", "is missing"),
        ({"target": "mix", "number": 128}, "number", "0 to 127"),
        ({"target": "mix", "number": True}, "number", "0 to 127"),
        ({"target": "mix", "control": 128}, "control", "0 to 127"),
        ({"target": "mix", "control": 1, "number": 2}, "control", "number"),
        ({"target": "mix", "kind": "cc14", "number": 32}, "number", "0 to 31"),
        ({"target": "mix", "kind": "bend", "number": 1}, "number", "no meaning"),
        ({"target": "mix", "kind": "wheel"}, "kind", "one of cc"),
        ({"target": "mix", "number": 1, "channel": 0}, "channel", "1 to 16"),
        ({"target": "mix", "number": 1, "high": 1.1}, "high", "0 to 1"),
        ({"target": "mix", "number": 1, "low": float("nan")}, "low", "0 to 1"),
        ({"target": "mix", "number": 1, "slew_ms": -1}, "slew_ms", "0 to 60000"),
        ({"target": "mix", "number": 1, "pick_up": 1}, "pick_up", "true or false"),
        ({"target": "mix", "number": 1, "port": 7}, "port", "part of a port's name"),
        ({"target": "mix", "number": 1, "curve": "points"}, "points", "missing"),
        ({"target": "mix", "number": 1, "points": CORNERS}, "points", "need curve"),
        ({"target": "mix", "number": 1, "curve": "points", "points": [[0, 0]]}, "points", "pairs"),
        (
            {"target": "mix", "number": 1, "curve": "points", "points": [[0, 0], [0, 1], [1, 1]]},
            "points",
            "rise",
        ),
        ({"target": "mix", "kind": "bend", "mode": "relative"}, "mode", "needs a cc"),
        ({"target": "record", "number": 1, "mode": "relative"}, "mode", "an action has none"),
        ({"target": "mix", "kind": "program", "mode": "momentary"}, "mode", "letting go"),
        ({"target": "mix", "number": 1, "colour": "red"}, "colour", "known are target"),
    ],
)
def test_what_is_wrong_is_told_with_its_key(table: dict[str, Any], key: str, words: str) -> None:
    with pytest.raises(RouteFault) as told:
        parse_route(table)
    assert told.value.key == key
    assert words in told.value.reason


def test_corners_are_kept() -> None:
    route = parse_route({"target": "mix", "number": 1, "curve": "points", "points": CORNERS})
    assert route.value(0.5) == 1.0
    assert parse_route(format_route(route)) == route


def test_a_port_is_heard_by_a_part_of_its_name() -> None:
    route = Route("mix", 0.0, 1.0, number=1, port="kontrol")
    assert route.hears("nanoKONTROL2:knobs")
    assert not route.hears("MPK mini 3")
    assert dataclasses.replace(route, port="").hears("anything")


@given(st.sampled_from(sorted(KINDS)), st.integers(0, 16383))
def test_a_position_is_what_the_control_sent(kind: str, value: int) -> None:
    value = min(value, KINDS[kind].highest)
    position = Move(kind, 1, 0, value).position
    assert 0.0 <= position <= 1.0
    assert raw_value(kind, position) == value


def test_a_wheel_at_rest_and_a_knob_half_way_up_are_exactly_in_the_middle() -> None:
    assert Move("bend", 1, 0, 8192).position == 0.5
    assert Move("cc", 1, 7, 64).position == 0.5
    assert Move("nrpn", 1, 7, 8192).position == 0.5
