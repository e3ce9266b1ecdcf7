"""The MIDI hub with ports and a clock that do as the test says, stepped by hand."""

import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rtvae.control.controller_maps import ControllerMap, parse_controller_map
from rtvae.control.feedback import HAND_S
from rtvae.control.presets import Preset
from rtvae.control.routes import Route
from rtvae.errors import MidiError
from rtvae.host.console import Console
from rtvae.host.midi_hub import MidiHub
from rtvae.host.notes import Note
from rtvae.host.part import Backstage
from rtvae.host.settings import Settings
from rtvae.link.control_block import ControlWriter
from rtvae.link.layout import CONTROL, TELEMETRY
from rtvae.link.telemetry import TelemetryReader
from tests.support.midi_ports import FakeInput, FakePorts

ROUTES = (
    Route("latent.1.offset", -3.0, 3.0, number=16),
    Route("latent.2.offset", -3.0, 3.0, number=17, channel=2),
)
KONTROL = "nanoKONTROL2"
KEYS = "MPK mini 3"
MAPS = [
    parse_controller_map(text, "map")
    for text in (
        """format = 1
name = "nano"
ports = ["nanoKONTROL"]
[[midi]]
number = 7
target = "mix"
feedback = true
[[midi]]
number = 8
target = "blend"
""",
        """format = 1
name = "any"
ports = [""]
[[midi]]
number = 7
target = "variation"
""",
    )
]


class Rig:
    """A hub whose threads do not run: the test looks and steps."""

    def __init__(
        self,
        *plugged: str,
        wanted: tuple[str, ...] | None = None,
        routes: tuple[Route, ...] = ROUTES,
        maps: list[ControllerMap] | None = None,
    ) -> None:
        self.now_s = 0.0
        self.ports = FakePorts(*plugged)
        self.notes: list[Note] = []
        self.heard: list[list[int]] = []
        self.block = np.zeros((), CONTROL)
        self.console = Console(Settings(ControlWriter(self.block)))
        telemetry = TelemetryReader(np.zeros((), TELEMETRY))
        self.stage = Backstage(
            self.console,
            self.notes.append,
            lambda name, beside: None,
            dict,
            telemetry,
            Path(),
        )
        self.hub = MidiHub(
            self.stage,
            lambda: self.ports,
            wanted,
            routes,
            maps or [],
            self.heard.append,
            clock=lambda: self.now_s,
        )
        self.look()

    def look(self) -> None:
        """Let the second pass after which ports are looked at."""
        self.hub._keeper.look()
        self.hub._keeper._ready.set()
        self.step()

    def step(self, seconds: float = 0.001) -> None:
        self.now_s += seconds
        self.hub._desk.step(self.now_s)
        self.hub.step(self.now_s)

    def play(self, name: str, *packets: list[int]) -> dict[str, float]:
        """Send packets from a controller; return the values that are not at rest."""
        before = self.console.values()
        self.ports.port(name).send(*packets)
        self.step()
        return {k: v for k, v in self.console.values().items() if v != before[k]}

    def ask(self, do: str, **arguments: Any) -> None:
        self.hub.deeds()[do](arguments)
        self.step()

    @property
    def info(self) -> dict[str, Any]:
        return self.hub.info()["midi"]

    @property
    def said(self) -> list[str]:
        return [note.sentence for note in self.notes]


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


def test_every_controller_plays_and_synthesisers_do_not() -> None:
    rig = Rig(KONTROL, KEYS, "Midi Through Port-0", "FLUID Synth", "rtvae-lights:lights")
    assert rig.info["open"] == [KONTROL, KEYS]
    assert rig.info["ports"] == [KONTROL, KEYS, "Midi Through Port-0", "FLUID Synth"]
    assert rig.info["automatic"]
    rig.play(KONTROL, [0xB0, 16, 127])
    assert rig.play(KEYS, [0xB0, 16, 0]) == {"latent.1.offset": -3.0}


def test_a_port_that_goes_is_told_once_and_taken_up_again_by_its_name() -> None:
    rig = Rig(KONTROL)
    rig.play(KONTROL, [0xB0, 16, 127])
    first = rig.ports.port(KONTROL)
    rig.ports.plugged.clear()
    for _ in range(5):
        rig.look()
    assert first.closed
    assert rig.said == [f"MIDI input {KONTROL} is gone; it is taken up again when it is back."]
    assert rig.hub.status == f"{KONTROL} (gone)"
    assert rig.console.values()["latent.1.offset"] == 3.0
    rig.ports.plugged.append(KONTROL)
    rig.look()
    assert rig.said[1:] == [f"MIDI input {KONTROL} is back."]
    assert rig.play(KONTROL, [0xB0, 16, 0]) == {"latent.1.offset": -3.0}
    assert rig.hub.status == KONTROL


def test_one_of_two_controllers_may_go_while_the_other_plays() -> None:
    rig = Rig(KONTROL, KEYS)
    rig.ports.plugged.remove(KONTROL)
    rig.look()
    assert rig.play(KEYS, [0xB0, 16, 127]) == {"latent.1.offset": 3.0}
    assert rig.info["open"] == [KEYS]


