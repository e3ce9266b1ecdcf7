"""What `play` does with what was asked and what is there."""

from pathlib import Path

import pytest

from rtvae.errors import AudioFileError, NoDeviceError, UsageError
from rtvae.host.plan import Plan, PlayRequest, looks_like_file, make_plan, unused_name

RECORDING = Path("/project/demo.flac")


def plan(
    request: PlayRequest,
    *,
    devices: bool = True,
    screen: bool = False,
    files: tuple[str, ...] = ("in.wav",),
) -> Plan:
    return make_plan(
        request,
        has_screen=screen,
        has_devices=lambda: devices,
        recording=lambda: RECORDING,
        exists=lambda path: str(path) in files,
    )


def test_with_devices_the_microphone_goes_to_the_loudspeakers() -> None:
    assert plan(PlayRequest()) == Plan("portaudio", None, None, loop=False, window=False)


def test_with_a_screen_there_is_a_window_unless_it_is_not_wanted() -> None:
    assert plan(PlayRequest(), screen=True).window
    assert not plan(PlayRequest(window=False), screen=True).window
    assert not plan(PlayRequest(driver="file"), screen=True).window


def test_without_devices_the_recording_plays_into_a_file_and_one_sentence_says_so() -> None:
    made = plan(PlayRequest(), devices=False)
    assert made.driver == "dummy"
    assert made.input == str(RECORDING)
    assert made.output == "rtvae-output.wav"
    assert not made.loop
    for fragment in ("no audio device", "bundled recording", "rtvae-output.wav"):
        assert fragment in made.sentence


def test_a_recording_goes_on_as_long_as_somebody_watches_or_it_should_last() -> None:
    assert plan(PlayRequest(), devices=False, screen=True).loop
    assert plan(PlayRequest(duration_s=60.0), devices=False).loop
    assert not plan(PlayRequest(duration_s=60.0, loop=False), devices=False).loop
    assert plan(PlayRequest(loop=True), devices=False).loop


def test_a_file_may_take_the_microphones_place() -> None:
    made = plan(PlayRequest(input="in.wav"))
    assert (made.driver, made.input, made.output) == ("portaudio", "in.wav", None)
    made = plan(PlayRequest(input="in.wav"), devices=False)
    assert (made.driver, made.input, made.output) == ("dummy", "in.wav", "rtvae-output.wav")


def test_a_file_to_write_chooses_the_built_in_device() -> None:
    made = plan(PlayRequest(output="out.wav"))
    assert (made.driver, made.input, made.output) == ("dummy", str(RECORDING), "out.wav")


def test_nothing_that_exists_is_written_over() -> None:
    taken = ("in.wav", "out.wav", "out-2.wav")
    made = plan(PlayRequest(input="in.wav", output="out.wav"), files=taken)
    assert made.output == "out-3.wav"
    assert "out-3.wav" in made.sentence


def test_devices_are_named_to_the_driver_as_they_are() -> None:
    made = plan(PlayRequest(input="USB Mic", output="3", driver="auto"))
    assert (made.driver, made.input, made.output) == ("portaudio", "USB Mic", "3")


@pytest.mark.parametrize("request_", [PlayRequest(input="USB Mic"), PlayRequest(output="3")])
def test_a_named_device_where_there_is_none_is_told(request_: PlayRequest) -> None:
    with pytest.raises(NoDeviceError, match="There is no audio device"):
        plan(request_, devices=False)


def test_a_missing_input_file_is_told_before_anything_starts() -> None:
    for driver in ("auto", "portaudio", "dummy", "file"):
        with pytest.raises(AudioFileError, match=r"no file gone\.wav"):
            plan(PlayRequest(input="gone.wav", driver=driver))


def test_a_file_cannot_be_played_on_and_a_loop_needs_an_end() -> None:
    with pytest.raises(UsageError, match=r"'out\.wav' is a file"):
        plan(PlayRequest(output="out.wav", driver="portaudio"))
    with pytest.raises(UsageError, match="--duration"):
        plan(PlayRequest(driver="file", loop=True))


def test_what_looks_like_a_file() -> None:
    for end in ("a.wav", "a.FLAC", "./a", "/x/y"):
        assert looks_like_file(end)
    for end in (
        "USB Mic",
        "3",
        "hw:0,0",
        "Line 1/2",
        "HDA Intel PCH: ALC257 Analog (hw:0,0)",
        "Built-in 2.1",
    ):
        assert not looks_like_file(end)


def test_the_first_free_name(tmp_path: Path) -> None:
    wanted = tmp_path / "a.wav"
    assert unused_name(wanted) == wanted
    wanted.touch()
    (tmp_path / "a-2.wav").touch()
    assert unused_name(wanted) == tmp_path / "a-3.wav"


def test_a_device_is_waited_for_where_somebody_sees_it_or_asked_for_a_device() -> None:
    named = PlayRequest(output="Scarlett")
    for devices in (True, False):
        made = plan(named, devices=devices, screen=True)
        assert (made.driver, made.output, made.waits) == ("portaudio", "Scarlett", True)
    assert plan(PlayRequest(driver="portaudio"), devices=False).waits
    assert not plan(named).waits


def test_with_nothing_asked_for_the_recording_plays_rather_than_waiting() -> None:
    made = plan(PlayRequest(), devices=False, screen=True)
    assert (made.driver, made.waits) == ("dummy", False)
