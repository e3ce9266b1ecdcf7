"""Names of ports: the same device has the same name whenever it is plugged in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.io.midi_port_names import (
    first_like,
    is_bridged,
    is_controller,
    partner,
    stable_name,
    stable_names,
)


@pytest.mark.parametrize(
    ("listed", "stable"),
    [
        ("MPK mini 3:MPK mini 3 MIDI 1 24:0", "MPK mini 3:MPK mini 3 MIDI 1"),
        ("nanoKONTROL2:knobs", "nanoKONTROL2:knobs"),
        (
            "a2j:MPK mini 3 [24] (capture): MPK mini 3 MIDI 1",
            "a2j:MPK mini 3 (capture): MPK mini 3 MIDI 1",
        ),
        ("Launchpad X LPX MIDI", "Launchpad X LPX MIDI"),
    ],
)
def test_the_numbers_that_change_are_no_part_of_a_name(listed: str, stable: str) -> None:
    assert stable_name(listed) == stable


def test_two_alike_are_numbered_and_the_one_that_stays_is_who_it_was() -> None:
    both = ["Pad MIDI 1 20:0", "Pad MIDI 1 24:0", "Pad MIDI 1 28:0"]
    assert stable_names(both) == ["Pad MIDI 1", "Pad MIDI 1 #2", "Pad MIDI 1 #3"]
    kept = dict(zip(both, stable_names(both), strict=True))
    assert stable_names(both[1:], kept) == ["Pad MIDI 1 #2", "Pad MIDI 1 #3"]
    assert stable_names(["Pad MIDI 1 32:0", both[1]], {both[1]: "Pad MIDI 1 #2"}) == [
        "Pad MIDI 1",
        "Pad MIDI 1 #2",
    ]


@given(st.lists(st.sampled_from(["a 1:0", "a 2:0", "a", "b", "a #2"]), unique=True))
def test_names_are_never_the_same(listed: list[str]) -> None:
    assert len(set(stable_names(listed))) == len(listed)


@pytest.mark.parametrize(
    "name",
    [
        "Midi Through:Midi Through Port-0",
        "rtvae:rtvae",
        "FLUID Synth (1234):Synth input port",
        "IAC Driver Bus 1",
        "Network Session 1",
        "Timer",
        "PipeWire-System",
    ],
)
def test_what_is_no_controller(name: str) -> None:
    assert not is_controller(name)
    assert is_controller("nanoKONTROL2 1 SLIDER/KNOB")


def test_ports_that_a_jack_graph_has_from_elsewhere() -> None:
    for name in ("system:midi_capture_1", "a2j:nano (capture): nano MIDI 1", "Midi-Bridge:nano"):
        assert is_bridged(name)
    assert not is_bridged("nanoKONTROL2:knobs")


def test_the_whole_name_counts_more_than_a_part_of_another() -> None:
    assert first_like("Pad", ["My Pad", "Pad"]) == 1
    assert first_like("pad", ["Keys", "My Pad"]) == 1
    assert first_like("Pad", ["Keys"]) is None


@pytest.mark.parametrize(
    ("name", "outputs", "found"),
    [
        ("nano:nano MIDI 1", ["Pad", "nano:nano MIDI 1"], "nano:nano MIDI 1"),
        (
            "a2j:nano (capture): nano MIDI 1",
            ["a2j:Pad (playback): Pad MIDI 1", "a2j:nano (playback): nano MIDI 1"],
            "a2j:nano (playback): nano MIDI 1",
        ),
        ("X-Touch In", ["X-Touch Out"], "X-Touch Out"),
        ("nano:knobs", ["nano:lights", "Pad:lights"], "nano:lights"),
        ("nano:knobs", ["nano:lights", "nano:display"], None),
        ("nano:knobs", ["Pad:lights"], None),
        ("nano", [], None),
    ],
)
def test_an_output_belongs_to_an_input(name: str, outputs: list[str], found: str | None) -> None:
    assert partner(name, outputs) == found
