"""The console: values and requests from anywhere reach the control block and the session."""

import threading
import time
from collections.abc import Mapping

import numpy as np
import pytest

from rtvae.control.actions import action_names, is_action, number_of
from rtvae.control.parameters import PARAMETER_COUNT
from rtvae.host.console import MOST_REQUESTS, Console
from rtvae.host.settings import Settings
from rtvae.link.control_block import ControlWriter
from rtvae.link.layout import CONTROL


@pytest.fixture
def console() -> Console:
    return Console(Settings(ControlWriter(np.zeros((), CONTROL))))


def test_every_listener_hears_the_values_as_they_are_now(console: Console) -> None:
    heard: list[tuple[dict[str, float], str]] = []
    for _ in range(2):
        console.listen(lambda values, by: heard.append((dict(values), by)))
    assert console.set({"mix": 7.0, "nothing": 1.0, "mute": "loud"}, "midi") == ["nothing", "mute"]
    assert heard == [({"mix": 1.0}, "midi")] * 2
    assert console.values()["mix"] == 1.0
    console.set({"nothing": 1.0}, "osc")
    assert len(heard) == 2


def test_an_attribute_is_the_latent_that_the_model_says(console: Console) -> None:
    assert console.set({"latent.pitch.offset": 1.0}, "midi") == ["latent.pitch.offset"]
    console.know_latents(["loudness", "", "pitch"])
    assert console.set({"latent.pitch.offset": 1.0, "mod.2.to.loudness": 3.0}, "midi") == []
    values = console.values()
    assert values["latent.3.offset"] == 1.0
    assert values["mod.2.to.1"] == 3.0
    assert len(values) == PARAMETER_COUNT


def test_requests_wait_in_their_order_and_wake_the_session(console: Console) -> None:
    woken: list[bool] = []
    console.wake = lambda: woken.append(True)
    console.ask("undo")
    console.ask("preset.load", name="choir")
    assert woken == [True, True]
    assert list(console.asked()) == [("undo", {}), ("preset.load", {"name": "choir"})]
    assert list(console.asked()) == []
    for _ in range(2 * MOST_REQUESTS):
        console.ask("tap")
    assert len(list(console.asked())) == MOST_REQUESTS


def test_who_asks_all_the_time_does_not_hold_the_session(console: Console) -> None:
    console.ask("tap")
    taken = [console.ask("tap") for _ in console.asked()]
    assert len(taken) == 1
    assert len(list(console.asked())) == 1


def test_listeners_hear_last_what_stays_whoever_else_sets_it(console: Console) -> None:
    slow, heard = threading.Event(), list[float]()

    def listen(values: Mapping[str, float], by: str) -> None:
        if by == "midi":
            slow.set()
            time.sleep(0.1)  # as a thread that is held up between its value and its word of it
        heard.append(values["mix"])

    console.listen(listen)
    knob = threading.Thread(target=console.set, args=({"mix": 0.25}, "midi"))
    knob.start()
    slow.wait()
    console.set({"mix": 0.75}, "osc")
    knob.join()
    assert heard[-1] == console.values()["mix"] == 0.75


def test_who_asked_can_wait_until_it_is_done(console: Console) -> None:
    first, second = console.ask("undo"), console.ask("redo")
    requests = console.asked()
    next(requests)
    assert not first.is_set()
    next(requests)
    assert first.is_set()
    assert not second.is_set()


def test_every_action_has_one_name() -> None:
    names = action_names()
    assert len(set(names)) == len(names)
    assert all(is_action(name) for name in names)
    assert number_of("snapshot.recall.16") == ("snapshot.recall", 16)
    for name in ("snapshot.recall.17", "snapshot.recall", "undo.1", "mix", "", "snapshot.recall.0"):
        assert number_of(name) is None
        assert is_action(name) is False
