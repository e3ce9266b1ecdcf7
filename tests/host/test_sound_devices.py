"""The devices that the window can choose from, and what is chosen."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pytest

from rtvae.host.sound_devices import SoundDevices
from rtvae.io.device_list import Device, choose_device


def device(number: int, name: str, ins: int, outs: int, host: str = "ALSA") -> Device:
    return Device(number, name, host, ins, outs, 48_000, number == 2, number == 2)


FOUND = [
    device(0, "Mic", 1, 0),
    device(1, "USB", 2, 2),
    device(2, "Card", 2, 2),
    device(3, "USB", 2, 2, "JACK"),
]


class Look:
    """Stands for the process that looks at the devices."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.killed = False

    def heard(self) -> list[dict[str, Any]]:
        said, self.said = self.said, []
        return said

    def kill(self) -> None:
        self.killed = True


class Rig:
    def __init__(self) -> None:
        self.looks: list[Look] = []
        self.played_on: list[Mapping[str, str | None]] = []
        self.part = SoundDevices(self._look, self.played_on.append)  # type: ignore[arg-type]

    def _look(self) -> Look:
        self.looks.append(Look())
        return self.looks[-1]

    def listed(self) -> dict[str, list[str]]:
        listed: dict[str, list[str]] = self.part.info()["devices"]
        return listed


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_devices_are_listed_once_they_are_known_the_default_first(rig: Rig) -> None:
    rig.part.step(0.0)
    assert rig.listed() == {"inputs": [], "outputs": []}
    rig.looks[0].said.append({"devices": [asdict(one) for one in FOUND], "problem": ""})
    rig.part.step(0.1)
    assert rig.listed()["inputs"] == ["Card", "Mic", "1: USB, ALSA", "3: USB, JACK"]
    assert rig.listed()["outputs"] == ["Card", "1: USB, ALSA", "3: USB, JACK"]
    assert rig.looks[0].killed


def test_every_name_in_the_list_opens_the_device_it_stands_for(rig: Rig) -> None:
    rig.looks[0].said.append({"devices": [asdict(one) for one in FOUND]})
    rig.part.step(0.0)
    for name, number in zip(rig.listed()["outputs"], (2, 1, 3), strict=True):
        rig.part.deeds()["device"]({"output": name})
        assert choose_device(FOUND, rig.played_on[-1]["output"], "output").number == number


def test_a_side_that_is_not_named_is_left_alone_and_null_is_the_systems_own(rig: Rig) -> None:
    change = rig.part.deeds()["device"]
    change({"input": "Mic"})
    change({"input": None, "output": "Card"})
    change({})
    assert rig.played_on == [{"input": "Mic"}, {"input": None, "output": "Card"}]


def test_a_look_that_hangs_is_given_up_and_another_may_be_asked_for(rig: Rig) -> None:
    rig.part.deeds()["devices.look"]({})
    assert len(rig.looks) == 1, "one is under way"
    rig.part.step(float("inf"))
    assert rig.looks[0].killed
    rig.part.deeds()["devices.look"]({})
    assert len(rig.looks) == 2
    rig.part.close()
    assert rig.looks[1].killed
