"""The supervisor's watch over an engine: one that dies, stands still, ends or never begins."""

from collections.abc import Iterator

import pytest

from rtvae.errors import (
    AudioFileError,
    DeviceError,
    EngineError,
    ModelError,
    NoDeviceError,
    RtvaeError,
)
from rtvae.host.supervisor import Phase
from rtvae.link.layout import State
from tests.support.supervised import SupervisorRig, supervised


@pytest.fixture
def rig() -> Iterator[SupervisorRig]:
    with supervised() as rig:
        yield rig


def test_an_engine_that_plays_is_left_alone(rig: SupervisorRig) -> None:
    rig.play(10.0)
    assert rig.supervisor.phase is Phase.PLAYING
    assert len(rig.engines) == 1
    assert rig.sentences == ["Playing model first on USB."]


def test_a_dead_engine_is_started_again_with_the_same_message(rig: SupervisorRig) -> None:
    rig.play()
    rig.engine.status = -11
    rig.step(blocks=0)
    assert len(rig.engines) == 2
    assert rig.engines[1].told == rig.engines[0].told
    assert "SIGSEGV" in rig.sentences[-1]
    rig.play()
    assert rig.sentences[-1] == "Sound is back on USB."
    assert rig.supervisor.restarts == 1


def test_an_engine_that_stands_still_is_killed_and_started_again(rig: SupervisorRig) -> None:
    rig.play()
    rig.stand_still(0.2)
    assert len(rig.engines) == 1
    rig.stand_still(0.14)
    assert rig.engines[0].killed
    assert len(rig.engines) == 2


def test_an_engine_is_not_still_because_the_machine_slept(rig: SupervisorRig) -> None:
    rig.play()
    rig.step(seconds=600.0, blocks=0)
    rig.play()
    assert len(rig.engines) == 1


def test_large_blocks_have_the_time_they_need(rig: SupervisorRig) -> None:
    rig.writer.set("sample_rate_hz", 48_000)
    rig.writer.set("block_size", 48_000)
    rig.play()
    rig.stand_still(2.0)
    assert len(rig.engines) == 1


def test_an_engine_that_finishes_its_files_has_time_for_it(rig: SupervisorRig) -> None:
    rig.play()
    rig.writer.set_state(State.ENDED)
    rig.stand_still(3.0)
    rig.engine.said.append({"event": "ended"})
    rig.engine.status = 0
    rig.step(blocks=0)
    assert rig.supervisor.over
    assert not rig.sentences[1:]


def test_an_engine_that_never_gets_ready_is_told_and_ends_the_session(rig: SupervisorRig) -> None:
    rig.stand_still(14.9)
    with pytest.raises(EngineError, match="not ready within 15 s"):
        rig.stand_still(0.2)
    assert rig.engines[0].killed


@pytest.mark.parametrize("kind", [ModelError, NoDeviceError, DeviceError, AudioFileError])
def test_what_fails_at_the_start_ends_the_session_with_its_sentence(
    rig: SupervisorRig, kind: type[RtvaeError]
) -> None:
    with pytest.raises(kind, match="The reason"):
        rig.fail(kind("The reason."))


def test_an_engine_that_crashes_even_dry_is_tried_again_calmly(rig: SupervisorRig) -> None:
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


def test_an_engine_that_never_got_ready_is_given_up(rig: SupervisorRig) -> None:
    for _ in range(3):
        rig.engine.status = 1
        rig.step(blocks=0)
    rig.engine.status = 1
    with pytest.raises(EngineError, match="even without a model"):
        rig.step(blocks=0)


def test_words_that_make_no_sense_are_passed_over(rig: SupervisorRig) -> None:
    rig.play()
    rig.engine.said += [{}, {"event": None}, {"event": ["x"]}, {"event": "loaded"}]
    rig.step()
    assert rig.supervisor.phase is Phase.PLAYING


def test_a_failure_of_no_known_kind_is_a_fault_of_the_engine(rig: SupervisorRig) -> None:
    rig.engine.said.append({"event": "failed", "kind": "SystemExit"})
    with pytest.raises(EngineError, match="without saying why"):
        rig.step()
