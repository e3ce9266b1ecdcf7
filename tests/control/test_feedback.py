"""Feedback: the controller shows what the parameter is, and is left alone in the hand."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.control.feedback import EACH_S, HAND_S, MOST_AT_ONCE, Feedback
from rtvae.control.mapping import Mapper
from rtvae.control.midi import decode
from rtvae.control.midi_assembler import Assembler
from rtvae.control.routes import parse_route


def feedback(*tables: dict[str, Any]) -> Feedback:
    return Feedback([parse_route({"feedback": True, **table}) for table in tables], ["pitch"])


@pytest.mark.parametrize(
    ("table", "value", "packets"),
    [
        ({"number": 7, "target": "mix"}, 1.0, [[0xB0, 7, 127]]),
        ({"number": 7, "target": "mix", "channel": 3}, 0.0, [[0xB2, 7, 0]]),
        ({"number": 7, "target": "mix", "low": 1.0, "high": 0.0}, 1.0, [[0xB0, 7, 0]]),
        ({"number": 7, "target": "mix", "low": 0.2, "high": 0.4}, 0.9, [[0xB0, 7, 127]]),
        ({"number": 7, "target": "mix", "mode": "relative"}, 0.5, [[0xB0, 7, 64]]),
        ({"number": 7, "target": "mix", "mode": "toggle"}, 0.9, [[0xB0, 7, 127]]),
        ({"kind": "cc14", "number": 7, "target": "mix"}, 1.0, [[0xB0, 7, 127], [0xB0, 39, 127]]),
        ({"kind": "note", "number": 7, "target": "mix"}, 0.9, [[0x90, 7, 127]]),
        ({"kind": "note", "number": 7, "target": "mix"}, 0.1, [[0x90, 7, 0]]),
        ({"kind": "bend", "target": "mix"}, 0.5, [[0xE0, 0, 64]]),
        ({"kind": "pressure", "target": "mix"}, 0.5, []),
        ({"number": 7, "target": "mix", "feedback": False}, 0.5, []),
        ({"number": 7, "target": "mix"}, float("nan"), []),
    ],
)
def test_a_value_is_shown_as_its_control_would_send_it(
    table: dict[str, Any], value: float, packets: list[list[int]]
) -> None:
    assert feedback(table).packets({"mix": value}, 0.0) == packets


def test_actions_and_attributes_that_are_not_there_show_nothing() -> None:
    shown = feedback(
        {"number": 7, "target": "record"},
        {"number": 8, "target": "latent.loudness.offset"},
        {"number": 9, "target": "latent.pitch.offset", "low": 0.0},
    )
    assert shown
    assert shown.packets({"latent.1.offset": 8.0}, 0.0) == [[0xB0, 9, 127]]
    assert not feedback({"number": 7, "target": "record"})


def test_a_value_is_sent_once_and_not_too_often() -> None:
    shown = feedback({"number": 7, "target": "mix"})
    assert shown.packets({"mix": 0.0}, 0.0) == [[0xB0, 7, 0]]
    assert shown.packets({"mix": 0.0}, 1.0) == []
    assert shown.packets({"mix": 1.0}, 2.0) == [[0xB0, 7, 127]]
    assert shown.packets({"mix": 0.0}, 2.0 + EACH_S / 2) == []
    assert shown.packets({"mix": 0.5}, 2.0 + EACH_S) == [[0xB0, 7, 64]]


def test_a_knob_in_the_hand_is_left_alone_and_then_told() -> None:
    route = parse_route({"number": 7, "target": "mix", "feedback": True})
    shown = Feedback([route])
    shown.packets({"mix": 0.5}, 0.0)
    shown.touched(route, 1.0)
    assert shown.packets({"mix": 0.6}, 1.0 + HAND_S / 2) == []
    assert shown.packets({"mix": 0.6}, 1.0 + HAND_S) == [[0xB0, 7, 77]]


def test_many_changes_at_once_are_sent_bit_by_bit_and_none_is_forgotten() -> None:
    shown = feedback(*({"number": k, "target": f"latent.{k + 1}.offset"} for k in range(100)))
    values = {f"latent.{k + 1}.offset": 8.0 for k in range(100)}
    sent: list[list[int]] = []
    for k in range(10):
        packets = shown.packets(values, k * 0.02)
        assert len(packets) <= MOST_AT_ONCE
        sent += packets
    assert sorted(sent) == [[0xB0, k, 127] for k in range(100)]


@given(
    st.sampled_from(["linear", "exponential", "s"]),
    st.sampled_from([("cc", 7), ("cc14", 7), ("bend", None)]),
    st.floats(20.0, 300.0),
)
def test_what_is_shown_would_set_the_same_value(
    curve: str, control: tuple[str, int | None], value: float
) -> None:
    kind, number = control
    table = {"kind": kind, "number": number, "target": "tempo_bpm", "curve": curve}
    packets = feedback(table).packets({"tempo_bpm": value}, 0.0)
    mapper, assembler = Mapper([parse_route(table)]), Assembler()
    events = [event for packet in packets for event in decode(packet)]
    back = mapper.feed(assembler.feed(events, 0.0), {}, 0.0).values["tempo_bpm"]
    assert back == pytest.approx(value, abs=3.5 if kind == "cc" else 0.05)