def test_a_controller_that_comes_later_is_taken_up_and_told() -> None:
    rig = Rig()
    assert rig.hub.status == "none"
    rig.ports.plugged.append(KEYS)
    rig.look()
    assert rig.said == [f"Knobs are read from MIDI input {KEYS}."]
    assert rig.play(KEYS, [0xB0, 16, 127]) == {"latent.1.offset": 3.0}


def test_a_wanted_port_is_the_only_one_and_goes_on_under_its_whole_name() -> None:
    rig = Rig(KONTROL, KEYS, wanted=("kontrol",))
    assert rig.info["open"] == [KONTROL]
    rig.ports.plugged[:] = ["my other kontrol"]
    rig.look()
    assert rig.info["open"] == [], "another one is not the one that went"
    rig.ports.plugged.append(KONTROL)
    rig.look()
    assert rig.info["open"] == [KONTROL]


def test_of_two_alike_each_is_taken_up_again_as_who_it_was() -> None:
    rig = Rig("Pad", "Pad #2")
    rig.ports.plugged.remove("Pad")
    rig.look()
    assert rig.info["open"] == ["Pad #2"]
    rig.ports.plugged.append("Pad")
    rig.look()
    assert sorted(rig.info["open"]) == ["Pad", "Pad #2"]
    assert rig.play("Pad", [0xB0, 16, 127]) == {"latent.1.offset": 3.0}


def test_a_fault_of_the_midi_system_is_told_once_and_what_is_open_plays_on() -> None:
    rig = Rig(KONTROL)

    def broken() -> list[str]:
        raise OSError("no more handles")

    rig.ports.inputs = broken  # type: ignore[method-assign]
    for _ in range(3):
        rig.hub._keeper._look_again()
    assert [sentence for sentence in rig.said if "no more handles" in sentence] == [rig.said[0]]
    assert rig.play(KONTROL, [0xB0, 16, 127]) == {"latent.1.offset": 3.0}


def test_a_fault_at_the_first_look_costs_a_second_and_not_the_session() -> None:
    rig, faults = Rig(), [OSError("no more handles")]

    class Late(FakePorts):
        def controllers(self) -> list[str]:
            if faults:
                raise faults.pop()
            return super().controllers()

    ports = Late(KONTROL)
    started = MidiHub(rig.stage, lambda: ports)
    started.start()
    deadline = time.monotonic() + 20.0
    while started.status != KONTROL and time.monotonic() < deadline:
        time.sleep(0.01)
    assert started.status == KONTROL
    assert "no more handles" in rig.said[0]
    started.close()


def test_ports_are_chosen_while_it_plays() -> None:
    rig = Rig(KONTROL, KEYS)
    gone = rig.ports.port(KONTROL)
    rig.ask("midi.ports", names=[KEYS])
    rig.look()
    assert rig.info["open"] == [KEYS]
    assert gone.closed
    assert not rig.info["automatic"]
    rig.ask("midi.ports", names=None)
    rig.look()
    assert sorted(rig.info["open"]) == sorted([KONTROL, KEYS])
    assert not [sentence for sentence in rig.said if "gone" in sentence]
    with pytest.raises(MidiError):
        rig.ask("midi.ports", names=[3])


def test_ports_that_died_with_the_audio_server_are_opened_again() -> None:
    rig = Rig(wanted=("virtual",))
    first = rig.ports.port("rtvae")
    rig.ports.dead = [first]
    rig.look()
    assert not first.closed, "nobody said that the server was another one"
    rig.hub.audio_server_restarted()
    rig.look()
    assert first.closed
    assert rig.ports.port("rtvae") is not first
    assert rig.said[-1] == "MIDI input rtvae is back."
    assert rig.play("rtvae", [0xB0, 16, 127]) == {"latent.1.offset": 3.0}


def test_lost_messages_are_counted_over_every_port_of_the_session() -> None:
    rig = Rig(KONTROL)
    rig.ports.port(KONTROL).queue_overflows = 2
    rig.ports.plugged.clear()
    rig.look()
    rig.ports.plugged.append(KONTROL)
    rig.look()
    rig.ports.port(KONTROL).queue_overflows = 1
    assert rig.hub.stats()["queue_overflows"] == 3


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


def test_a_known_controller_has_its_map_and_others_the_map_of_all_others() -> None:
    rig = Rig(KONTROL, KEYS, routes=(), maps=MAPS)
    assert rig.info["maps"] == ["nano", "any"]
    assert rig.play(KONTROL, [0xB0, 7, 127]) == {"mix": 1.0}
    assert rig.play(KEYS, [0xB0, 7, 127]) == {"variation": 1.0}
    assert rig.stage.keepers[0].keep(Preset("p")).midi == ()


