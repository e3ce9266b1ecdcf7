"""What the supervisor starts the next engine with: the model that was loaded, or none."""

from collections.abc import Iterator

import pytest

from rtvae.errors import EngineError, ModelError
from tests.support.supervised import READY, SupervisorRig, supervised


@pytest.fixture
def rig() -> Iterator[SupervisorRig]:
    with supervised() as rig:
        yield rig


def test_a_model_that_hangs_before_it_is_ready_is_taken_out_and_named(rig: SupervisorRig) -> None:
    rig.writer.set("in_block", 1)
    rig.stand_still(15.1)
    assert rig.engines[0].killed
    assert rig.engine.told[0]["dry"] is True
    assert "Model first is taken out" in rig.sentences[-1]
    assert "not ready within 15 s" in rig.sentences[-1]
    with pytest.raises(EngineError, match="the audio server may hang"):
        rig.stand_still(15.1)


def test_a_model_that_hangs_twice_is_taken_out_and_named(rig: SupervisorRig) -> None:
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


def test_the_third_crash_within_a_minute_takes_the_model_out(rig: SupervisorRig) -> None:
    for crash in range(3):
        rig.play()
        rig.engine.status = -11
        rig.step(blocks=0)
        assert rig.engine.told[0]["dry"] is (crash == 2)
    assert "Model first is taken out" in rig.sentences[-1]


def test_crashes_that_lie_apart_keep_the_model(rig: SupervisorRig) -> None:
    for _ in range(5):
        rig.play()
        rig.step(seconds=61.0)
        rig.engine.status = -11
        rig.step(blocks=0)
        assert rig.engine.told[0]["dry"] is False


def test_a_loaded_model_is_what_the_next_engine_starts_with(rig: SupervisorRig) -> None:
    rig.play()
    rig.supervisor.load("/m/second")
    assert rig.engine.told[-1] == {"do": "load", "model": "/m/second"}
    rig.engine.said.append({"event": "loaded", "model": "second"})
    rig.step()
    assert rig.supervisor.facts["model"] == "second"
    rig.engine.status = -9
    rig.step(blocks=0)
    assert rig.engine.told[0]["model"] == "/m/second"


def test_a_refused_model_changes_nothing_and_is_told(rig: SupervisorRig) -> None:
    rig.play()
    rig.supervisor.load("/m/broken")
    rig.engine.said.append({"event": "refused", "sentence": "The model broken is refused."})
    rig.step()
    assert rig.sentences[-1] == "The model broken is refused."
    rig.engine.status = -9
    rig.step(blocks=0)
    assert rig.engine.told[0]["model"] == "/m/first"


def test_a_second_model_is_what_the_next_engine_starts_with_until_it_is_taken_away(
    rig: SupervisorRig,
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


def test_a_model_that_is_too_slow_here_is_told_once_with_the_remedy(rig: SupervisorRig) -> None:
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


def test_a_request_that_was_replaced_while_it_waited_is_forgotten(rig: SupervisorRig) -> None:
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


def test_a_model_that_kills_the_engine_while_it_loads_is_not_started_with(
    rig: SupervisorRig,
) -> None:
    rig.play()
    rig.supervisor.load("/m/deadly")
    rig.step()
    rig.engine.status = -11
    rig.step(blocks=0)
    assert rig.engine.told[0]["model"] == "/m/first"


def test_choosing_another_model_ends_the_dry_spell(rig: SupervisorRig) -> None:
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


def test_a_model_that_vanished_is_taken_out_instead_of_ending_the_music(rig: SupervisorRig) -> None:
    rig.play()
    rig.engine.status = -9
    rig.step(blocks=0)
    rig.fail(ModelError("The model is gone."))
    assert rig.engine.told[0]["dry"] is True
    assert "The model is gone." in rig.sentences[-1]
