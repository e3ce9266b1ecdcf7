"""The supervisor's decisions, on a clock and with engines that do as the test says."""

from pathlib import Path
from typing import Any

import pytest

from rtvae.errors import (
    AudioFileError,
    DeviceBusyError,
    DeviceError,
    EngineError,
    ModelError,
    NoDeviceError,
    RtvaeError,
)
from rtvae.host.supervisor import Phase, Supervisor
from rtvae.link.layout import State
from rtvae.link.session_memory import create_session_folder, open_telemetry, remove_session_folder
from rtvae.link.telemetry import TelemetryReader, TelemetryWriter

READY = {"event": "ready", "model": "first", "device": "USB", "sample_rate_hz": 48_000}


class Engine:
    """Stands for the process: says what it is told to say."""

    def __init__(self) -> None:
        self.pid = 1
        self.status: int | None = None
        self.said: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []
        self.killed = False

    def exit_status(self) -> int | None:
        return self.status

    def heard(self) -> list[dict[str, Any]]:
        said, self.said = self.said, []
        return said

    def tell(self, message: dict[str, Any]) -> bool:
        self.told.append(dict(message))
        return True

    def wait(self, seconds: float) -> bool:
        return self.status is not None

    def kill(self) -> None:
        self.killed = True
        self.status = -9


class Rig:
    """A supervisor, its engines, its clock and its telemetry."""

    def __init__(self, folder: Path, driver: str = "portaudio", *, looks: bool = False) -> None:
        self.now_s = 100.0
        self.engines: list[Engine] = []
        self.looks: list[Engine] = []
        self.sentences: list[str] = []
        self.writer = TelemetryWriter(open_telemetry(folder))
        self.supervisor = Supervisor(
            {"do": "start", "model": "/m/first", "driver": driver, "dry": False}
            | {"sample_rate_hz": None, "input": None, "output": None},
            TelemetryReader(open_telemetry(folder)),
            self._spawn,  # type: ignore[arg-type]
            look=self._look if looks else None,  # type: ignore[arg-type]
            clock=lambda: self.now_s,
        )

    def _spawn(self) -> Engine:
        self.engines.append(Engine())
        return self.engines[-1]

    def _look(self) -> Engine:
        self.looks.append(Engine())
        return self.looks[-1]

    @property
    def look(self) -> Engine:
        """The newest look at the devices."""
        return self.looks[-1]

    @property
    def engine(self) -> Engine:
        return self.engines[-1]

    def step(self, seconds: float = 0.02, blocks: int = 1) -> None:
        self.now_s += seconds
        self.writer.add("blocks", blocks)
        self.sentences += [note.sentence for note in self.supervisor.step()]

    def play(self, seconds: float = 0.1) -> None:
        """The engine gets ready and plays for a while."""
        self.engine.said.append(dict(READY))
        for _ in range(round(seconds / 0.02)):
            self.step()

    def stand_still(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.02)):
            self.step(blocks=0)

    def fail(self, error: RtvaeError) -> None:
        failure = {"event": "failed", "kind": type(error).__name__, "sentence": str(error)}
        self.engine.said.append(failure)
        self.engine.status = error.exit_status
        self.step(blocks=0)


@pytest.fixture
def rig() -> Any:
    folder = create_session_folder()
    yield Rig(folder)
    remove_session_folder(folder)


def test_an_engine_that_plays_is_left_alone(rig: Rig) -> None:
    rig.play(10.0)
    assert rig.supervisor.phase is Phase.PLAYING
    assert len(rig.engines) == 1
    assert rig.sentences == ["Playing model first on USB."]


def test_a_dead_engine_is_started_again_with_the_same_message(rig: Rig) -> None:
    rig.play()
    rig.engine.status = -11
    rig.step(blocks=0)
    assert len(rig.engines) == 2
    assert rig.engines[1].told == rig.engines[0].told
    assert "SIGSEGV" in rig.sentences[-1]
    rig.play()
    assert rig.sentences[-1] == "Sound is back on USB."
    assert rig.supervisor.restarts == 1


