"""What an engine was asked to play: answered in order, lost with the engine, told to the next."""

from typing import Any

from rtvae.host.requests import Requests, change, prepare
from tests.support.supervised import supervised


def load(model: str | None, beside: bool = False) -> dict[str, Any]:
    return {"do": "load", "model": model, **({"beside": True} if beside else {})}


def made() -> tuple[Requests, dict[str, Any]]:
    start: dict[str, Any] = {"model": "/m/first", "blend": None, "dry": True}
    return Requests(start), start


def test_what_plays_is_what_the_next_engine_starts_with() -> None:
    requests, start = made()
    requests.add(change("/m/a", "/m/b", {"mix": 0.5}, 4))
    assert start["model"] == "/m/first"
    assert requests.loaded({"model": "a", "beside": "b"}) == ""
    assert start == {"model": "/m/a", "blend": "/m/b", "dry": False}
    assert requests.scenes() == [(4, True)]
    assert requests.scenes() == []
    assert requests.loaded({"model": "a"}) == "Now playing model a."


def test_a_scene_that_does_not_come_is_told_whatever_the_reason() -> None:
    requests, start = made()
    for number in (1, 2, 3):
        requests.add(change("/m/a", None, {}, number))
    requests.replaced({"scene": 2})
    requests.refused()
    requests.lose()
    assert requests.scenes() == [(2, False), (1, False), (3, False)]
    assert start["model"] == "/m/first"


def test_a_replaced_load_is_the_last_of_its_kind_and_place() -> None:
    requests, _ = made()
    for command in (load("/m/a"), load("/m/a", True), load("/m/a"), change("/m/b", None, {}, 1)):
        requests.add(command)
    requests.replaced({"model": "/m/a", "beside": False})
    assert requests.for_new_engine() == [
        load("/m/a"),
        load("/m/a", True),
        change("/m/b", None, {}, 1),
    ]


def test_a_new_engine_is_told_what_is_open_and_what_comes_next() -> None:
    with supervised() as rig:
        rig.supervisor.ask(prepare([("/m/next", None)]))
        rig.supervisor.ask(change("/m/a", None, {"mix": 0.5}, 1))
        assert len(rig.engine.told) == 1
        rig.play()
        assert [told["do"] for told in rig.engine.told] == ["start", "change", "prepare"]
        rig.engine.said.append({"event": "loaded", "model": "a", "scene": 1})
        rig.step()
        assert rig.supervisor.requests.scenes() == [(1, True)]
        rig.engine.said.append({"event": "refused", "do": "prepare", "sentence": "No next."})
        rig.step()
        assert rig.sentences[-1] == "No next."
        rig.supervisor.ask(change("/m/b", None, {}, 2))
        rig.engine.status = -11
        rig.step(blocks=0)
        assert rig.supervisor.requests.scenes() == [(2, False)]
        assert rig.engine.told[0]["model"] == "/m/a"
        rig.play()
        assert [told["do"] for told in rig.engine.told] == ["start", "prepare"]
