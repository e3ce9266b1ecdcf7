"""The supervisor waits for audio devices: those that go, and those that are not there yet."""

from collections.abc import Iterator

import pytest

from rtvae.errors import AudioFileError, DeviceBusyError, ModelError, NoDeviceError, RtvaeError
from rtvae.host.supervisor import Phase
from tests.support.supervised import READY, SupervisorRig, supervised

SPEAKER = {
    "number": 0, "name": "USB", "host_api": "ALSA", "input_channels": 2, "output_channels": 2,
    "sample_rate_hz": 48_000, "default_input": True, "default_output": True,
}  # fmt: skip
QUIET = dict.fromkeys(("input", "output", "input_channels", "output_channels", "duration_s"))


@pytest.fixture
def rig() -> Iterator[SupervisorRig]:
    with supervised() as rig:
        yield rig


@pytest.fixture
def waiting() -> Iterator[SupervisorRig]:
    with supervised(looks=True) as rig:
        yield rig


def test_a_device_that_goes_is_waited_for_and_told_once(rig: SupervisorRig) -> None:
    rig.play()
    rig.stand_still(0.4)
    for _ in range(3):
        rig.fail(NoDeviceError("There is no device."))
        assert rig.supervisor.phase is Phase.WAITING
        rig.step(seconds=2.1, blocks=0)
    assert len([s for s in rig.sentences if "There is no device." in s]) == 1
    rig.play()
    assert rig.sentences[-1] == "Sound is back on USB."
    rig.stand_still(0.4)
    rig.fail(NoDeviceError("There is no device."))
    assert len([s for s in rig.sentences if "There is no device." in s]) == 2


def test_a_device_that_comes_and_goes_never_takes_the_model_out(rig: SupervisorRig) -> None:
    rig.play()
    for _ in range(5):
        rig.stand_still(0.4)
        rig.fail(NoDeviceError("There is no device."))
        rig.step(seconds=2.1, blocks=0)
        rig.play()
    assert rig.engine.told[0]["dry"] is False


def test_a_device_that_stands_still_is_not_blamed_on_the_model(rig: SupervisorRig) -> None:
    rig.play()
    for _ in range(2):
        rig.stand_still(0.4)
        rig.play()
    assert rig.engine.told[0]["dry"] is False
    assert not any("inside" in sentence for sentence in rig.sentences)


def test_a_device_that_is_not_there_at_the_start_is_waited_for_beside_a_silent_engine(
    waiting: SupervisorRig,
) -> None:
    rig = waiting
    rig.fail(NoDeviceError("There is no device."))
    assert rig.sentences == ["There is no device. Trying again every 2 s."]
    assert rig.supervisor.phase is Phase.WAITING
    rig.step()
    rig.look.said.append({"devices": [], "problem": "There is none."})
    rig.step()
    silent = rig.engine
    assert silent.told == [rig.engines[0].told[0] | {"driver": "dummy", "loop": False} | QUIET]
    silent.said.append(dict(READY))
    rig.step()
    assert rig.supervisor.facts["model"] == "first"
    assert rig.supervisor.facts["device"] == "no audio device yet"
    rig.step(seconds=2.0)
    rig.look.said.append({"devices": [SPEAKER], "problem": ""})
    rig.step()
    assert silent.killed
    assert rig.engine.told == rig.engines[0].told
    rig.play()
    assert rig.sentences[-1] == "Playing model first on USB."
    assert rig.supervisor.facts["device"] == "USB"


def test_a_device_that_is_listed_but_held_is_tried_every_two_seconds_and_told_once(
    waiting: SupervisorRig,
) -> None:
    rig = waiting
    for tries in range(1, 4):
        rig.fail(DeviceBusyError("USB is held by another program."))
        assert len(rig.engines) == tries
        rig.step()
        rig.look.said.append({"devices": [SPEAKER], "problem": ""})
        rig.step()
        assert len(rig.engines) == tries, "not at once"
        rig.step(seconds=2.0)
        rig.look.said.append({"devices": [SPEAKER], "problem": ""})
        rig.step()
    assert len(rig.sentences) == 1


def test_a_look_that_gets_no_answer_is_given_up_and_another_begun(waiting: SupervisorRig) -> None:
    waiting.fail(NoDeviceError("There is no device."))
    waiting.step()
    first = waiting.look
    waiting.step(seconds=10.1)
    assert first.killed
    waiting.step(seconds=2.0)
    assert waiting.look is not first


def test_stopping_while_it_waits_leaves_nothing_behind(waiting: SupervisorRig) -> None:
    waiting.fail(NoDeviceError("There is no device."))
    waiting.step()
    waiting.look.said.append({"devices": [], "problem": ""})
    waiting.step()
    waiting.step(seconds=2.0)
    waiting.supervisor.stop()
    assert waiting.engine.killed
    assert waiting.look.killed
    assert waiting.supervisor.over


@pytest.mark.parametrize("kind", [ModelError, AudioFileError])
def test_what_is_no_device_is_not_waited_for(
    waiting: SupervisorRig, kind: type[RtvaeError]
) -> None:
    with pytest.raises(kind, match="The reason"):
        waiting.fail(kind("The reason."))


def test_the_player_changes_to_another_device(rig: SupervisorRig) -> None:
    rig.play()
    rig.supervisor.play_on({"input": "Mic", "output": "Headphones"})
    assert rig.engines[0].told[-1] == {"do": "quit"}
    told = rig.engine.told[0]
    assert (told["driver"], told["input"], told["output"]) == ("portaudio", "Mic", "Headphones")
    rig.play()
    assert rig.supervisor.phase is Phase.PLAYING


@pytest.mark.parametrize(("driver", "stays"), [("portaudio", True), ("dummy", False)])
def test_the_side_that_the_player_does_not_change_stays(
    rig: SupervisorRig, driver: str, stays: bool
) -> None:
    named = {"driver": driver, "input": "song.wav", "input_channels": [3], "loop": True}
    rig.supervisor.start.update(named)
    rig.play()
    rig.supervisor.play_on({"output": "Headphones"})
    told = rig.engine.told[0]
    assert (told["driver"], told["output"]) == ("portaudio", "Headphones")
    kept = named if stays else {"input": None, "input_channels": None, "loop": False}
    assert {key: told[key] for key in kept} == kept


def test_a_device_that_cannot_be_opened_gives_way_to_the_one_before(rig: SupervisorRig) -> None:
    rig.play()
    before = rig.engine.told[0]
    rig.supervisor.play_on({"output": "Busy"})
    rig.fail(DeviceBusyError("Busy is taken."))
    assert rig.sentences[-1] == "Busy is taken. The devices before are taken again."
    assert {k: rig.engine.told[0][k] for k in before} == before
    rig.play()
    assert rig.sentences[-1] == "Sound is back on USB."
