"""What the host's parts show of themselves is cleaned and bounded, whatever comes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.window import wire
from rtvae.window.parts import CORNERS, WAYS, Devices, Map, Mapping, Midi, Show, Snapshots

NUMBERS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
KEYS = [
    "status", "ports", "open", "learning", "mappings", "clock", "automatic", "target", "port",
    "kind", "number", "channel", "low", "high", "slew_ms", "pick_up", "preset", "presets", "place",
    "set_list", "undo", "stored", "morph", "corners", "from", "to", "share", "way", "pad", "x", "y",
    "map", "points", "labels", "inputs", "outputs", "next",
]  # fmt: skip
JSON = st.recursive(
    NUMBERS, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner)
)


def told(**said: Any) -> wire.HostInfo:
    heard = wire.parse(json.dumps({"info": said}).encode())
    assert isinstance(heard, wire.HostInfo)
    return heard


@given(midi=JSON, show=JSON, snapshots=JSON, drawn=JSON, devices=JSON)
def test_any_json_gives_bounded_parts_or_none(
    midi: Any, show: Any, snapshots: Any, drawn: Any, devices: Any
) -> None:
    model = {"name": "m", "map": drawn}
    info = told(midi=midi, show=show, snapshots=snapshots, model=model, devices=devices)
    if info.devices is not None:
        assert all(isinstance(name, str) for name in info.devices.inputs + info.devices.outputs)
    if info.snapshots is not None:
        now = info.snapshots
        assert len(now.corners) == 4
        assert all(1 <= k <= 16 for k in (*now.stored, *now.corners, now.begin, now.end))
        assert 0.0 <= now.share <= 1.0
        assert now.way in WAYS
    if info.hub is not None:
        assert all(m.channel is None or 1 <= m.channel <= 16 for m in info.hub.mappings)
        assert all(m.slew_ms >= 0.0 for m in info.hub.mappings)
    assert info.model is not None
    if info.model.map is not None:
        assert len(info.model.map.points) == len(info.model.map.labels) > 0
        assert all(0.0 <= v <= 1.0 for point in info.model.map.points for v in point)


def test_parts_that_the_host_does_not_have_are_none() -> None:
    info = told(midi="nanoKONTROL2")
    assert (info.midi, info.hub, info.show, info.snapshots) == ("nanoKONTROL2", None, None, None)


def test_midi_comes_with_its_mappings() -> None:
    info = told(
        midi={
            "status": "two inputs", "ports": ["A", "B", "A", 7], "open": ["B"], "automatic": False,
            "learning": "latent.3.offset", "clock": 121.5,
            "mappings": [
                {"target": "latent.pitch.offset", "kind": "cc", "number": 21, "channel": 1,
                 "port": "B", "low": -3, "high": 3, "pick_up": True},
                "rubbish",
            ],
        }
    )  # fmt: skip
    assert info.midi == "two inputs"
    assert info.hub is not None
    assert (info.hub.ports, info.hub.open) == (("A", "B"), ("B",))
    assert (info.hub.automatic, info.hub.clock_bpm) == (False, 121.5)
    first, second = info.hub.mappings
    assert first.control == "cc 21 · ch 1 · B"
    assert (first.low, first.high, first.pick_up) == (-3.0, 3.0, True)
    assert second == Mapping("")


def test_a_show_names_its_preset_also_for_those_who_ask_for_the_preset() -> None:
    info = told(show={"preset": "bells", "presets": ["bells"], "place": 2, "undo": "mix"})
    assert info.show == Show("bells", ("bells",), place=2, undo="mix")
    assert info.preset == "bells"


def test_what_comes_next_and_which_devices_there_are() -> None:
    info = told(
        show={"preset": "dawn", "next": "dusk"},
        devices={"inputs": ["USB", 3, "USB", ""], "outputs": "none", "input": "USB\n", "output": 3},
    )
    assert info.show is not None
    assert info.show.following == "dusk"
    assert info.devices == Devices(("USB",), (), "USB", "")
    assert told().devices is None


@pytest.mark.parametrize("corners", [None, [], [9], [9, "x", 0, 17, 5], "abcd"])
def test_corners_are_always_four(corners: Any) -> None:
    snapshots = told(snapshots={"corners": corners}).snapshots
    assert snapshots is not None
    assert len(snapshots.corners) == len(CORNERS)


def test_snapshots_and_their_morph() -> None:
    info = told(
        snapshots={
            "stored": [3, 1, 1, 99, None], "corners": [1, 2, 3, 8], "pad": {"x": 0.2, "y": 7},
            "morph": {"from": 2, "to": 5, "share": 0.5, "way": "spherical"},
        }
    )  # fmt: skip
    assert info.snapshots == Snapshots((1, 3), (1, 2, 3, 8), 2, 5, 0.5, "spherical", pad=(0.2, 1.0))


def test_a_map_has_a_label_for_each_point() -> None:
    model = told(
        model={"name": "m", "map": {"points": [[0.1, 0.2], "x", [2, -1]], "labels": ["a"]}}
    ).model
    assert model is not None
    assert model.map == Map(((0.1, 0.2), (1.0, 0.0)), ("a", ""))


def test_an_attribute_is_one_of_the_measures_or_none() -> None:
    rows = [{"name": "a", "attribute": "pitch"}, {"name": "b", "attribute": "colour"}, {}]
    model = told(model={"name": "m", "latents": rows}).model
    assert model is not None
    assert [latent.attribute for latent in model.latents] == ["pitch", "", ""]


def test_midi_without_anything_is_still_midi() -> None:
    assert told(midi={}).hub == Midi()
