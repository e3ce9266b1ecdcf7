"""What controllers move: their maps, what is learned, and what the player changes by hand."""

from typing import Any

import pytest

from rtvae.control.presets import Preset
from rtvae.control.routes import Route
from rtvae.errors import MidiError
from tests.support.midi_rig import KEYS, KONTROL, MAPS, ROUTES, Rig


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


def seen(rig: Rig, place: int) -> dict[str, Any]:
    """What the window shows of a mapping, as it names it in a request."""
    shown = rig.info["mappings"][place]
    return {key: shown[key] for key in ("target", "kind", "number", "channel", "port")}


def remove(rig: Rig, place: int) -> None:
    rig.ask("mapping.remove", index=place, was=seen(rig, place))


def targets(rig: Rig) -> list[str]:
    return [mapping["target"] for mapping in rig.info["mappings"]]


def test_a_map_that_was_emptied_stays_empty() -> None:
    rig = Rig(KONTROL, routes=(), maps=MAPS)
    remove(rig, 0)
    remove(rig, 0)
    assert rig.info["mappings"] == []
    assert rig.play(KONTROL, [0xB0, 7, 127]) == {}


def test_a_mapping_is_changed_field_by_field() -> None:
    rig = Rig(KONTROL)
    rig.ask("mapping.set", target="latent.1.offset", high=1.0, curve="s")
    assert rig.play(KONTROL, [0xB0, 16, 127]) == {"latent.1.offset": 1.0}
    rig.ask("mapping.set", index=1, was=seen(rig, 1), target="latent.2.offset", channel=None)
    assert rig.play(KONTROL, [0xB0, 17, 127]) == {"latent.2.offset": 3.0}
    rig.ask("mapping.set", target="mix", number=3, curve="points", points=[[0, 1], [1, 0]])
    assert rig.play(KONTROL, [0xB0, 3, 0]) == {"mix": 1.0}
    rig.ask("mapping.set", target="mix", curve="linear")
    assert rig.play(KONTROL, [0xB0, 3, 0]) == {"mix": 0.0}
    assert len(rig.info["mappings"]) == 3
    with pytest.raises(MidiError, match=r"stays as it was: high .* -8 to 8 sd"):
        rig.ask("mapping.set", target="latent.1.offset", high=100.0)


def test_what_was_seen_is_removed_wherever_it_stands_by_now() -> None:
    third = Route("mix", 0.0, 1.0, number=18)
    rig = Rig(KONTROL, routes=(*ROUTES, third))
    at, was = 1, seen(rig, 1)
    rig.stage.keepers[0].recall(Preset("p", midi=(ROUTES[1], ROUTES[0])))
    rig.step()
    rig.ask("mapping.remove", index=at, was=was)
    assert targets(rig) == ["latent.1.offset"]


def test_a_mapping_that_is_gone_takes_no_other_with_it() -> None:
    rig = Rig(KONTROL)
    was = seen(rig, 1)
    rig.stage.keepers[0].recall(
        Preset("p", midi=(ROUTES[0], Route("mix", 0.0, 1.0, number=17, channel=2)))
    )
    rig.step()
    with pytest.raises(MidiError, match="not there any more"):
        rig.ask("mapping.remove", index=1, was=was)
    with pytest.raises(MidiError, match="not there any more"):
        rig.ask("mapping.set", index=1, was=was, target="latent.2.offset", high=1.0)
    assert targets(rig) == ["latent.1.offset", "mix"]
    assert rig.stage.keepers[0].keep(Preset("p")).midi[1].target == "mix"


def test_of_two_alike_the_one_that_was_pointed_at_goes() -> None:
    alike = [Route("mix", 0.0, high, number=18) for high in (0.5, 1.0)]
    rig = Rig(KONTROL, routes=tuple(alike))
    remove(rig, 1)
    assert [mapping["high"] for mapping in rig.info["mappings"]] == [0.5]


def test_a_port_whose_name_has_two_spaces_can_be_unmapped_from_the_window() -> None:
    rig = Rig("Pad  A", routes=(Route("mix", 0.0, 1.0, number=18, port="Pad  A"),))
    rig.ask("mapping.remove", index=0, was={**seen(rig, 0), "port": "Pad A"})
    assert targets(rig) == []