def test_an_engine_that_stands_still_is_killed_and_started_again(rig: Rig) -> None:
    rig.play()
    rig.stand_still(0.2)
    assert len(rig.engines) == 1
    rig.stand_still(0.14)
    assert rig.engines[0].killed
    assert len(rig.engines) == 2


def test_an_engine_is_not_still_because_the_machine_slept(rig: Rig) -> None:
    rig.play()
    rig.step(seconds=600.0, blocks=0)
    rig.play()
    assert len(rig.engines) == 1


def test_large_blocks_have_the_time_they_need(rig: Rig) -> None:
    rig.writer.set("sample_rate_hz", 48_000)
    rig.writer.set("block_size", 48_000)
    rig.play()
    rig.stand_still(2.0)
    assert len(rig.engines) == 1


def test_an_engine_that_finishes_its_files_has_time_for_it(rig: Rig) -> None:
    rig.play()
    rig.writer.set_state(State.ENDED)
    rig.stand_still(3.0)
    rig.engine.said.append({"event": "ended"})
    rig.engine.status = 0
    rig.step(blocks=0)
    assert rig.supervisor.over
    assert not rig.sentences[1:]


def test_an_engine_that_never_gets_ready_is_told_and_ends_the_session(rig: Rig) -> None:
    rig.stand_still(14.9)
    with pytest.raises(EngineError, match="not ready within 15 s"):
        rig.stand_still(0.2)
    assert rig.engines[0].killed


def test_a_model_that_hangs_before_it_is_ready_is_taken_out_and_named(rig: Rig) -> None:
    rig.writer.set("in_block", 1)
    rig.stand_still(15.1)
    assert rig.engines[0].killed
    assert rig.engine.told[0]["dry"] is True
    assert "Model first is taken out" in rig.sentences[-1]
    assert "not ready within 15 s" in rig.sentences[-1]
    with pytest.raises(EngineError, match="the audio server may hang"):
        rig.stand_still(15.1)


@pytest.mark.parametrize("kind", [ModelError, NoDeviceError, DeviceError, AudioFileError])
def test_what_fails_at_the_start_ends_the_session_with_its_sentence(
    rig: Rig, kind: type[RtvaeError]
) -> None:
    with pytest.raises(kind, match="The reason"):
        rig.fail(kind("The reason."))


def test_a_device_that_goes_is_waited_for_and_told_once(rig: Rig) -> None:
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


def test_a_device_that_comes_and_goes_never_takes_the_model_out(rig: Rig) -> None:
    rig.play()
    for _ in range(5):
        rig.stand_still(0.4)
        rig.fail(NoDeviceError("There is no device."))
        rig.step(seconds=2.1, blocks=0)
        rig.play()
    assert rig.engine.told[0]["dry"] is False


def test_the_third_crash_within_a_minute_takes_the_model_out(rig: Rig) -> None:
    for crash in range(3):
        rig.play()
        rig.engine.status = -11
        rig.step(blocks=0)
        assert rig.engine.told[0]["dry"] is (crash == 2)
    assert "Model first is taken out" in rig.sentences[-1]


def test_an_engine_that_crashes_even_dry_is_tried_again_calmly(rig: Rig) -> None:
    for _ in range(3):
        rig.play()
        rig.engine.status = -11
        rig.step(blocks=0)
    rig.play()
    for _ in range(5):
        rig.engine.status = -11
        rig.step(blocks=0)
        assert rig.supervisor.phase is Phase.WAITING
        engines = len(rig.engines)
        rig.step(seconds=1.9, blocks=0)
        assert len(rig.engines) == engines
        rig.step(seconds=0.2, blocks=0)
        assert len(rig.engines) == engines + 1
    assert len([s for s in rig.sentences if "even without a model" in s]) == 1


