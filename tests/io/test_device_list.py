"""Which device is meant: by number, by name, by part of a name, or by default."""

import pytest

from rtvae.errors import DeviceError, NoDeviceError
from rtvae.io.device_list import JACK, Device, choose_device


def _device(number: int, name: str, api: str = "ALSA", **more: object) -> Device:
    facts: dict[str, object] = {
        "input_channels": 2,
        "output_channels": 2,
        "sample_rate_hz": 48_000,
        "default_input": False,
        "default_output": False,
    }
    return Device(number, name, api, **{**facts, **more})  # type: ignore[arg-type]


DEVICES = [
    _device(0, "HDA Intel PCH: ALC257 Analog (hw:0,0)"),
    _device(1, "HDMI 0", input_channels=0),
    _device(2, "Scarlett 2i2 USB: Audio (hw:1,0)"),
    _device(3, "pulse", default_input=True, default_output=True),
    _device(4, "USB Microphone", output_channels=0),
]


@pytest.mark.parametrize(
    ("wanted", "what", "number"),
    [
        (None, "input", 3),
        ("2", "output", 2),
        ("scarlett", "output", 2),
        ("PULSE", "input", 3),
        ("hda", "output", 0),
        ("usb", "output", 2),
    ],
)
def test_the_device_that_is_meant(wanted: str | None, what: str, number: int) -> None:
    assert choose_device(DEVICES, wanted, what).number == number


def test_a_running_jack_server_is_the_default() -> None:
    jack = _device(5, "system", JACK, default_input=True, default_output=True)
    assert choose_device([*DEVICES, jack], None, "output") == jack


def test_the_full_name_wins_over_names_that_contain_it() -> None:
    devices = [_device(0, "USB Audio #1"), _device(1, "USB Audio")]
    assert choose_device(devices, "usb audio", "output").number == 1


@pytest.mark.parametrize(
    ("wanted", "what", "words"),
    [
        ("scarlet 2i4", "output", "the closest is 'Scarlett 2i2 USB: Audio"),
        ("zzz", "output", "'HDA Intel PCH"),
        ("usb", "input", r"fits 2 input devices; .* 2 \(Scarlett .* 4 \(USB Microphone\)"),
        ("9", "input", "no audio device number 9"),
        ("1", "input", r"Device 1 \(HDMI 0\) has no input"),
    ],
)
def test_a_bad_name_is_one_sentence_with_the_way_out(wanted: str, what: str, words: str) -> None:
    with pytest.raises(DeviceError, match=words):
        choose_device(DEVICES, wanted, what)


def test_no_device_at_all() -> None:
    with pytest.raises(NoDeviceError, match="no audio input device"):
        choose_device([DEVICES[1]], None, "input")
