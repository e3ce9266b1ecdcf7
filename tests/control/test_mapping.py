"""Routes: a knob moves its parameter, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from rtvae.control.mapping import RECORD, MidiRoute, changes
from rtvae.control.midi import MidiEvent, decode

OFFSET_1 = MidiRoute(control=21, target="latent.1.offset", low=-3.0, high=3.0, channel=1)
SCALE_2 = MidiRoute(control=21, target="latent.2.scale", low=2.0, high=0.0, channel=2)
MIX = MidiRoute(control=7, target="mix", low=0.0, high=1.0)
ROUTES = (OFFSET_1, SCALE_2, MIX)


def turn(channel: int, control: int, position: int) -> MidiEvent:
    return MidiEvent("control_change", channel, (control, position))


def test_the_ends_of_a_knob_are_exactly_low_and_high() -> None:
    for route in ROUTES:
        assert route.value(0) == route.low
        assert route.value(127) == route.high


@given(st.integers(0, 127))
def test_a_knob_stays_between_its_ends(position: int) -> None:
    assert -3.0 <= OFFSET_1.value(position) <= 3.0


def test_channel_and_control_choose_the_parameter() -> None:
    assert changes(ROUTES, [turn(1, 21, 127)]) == {"latent.1.offset": 3.0}
    assert changes(ROUTES, [turn(2, 21, 127)]) == {"latent.2.scale": 0.0}
    assert changes(ROUTES, [turn(3, 21, 127)]) == {}
    assert changes(ROUTES, [turn(1, 22, 127)]) == {}


def test_a_route_without_a_channel_hears_all_of_them() -> None:
    for channel in range(1, 17):
        assert changes(ROUTES, [turn(channel, 7, 127)]) == {"mix": 1.0}


def test_one_knob_may_move_two_parameters() -> None:
    second = MidiRoute(control=7, target="variation", low=1.0, high=0.0)
    assert changes((MIX, second), [turn(1, 7, 127)]) == {"mix": 1.0, "variation": 0.0}


def test_the_last_value_wins() -> None:
    flood = [turn(1, 21, k % 128) for k in range(1000)] + [turn(1, 21, 0)]
    assert changes(ROUTES, flood) == {"latent.1.offset": -3.0}


def test_other_messages_move_nothing() -> None:
    assert changes(ROUTES, [MidiEvent("note_on", 1, (21, 127))]) == {}
    assert changes(ROUTES, [MidiEvent("program_change", 1, (7,))]) == {}


def test_a_button_pressed_and_let_go_at_once_is_pressed() -> None:
    routes = [MidiRoute(45, RECORD, 0.0, 1.0)]
    press, release = decode([0xB0, 45, 127]), decode([0xB0, 45, 0])
    assert changes(routes, [*press, *release]) == {RECORD: 1.0}
    assert changes(routes, release) == {RECORD: 0.0}