def test_an_engine_that_never_got_ready_is_given_up(rig: Rig) -> None:
    for _ in range(3):
        rig.engine.status = 1
        rig.step(blocks=0)
    rig.engine.status = 1
    with pytest.raises(EngineError, match="even without a model"):
        rig.step(blocks=0)


def test_crashes_that_lie_apart_keep_the_model(rig: Rig) -> None:
    for _ in range(5):
        rig.play()
        rig.step(seconds=61.0)
        rig.engine.status = -11
        rig.step(blocks=0)
        assert rig.engine.told[0]["dry"] is False


def test_a_loaded_model_is_what_the_next_engine_starts_with(rig: Rig) -> None:
    rig.play()
    rig.supervisor.load("/m/second")
    assert rig.engine.told[-1] == {"do": "load", "model": "/m/second"}
    rig.engine.said.append({"event": "loaded", "model": "second"})
    rig.step()
    assert rig.supervisor.facts["model"] == "second"
    rig.engine.status = -9
    rig.step(blocks=0)
    assert rig.engine.told[0]["model"] == "/m/second"


def test_a_refused_model_changes_nothing_and_is_told(rig: Rig) -> None:
    rig.play()
    rig.supervisor.load("/m/broken")
    rig.engine.said.append({"event": "refused", "sentence": "The model broken is refused."})
    rig.step()
    assert rig.sentences[-1] == "The model broken is refused."
    rig.engine.status = -9
    rig.step(blocks=0)
    assert rig.engine.told[0]["model"] == "/m/first"


def test_a_second_model_is_what_the_next_engine_starts_with_until_it_is_taken_away(
    rig: Rig,
) -> None:
    rig.play()
    rig.supervisor.load("/m/second", beside=True)
    assert rig.engine.told[-1] == {"do": "load", "model": "/m/second", "beside": True}
    rig.engine.said.append({"event": "loaded", "model": "first", "beside": "second"})
    rig.step()
    assert rig.sentences[-1] == "Model second is beside first; blend fades between them."
    rig.engine.status = -9
    rig.step(blocks=0)
    assert rig.engine.told[0]["blend"] == "/m/second"
    assert rig.engine.told[0]["model"] == "/m/first"
    rig.play()
    rig.supervisor.load(None, beside=True)
    rig.engine.said.append({"event": "loaded", "model": "first", "beside": None})
    rig.step()
    assert rig.sentences[-1] == "Model first plays alone again."
    assert rig.supervisor.start["blend"] is None


def test_a_model_that_is_too_slow_here_is_told_once_with_the_remedy(rig: Rig) -> None:
    advice = "Model first takes 80 % of a 64-frame block here: choose --buffered (+1.3 ms)."
    rig.engine.said.append({**READY, "advice": advice})
    rig.step()
    assert rig.sentences[-1] == advice
    rig.engine.said.append({"event": "advice", "sentence": advice})
    rig.step()
    rig.engine.status = -9
    rig.step(blocks=0)
    rig.engine.said.append({**READY, "advice": advice})
    rig.step()
    assert rig.sentences.count(advice) == 1
    rig.engine.said.append({"event": "advice", "sentence": "Model first is late."})
    rig.step()
    assert rig.sentences[-1] == "Model first is late."


def test_a_request_that_was_replaced_while_it_waited_is_forgotten(rig: Rig) -> None:
    rig.play()
    for name in ("second", "third", "fourth"):
        rig.supervisor.load(f"/m/{name}")
    rig.engine.said += [
        {"event": "replaced", "model": "/m/third", "beside": False},
        {"event": "loaded", "model": "second"},
        {"event": "refused", "sentence": "Nothing was fresh.", "do": "fresh"},
        {"event": "loaded", "model": "fourth"},
    ]
    rig.step()
    assert rig.supervisor.start["model"] == "/m/fourth"


