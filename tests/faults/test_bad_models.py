"""Models that hang or crash for real, in a real engine process, under the real supervisor."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.engine.ladder import Rung
from rtvae.host.child import Child
from rtvae.host.supervisor import Phase, Supervisor
from rtvae.link.layout import State
from rtvae.link.session_memory import create_session_folder, open_telemetry, remove_session_folder
from rtvae.link.telemetry import TelemetryReader
from tests.support.playing import PROJECT
from tests.support.rig import RATE_HZ, tone

PATIENCE_S = 60.0


class Session:
    """A supervisor with engines whose models misbehave, on the built-in device."""

    def __init__(self, folder: Path, model: str, sound: Path) -> None:
        self.folder, self.sentences = folder, list[str]()
        self.telemetry = TelemetryReader(open_telemetry(folder))
        start = {
            "do": "start", "model": f"/nowhere/{model}", "driver": "dummy", "input": str(sound),
            "output": None, "sample_rate_hz": RATE_HZ, "loop": True, "dry": False, "blend": None,
        }  # fmt: skip
        self.supervisor = Supervisor(start, self.telemetry, self._spawn)

    def _spawn(self) -> Child:
        module = "tests.support.bad_engine"
        return Child(module, str(self.folder), log=self.folder / "log")

    def until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not happened():
            assert time.monotonic() < deadline, self.sentences
            self.sentences += [note.sentence for note in self.supervisor.step()]
            time.sleep(0.01)

    def said(self, text: str) -> int:
        return sum(text in sentence for sentence in self.sentences)


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Session]]:
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    soundfile.write(tmp_path / "tone.wav", tone(RATE_HZ), RATE_HZ, "FLOAT")
    sessions: list[Session] = []

    def make(model: str) -> Session:
        sessions.append(Session(create_session_folder(), model, tmp_path / "tone.wav"))
        return sessions[-1]

    yield make
    for session in sessions:
        session.supervisor.stop()
        remove_session_folder(session.folder)


def plays_dry(session: Session) -> bool:
    heard, played = session.telemetry.scope(2048)
    return bool(np.abs(played).max(initial=0.0) > 0.4) and np.array_equal(heard, played)


def test_a_model_that_hangs_is_tried_again_once_and_then_taken_out_by_name(
    start: Callable[[str], Session],
) -> None:
    session = start("hangs")
    session.until(lambda: session.said("is taken out") == 1 and plays_dry(session))
    assert session.said("The engine stopped answering inside model identity; it is started") == 1
    assert session.said("Model hangs is taken out and the input passed on dry") == 1
    assert session.said("for the second time within a minute") == 1
    assert session.supervisor.phase is Phase.PLAYING
    assert session.supervisor.restarts == 2


def test_a_model_that_crashes_the_engine_is_taken_out_at_the_third_time(
    start: Callable[[str], Session],
) -> None:
    session = start("dies")
    session.until(lambda: session.said("is taken out") == 1 and plays_dry(session))
    assert session.said("The engine crashed (SIGSEGV); it is started again") == 2
    assert session.supervisor.restarts == 3
    # Another model ends the dry spell.
    session.supervisor.load("/nowhere/fine")
    session.until(lambda: session.said("Now playing") == 1)
    session.until(lambda: not plays_dry(session))


def test_a_model_that_crashes_the_engine_as_it_is_loaded_leaves_a_session_that_plays_dry(
    start: Callable[[str], Session],
) -> None:
    session = start("deadly")
    session.until(lambda: session.said("is taken out") == 1 and plays_dry(session))
    assert session.said("Model deadly is taken out") == 1


def test_a_model_that_crashes_the_engine_while_the_old_one_plays_costs_one_restart(
    start: Callable[[str], Session],
) -> None:
    session = start("fine")
    session.until(lambda: session.telemetry.scalar("blocks") > 50)
    session.supervisor.load("/nowhere/deadly")
    session.until(lambda: session.said("Sound is back") == 1)
    before = session.telemetry.scalar("blocks")
    session.until(lambda: session.telemetry.scalar("blocks") > before + 50)
    assert session.supervisor.start["model"] == "/nowhere/fine"
    assert session.supervisor.restarts == 1


def test_a_model_that_is_too_slow_for_the_machine_rests_and_the_input_goes_on(
    start: Callable[[str], Session],
) -> None:
    session = start("slow")
    session.until(lambda: plays_dry(session))
    assert session.telemetry.scalar("rung") >= Rung.DRY
    assert session.telemetry.scalar("rung_changes") >= 1
    assert session.supervisor.restarts == 0
    # Another one is welcome at any time.
    session.supervisor.load("/nowhere/fine")
    session.until(lambda: session.said("Now playing") == 1)
    session.until(lambda: session.telemetry.state is State.PLAYING)
    assert session.supervisor.restarts == 0
