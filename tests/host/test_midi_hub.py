"""What controllers send becomes values, actions and a tempo, and is shown on them."""

import random

import pytest

from rtvae.control.feedback import HAND_S
from rtvae.control.routes import Route
from tests.support.midi_ports import FakeInput
from tests.support.midi_rig import KEYS, KONTROL, MAPS, Rig


def test_a_knob_moves_its_parameter_and_only_it() -> None:
    rig = Rig(KONTROL)
    assert rig.play(KONTROL, [0xB0, 16, 127]) == {"latent.1.offset": 3.0}
    assert rig.play(KONTROL, [0xB0, 17, 127], [0xB1, 17, 0]) == {"latent.2.offset": -3.0}
    assert rig.heard == [[0xB0, 16, 127], [0xB0, 17, 127], [0xB1, 17, 0]]
    assert rig.hub.stats() == {
        "port": KONTROL,
        "messages": 3,
        "changes": 2,
        "queue_overflows": 0,
    }


def test_a_flood_ends_on_the_last_value() -> None:
    rig = Rig(KONTROL)
    values = random.Random(3)
    flood = [[0xB0, 16, values.randrange(128)] for _ in range(100_000)]
    assert rig.play(KONTROL, *flood, [0xB0, 16, 0]) == {"latent.1.offset": -3.0}
    assert rig.hub.stats()["messages"] == 100_001


def test_broken_messages_move_nothing() -> None:
    rig = Rig(KONTROL)
    broken = [[0xB0, 16], [0xB0, 16, 200], [16, 5], [], [0xF0, *[0x20] * 5000, 0xF7]]
    assert rig.play(KONTROL, *broken) == {}
    assert rig.notes == []


def test_a_button_asks_for_its_action() -> None:
    rig = Rig(KONTROL, routes=(Route("snapshot.recall.3", 0.0, 1.0, number=45),))
    rig.play(KONTROL, [0xB0, 45, 127], [0xB0, 45, 0])
    assert list(rig.console.asked()) == [("snapshot.recall.3", {})]


def test_a_program_change_loads_a_preset_unless_it_is_routed() -> None:
    rig = Rig(KONTROL)
    rig.play(KONTROL, [0xC0, 4])
    assert list(rig.console.asked()) == [("preset.load", {"number": 5})]
    rig.ask("mapping.set", target="undo", kind="program", number=4)
    rig.play(KONTROL, [0xC0, 4], [0xC0, 9])
    assert list(rig.console.asked()) == [("undo", {})]


def test_words_for_latents_mean_those_of_the_model_that_plays() -> None:
    rig = Rig(KONTROL, routes=(Route("latent.pitch.offset", -3.0, 3.0, number=7),))
    assert rig.play(KONTROL, [0xB0, 7, 127]) == {}
    rig.console.know_latents(["", "pitch"])
    assert rig.play(KONTROL, [0xB0, 7, 127]) == {"latent.2.offset": 3.0}


def test_a_glide_goes_on_without_the_knob() -> None:
    rig = Rig(KONTROL, routes=(Route("mix", 0.0, 1.0, number=7, slew_ms=100.0),))
    rig.console.set({"mix": 0.0}, "window")
    rig.play(KONTROL, [0xB0, 7, 127])
    rig.step(0.05)
    assert rig.console.values()["mix"] == pytest.approx(0.5, abs=0.02)
    rig.step(0.06)
    assert rig.console.values()["mix"] == 1.0


def tick(rig: Rig, port: FakeInput, count: int, bpm: float) -> None:
    for _ in range(count):
        port.send([0xF8])
        rig.step(60.0 / bpm / 24)


def test_a_clock_moves_the_tempo_and_the_beat() -> None:
    rig = Rig(KONTROL, KEYS)
    port = rig.ports.port(KEYS)
    assert rig.info["clock"] is None
    port.send([0xFA])
    tick(rig, port, 24 * 3 + 1, 98.0)
    assert rig.console.values()["tempo_bpm"] == pytest.approx(98.0, rel=0.002)
    assert rig.console.values()["beat"] == 3.0
    assert rig.info["clock"] == 98.0
    # Another clock beside it is not followed while this one ticks.
    for _ in range(48):
        rig.ports.port(KONTROL).send([0xF8], [0xF8])
        tick(rig, port, 1, 98.0)
    assert rig.info["clock"] == pytest.approx(98.0, abs=1.0)
    rig.step(1.0)
    assert rig.info["clock"] is None


def test_a_controller_shows_the_values_that_others_set() -> None:
    rig = Rig(KONTROL, KEYS, routes=(), maps=MAPS)
    rig.look()
    assert list(rig.ports.lights) == [KONTROL], "only where something is shown"
    rig.console.set({"mix": 0.5}, "window")
    rig.step(0.05)
    shown = rig.ports.lights[KONTROL].shown
    assert shown[-1] == [0xB0, 7, 64]
    count = len(shown)
    rig.play(KONTROL, [0xB0, 7, 100])
    rig.step(HAND_S / 2)
    assert len(shown) == count, "it is in the hand"
    rig.step(HAND_S)
    assert shown[-1] == [0xB0, 7, 100]
    rig.ports.plugged.clear()
    rig.look()
    assert rig.ports.lights[KONTROL].closed
