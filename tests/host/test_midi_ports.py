"""Which MIDI ports the hub plays from: they come and go, are chosen, and are taken up again."""

import time

import pytest

from rtvae.errors import MidiError
from rtvae.host.midi_hub import MidiHub
from tests.support.midi_ports import FakePorts
from tests.support.midi_rig import KEYS, KONTROL, ROUTES, Rig


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


def test_a_port_that_is_gone_and_no_longer_chosen_is_forgotten() -> None:
    rig = Rig(KONTROL, KEYS, "Midi Through Port-0", wanted=("kontrol", "Through"))
    rig.ports.plugged[:] = [KEYS]
    rig.look()
    assert rig.hub.status == f"{KONTROL} (gone), Midi Through Port-0 (gone)"
    rig.ask("midi.ports", names=[KEYS, "nano"])
    rig.look()
    assert rig.hub.status == f"{KEYS}, {KONTROL} (gone)", "it is still chosen"
    rig.ask("midi.ports", names=[KEYS])
    rig.look()
    assert rig.hub.status == KEYS
    rig.ports.plugged.append(KONTROL)
    rig.look()
    assert rig.hub.status == KEYS
    assert f"MIDI input {KONTROL} is back." not in rig.said


def test_of_ports_that_are_gone_only_controllers_are_waited_for_where_none_is_chosen() -> None:
    rig = Rig(KONTROL, "Midi Through Port-0", wanted=("kontrol", "Through"))
    rig.ports.plugged.clear()
    rig.look()
    rig.ask("midi.ports", names=None)
    rig.look()
    assert rig.hub.status == f"{KONTROL} (gone)"


def test_a_port_of_our_own_stays_beside_one_that_is_chosen_and_can_be_chosen_again() -> None:
    rig = Rig(KEYS, wanted=("virtual",))
    assert rig.info["ports"] == [KEYS, "rtvae"]
    rig.ask("midi.ports", names=["rtvae", KEYS])
    rig.look()
    assert sorted(rig.info["open"]) == [KEYS, "rtvae"]
    rig.ask("midi.ports", names=[KEYS])
    rig.look()
    assert rig.info["open"] == [KEYS]
    rig.ask("midi.ports", names=["rtvae"])
    rig.look()
    assert rig.play("rtvae", [0xB0, 16, 127]) == {"latent.1.offset": 3.0}


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
