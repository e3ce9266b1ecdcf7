"""Controller maps: the bundled ones are sound, and each port finds the one that is meant."""

from pathlib import Path

import pytest

from rtvae import paths
from rtvae.control.controller_maps import (
    MAP_FORMAT,
    ControllerMap,
    find_map,
    parse_controller_map,
)
from rtvae.control.feedback import SHOWN
from rtvae.control.routes import Route
from rtvae.errors import PresetError

FILES = sorted((paths.presets_dir() / "controllers").glob("*.toml"))


def bundled() -> list[ControllerMap]:
    return [parse_controller_map(file.read_text(), file.stem) for file in FILES]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_bundled_map_is_valid_and_has_one_meaning_for_each_control(file: Path) -> None:
    found = parse_controller_map(file.read_text(), file.stem)
    assert found.name
    assert len(found.routes) >= 3
    controls = [route.control for route in found.routes]
    assert len(set(controls)) == len(controls)
    targets = [(route.target, route.channel) for route in found.routes]
    assert len(set(targets)) == len(targets)
    assert all(route.kind in SHOWN for route in found.routes if route.feedback)


@pytest.mark.parametrize(
    ("port", "name"),
    [
        ("nanoKONTROL2:nanoKONTROL2 nanoKONTROL2 _ CTR", "Korg nanoKONTROL2"),
        ("nanoKONTROL2 1 SLIDER/KNOB", "Korg nanoKONTROL2"),
        ("MIDI Mix:MIDI Mix MIDI 1", "Akai MIDImix"),
        ("APC40 mkII:APC40 mkII MIDI 1", "Akai APC40 mkII"),
        ("X-TOUCH MINI:X-TOUCH MINI MIDI 1", "Behringer X-Touch Mini"),
        ("Launch Control XL:Launch Control XL MIDI 1", "Novation Launch Control XL"),
        ("Arturia BeatStep:Arturia BeatStep MIDI 1", "Arturia BeatStep"),
        ("Midi Fighter Twister:Midi Fighter Twister MIDI 1", "DJ TechTools Midi Fighter Twister"),
        ("ROLI Seaboard BLOCK", "MPE"),
        ("MPK mini 3:MPK mini 3 MIDI 1", "Akai MPK mini mk3"),
        ("MPKmini2:MPKmini2 MIDI 1", "Keyboard"),
    ],
)
def test_a_port_finds_its_map(port: str, name: str) -> None:
    found = find_map(port, bundled())
    assert found is not None
    assert found.name == name


def test_the_pads_of_an_mpk_mini_are_buttons_and_its_keys_are_not() -> None:
    port = "MPK mini 3:MPK mini 3 MIDI 1"
    found = find_map(port, bundled())
    assert found is not None
    routes = found.routes_for(port)
    targets = {(r.kind, r.channel, r.number): r.target for r in routes}
    assert targets["note", 10, 36] == "snapshot.recall.1"
    assert targets["note", 10, 51] == "latent.8.freeze"
    assert all(route.channel == 10 for route in routes if route.kind == "note")


def test_a_map_binds_its_routes_to_the_port_that_it_knows() -> None:
    mix = (Route("mix", 0.0, 1.0, number=1),)
    known, others = ControllerMap("A", ("Pad",), mix), ControllerMap("B", ("",), mix)
    assert find_map("My Pad 2", [others, known]) is known
    assert [route.port for route in known.routes_for("My Pad 2")] == ["Pad"]
    assert [route.port for route in others.routes_for("Other")] == ["Other"]
    assert find_map("Other", [known]) is None
    assert find_map("Other", []) is None


def test_a_row_counts_its_controls() -> None:
    text = f"""format = {MAP_FORMAT}
ports = ["Pad"]
[[row]]
channels = [3, 4]
number = 7
target = "latent.{{n}}.offset"
low = -1
"""
    found = parse_controller_map(text, "pad")
    assert found.name == "pad"
    assert found.routes == (
        Route("latent.1.offset", -1.0, 8.0, number=7, channel=3),
        Route("latent.2.offset", -1.0, 8.0, number=7, channel=4),
    )


ROW = 'format = 1\nports = ["Pad"]\n[[row]]\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["format is missing"]),
        ("format = 2\n", ["line 1", "newer rtvae"]),
        ("format = 1\n", ["ports has to be a list"]),
        ("format = 1\nports = [3]\n", ["line 2", "ports"]),
        ("format = 1\nname = 3\nports = ['']\n", ["line 2", "name"]),
        ("format = 1\ncolour = 'red'\nports = ['']\n", ["line 2", "colour", "known are"]),
        (ROW + 'target = "mix"\n', ["line 3", "row.numbers", "only one"]),
        (ROW + 'target = "mix"\nnumbers = [1]\nchannels = [1]\n', ["row.numbers", "only one"]),
        (ROW + "numbers = [1]\n", ["line 3", "row.target"]),
        (ROW + 'target = "mix"\nnumbers = 3\n', ["line 5", "row.numbers", "list"]),
        (ROW + 'target = "mix"\nnumbers = [300]\n', ["row.number", "0 to 127"]),
        (ROW + 'target = "mixx"\nnumbers = [3]\n', ["line 4", "row.target", "mixx"]),
        (ROW + 'target = "mix"\nnumbers = [3]\nhigh = 2.0\n', ["line 6", "row.high", "0 to 1"]),
        ("format = 1\nports = ['']\n[[midi]]\nnumber = 3\n", ["line 3", "midi.target"]),
        ("ports =", ["not valid TOML"]),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, words: list[str]) -> None:
    with pytest.raises(PresetError) as told:
        parse_controller_map(text, "pad")
    assert "Controller map pad" in str(told.value)
    for word in words:
        assert word in str(told.value)
