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
        self.start: dict[str, Any] = {"driver": "portaudio", "input": None, "output": None}
        self.part = SoundDevices(
            self._look,  # type: ignore[arg-type]
            self.played_on.append,
            self.start,
        )

    def _look(self) -> Look:
        self.looks.append(Look())
        return self.looks[-1]

    def find(self) -> None:
        """Let the process that looks find the devices."""
        self.looks[0].said.append({"devices": [asdict(one) for one in FOUND], "problem": ""})
        self.part.step(0.0)

    def listed(self) -> dict[str, Any]:
        listed: dict[str, Any] = self.part.info()["devices"]
        return listed


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_devices_are_listed_once_they_are_known_the_default_first(rig: Rig) -> None:
    rig.part.step(0.0)
    assert (rig.listed()["inputs"], rig.listed()["outputs"]) == ([], [])
    rig.find()
    assert rig.listed()["inputs"] == ["Card", "Mic", "1: USB, ALSA", "3: USB, JACK"]
    assert rig.listed()["outputs"] == ["Card", "1: USB, ALSA", "3: USB, JACK"]
    assert rig.looks[0].killed


def test_every_name_in_the_list_opens_the_device_it_stands_for(rig: Rig) -> None:
    rig.find()
    for name, number in zip(rig.listed()["outputs"], (2, 1, 3), strict=True):
        rig.part.deeds()["device"]({"output": name})
        assert choose_device(FOUND, rig.played_on[-1]["output"], "output").number == number


def test_a_side_that_is_not_named_is_left_alone_and_null_is_the_systems_own(rig: Rig) -> None:
    change = rig.part.deeds()["device"]
    change({"input": "Mic"})
    change({"input": None, "output": "Card"})
    change({})
    assert rig.played_on == [{"input": "Mic"}, {"input": None, "output": "Card"}]


@pytest.mark.parametrize(
    ("named", "shown"),
    [
        (None, ""),
        ("Card", "Card"),
        ("car", "Card"),
        ("2", "Card"),
        ("3", "3: USB, JACK"),
        ("Headset that was pulled out", "Headset that was pulled out"),
        ("/home/me/drums.wav", "drums.wav"),
    ],
)
def test_what_is_played_on_has_the_name_that_it_has_in_the_list(
    rig: Rig, named: str | None, shown: str
) -> None:
    rig.start.update(input=named, output=named)
    rig.find()
    assert (rig.listed()["input"], rig.listed()["output"]) == (shown, shown)


def test_what_is_played_on_is_told_before_and_after_the_devices_are_known(rig: Rig) -> None:
    rig.start.update(input="car")
    assert rig.listed()["input"] == "car"
    rig.find()
    assert rig.listed()["input"] == "Card"


def test_the_files_of_the_built_in_device_are_told(rig: Rig) -> None:
    rig.start.update(driver="dummy", input="/music/Card", output="/music/out.wav")
    rig.find()
    assert (rig.listed()["input"], rig.listed()["output"]) == ("Card", "out.wav")


def test_a_look_that_hangs_is_given_up_and_another_may_be_asked_for(rig: Rig) -> None:
    rig.part.deeds()["devices.look"]({})
    assert len(rig.looks) == 1, "one is under way"
    rig.part.step(float("inf"))
    assert rig.looks[0].killed
    rig.part.deeds()["devices.look"]({})
    assert len(rig.looks) == 2
    rig.part.close()
    assert rig.looks[1].killed