def test_a_preset_that_speaks_of_a_controller_puts_its_map_aside() -> None:
    mine = Route("blend", 0.0, 1.0, number=7, port="nano")
    rig = Rig(KONTROL, KEYS, routes=(mine,), maps=MAPS)
    assert rig.info["maps"] == ["any"]
    assert rig.play(KONTROL, [0xB0, 7, 127]) == {"blend": 1.0}
    rig.stage.keepers[0].recall(Preset("p", midi=ROUTES))
    rig.step()
    assert rig.info["maps"] == [], "routes without a port speak of all controllers"
    rig.stage.keepers[0].recall(Preset("p"))
    rig.step()
    assert rig.info["maps"] == ["nano", "any"]


def test_a_target_is_learned_and_moved_from_then_on() -> None:
    rig = Rig(KEYS, routes=())
    rig.ask("learn", target="latent.3.scale")
    assert rig.info["learning"] == "latent.3.scale"
    assert rig.play(KEYS, *([0xB0, 9, value] for value in range(60, 70))) == {}
    assert rig.info["learning"] is None
    assert rig.said == [f"latent.3.scale is moved by cc 9 on channel 1 of {KEYS} now."]
    assert rig.play(KEYS, [0xB0, 9, 127]) == {"latent.3.scale": 2.0}
    [mapping] = rig.info["mappings"]
    assert (mapping["target"], mapping["number"], mapping["port"]) == ("latent.3.scale", 9, KEYS)
    rig.ask("unlearn", target="latent.3.scale")
    assert rig.info["mappings"] == []


def test_learning_can_be_given_up_and_needs_a_target_that_is_one() -> None:
    rig = Rig(KEYS)
    rig.ask("learn", target="mix")
    rig.ask("learn", target=None)
    assert rig.play(KEYS, [0xB0, 16, 127]) == {"latent.1.offset": 3.0}
    with pytest.raises(MidiError, match="'mixx' cannot be learned"):
        rig.ask("learn", target="mixx")


def test_learning_on_a_known_controller_keeps_the_rest_of_its_map() -> None:
    rig = Rig(KONTROL, routes=(), maps=MAPS)
    rig.ask("learn", target="feedback")
    rig.play(KONTROL, *([0xB0, 7, value] for value in range(60, 70)))
    assert {m["target"]: m["port"] for m in rig.info["mappings"]} == {
        "blend": "nanoKONTROL",
        "feedback": "nanoKONTROL",
    }
    assert rig.play(KONTROL, [0xB0, 8, 127]) == {"blend": 1.0}
    kept = rig.stage.keepers[0].keep(Preset("p")).midi
    assert {route.target for route in kept} == {"blend", "feedback"}
    assert {route.target for route in kept if route.feedback} == {"feedback"}, "its ring shows it"
    # Taken back, the map is there again.
    rig.stage.keepers[0].recall(Preset("p"))
    rig.step()
    assert {m["target"] for m in rig.info["mappings"]} == {"mix", "blend"}


def test_a_map_that_was_emptied_stays_empty() -> None:
    rig = Rig(KONTROL, routes=(), maps=MAPS)
    rig.ask("mapping.remove", index=0)
    rig.ask("mapping.remove", index=0)
    assert rig.info["mappings"] == []
    assert rig.play(KONTROL, [0xB0, 7, 127]) == {}


def test_a_mapping_is_changed_field_by_field() -> None:
    rig = Rig(KONTROL)
    rig.ask("mapping.set", target="latent.1.offset", high=1.0, curve="s")
    assert rig.play(KONTROL, [0xB0, 16, 127]) == {"latent.1.offset": 1.0}
    rig.ask("mapping.set", target="latent.2.offset", index=1, channel=None)
    assert rig.play(KONTROL, [0xB0, 17, 127]) == {"latent.2.offset": 3.0}
    rig.ask("mapping.set", target="mix", number=3, curve="points", points=[[0, 1], [1, 0]])
    assert rig.play(KONTROL, [0xB0, 3, 0]) == {"mix": 1.0}
    rig.ask("mapping.set", target="mix", curve="linear")
    assert rig.play(KONTROL, [0xB0, 3, 0]) == {"mix": 0.0}
    assert len(rig.info["mappings"]) == 3
    with pytest.raises(MidiError, match=r"stays as it was: high .* -8 to 8 sd"):
        rig.ask("mapping.set", target="latent.1.offset", high=100.0)


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


def test_the_threads_open_play_and_let_go() -> None:
    rig = Rig()
    ports = FakePorts(KONTROL)
    started = MidiHub(rig.stage, lambda: ports, ("kontrol",), ROUTES)
    started.start()
    assert started.status == KONTROL
    started.close()
    assert ports.closed
    assert started.status == KONTROL, "the session's stats are written afterwards"


def test_a_wanted_port_that_is_not_there_is_told_at_once() -> None:
    rig = Rig()
    ports = FakePorts(KEYS)
    with pytest.raises(MidiError, match="'kontrol'"):
        MidiHub(rig.stage, lambda: ports, ("kontrol",)).start()
    assert ports.closed