def test_a_model_that_kills_the_engine_while_it_loads_is_not_started_with(rig: Rig) -> None:
    rig.play()
    rig.supervisor.load("/m/deadly")
    rig.step()
    rig.engine.status = -11
    rig.step(blocks=0)
    assert rig.engine.told[0]["model"] == "/m/first"


def test_choosing_another_model_ends_the_dry_spell(rig: Rig) -> None:
    for _ in range(3):
        rig.play()
        rig.engine.status = -11
        rig.step(blocks=0)
    rig.play()
    rig.supervisor.load("/m/second")
    rig.engine.said.append({"event": "loaded", "model": "second"})
    rig.step()
    rig.step(seconds=61.0)
    rig.engine.status = -11
    rig.step(blocks=0)
    assert rig.engine.told[0]["model"] == "/m/second"
    assert rig.engine.told[0]["dry"] is False


def test_a_model_that_vanished_is_taken_out_instead_of_ending_the_music(rig: Rig) -> None:
    rig.play()
    rig.engine.status = -9
    rig.step(blocks=0)
    rig.fail(ModelError("The model is gone."))
    assert rig.engine.told[0]["dry"] is True
    assert "The model is gone." in rig.sentences[-1]


def test_words_that_make_no_sense_are_passed_over(rig: Rig) -> None:
    rig.play()
    rig.engine.said += [{}, {"event": None}, {"event": ["x"]}, {"event": "loaded"}]
    rig.step()
    assert rig.supervisor.phase is Phase.PLAYING


def test_a_failure_of_no_known_kind_is_a_fault_of_the_engine(rig: Rig) -> None:
    rig.engine.said.append({"event": "failed", "kind": "SystemExit"})
    with pytest.raises(EngineError, match="without saying why"):
        rig.step()


def test_a_model_that_hangs_twice_is_taken_out_and_named(rig: Rig) -> None:
    rig.play()
    rig.writer.set("in_block", 1)
    rig.stand_still(0.4)
    assert "inside model first" in rig.sentences[-1]
    assert rig.engine.told[0]["dry"] is False
    rig.play()
    rig.stand_still(0.4)
    assert "Model first is taken out" in rig.sentences[-1]
    assert "inside model first for the second time" in rig.sentences[-1]
    assert rig.engine.told[0]["dry"] is True


def test_a_device_that_stands_still_is_not_blamed_on_the_model(rig: Rig) -> None:
    rig.play()
    for _ in range(2):
        rig.stand_still(0.4)
        rig.play()
    assert rig.engine.told[0]["dry"] is False
    assert not any("inside" in sentence for sentence in rig.sentences)


@pytest.fixture
def waiting() -> Any:
    folder = create_session_folder()
    yield Rig(folder, looks=True)
    remove_session_folder(folder)


SPEAKER = {
    "number": 0, "name": "USB", "host_api": "ALSA", "input_channels": 2, "output_channels": 2,
    "sample_rate_hz": 48_000, "default_input": True, "default_output": True,
}  # fmt: skip


def test_a_device_that_is_not_there_at_the_start_is_waited_for_beside_a_silent_engine(
    waiting: Rig,
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


QUIET = dict.fromkeys(("input", "output", "input_channels", "output_channels", "duration_s"))


def test_a_device_that_is_listed_but_held_is_tried_every_two_seconds_and_told_once(
    waiting: Rig,
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


def test_a_look_that_gets_no_answer_is_given_up_and_another_begun(waiting: Rig) -> None:
    waiting.fail(NoDeviceError("There is no device."))
    waiting.step()
    first = waiting.look
    waiting.step(seconds=10.1)
    assert first.killed
    waiting.step(seconds=2.0)
    assert waiting.look is not first


def test_stopping_while_it_waits_leaves_nothing_behind(waiting: Rig) -> None:
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
def test_what_is_no_device_is_not_waited_for(waiting: Rig, kind: type[RtvaeError]) -> None:
    with pytest.raises(kind, match="The reason"):
        waiting.fail(kind("The reason."))
