"""The contest: the faster of two plays, that is said once, and without a rival nothing happens."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from rtvae.engine import contest
from rtvae.engine.contest import Contest, costs_in_turns
from rtvae.engine.desk import Outbox
from rtvae.engine.governor import Cost, plays_better
from rtvae.engine.lineup import Lineup
from rtvae.engine.main import Parts, serve
from rtvae.engine.shelf import Shelf
from rtvae.io.clocks import VirtualClock
from rtvae.io.fault_driver import FaultDriver, FaultScript
from rtvae.link.session_memory import create_session_folder, remove_session_folder
from rtvae.model.identity import IdentityModel
from rtvae.model.live import Floats, LiveModel
from rtvae.spec import StreamSpec
from tests.support.rig import RATE_HZ, tone

STREAM = StreamSpec(48_000, 64, 1, 1)
PERIOD_S = 64 / 48_000


class OnCard(IdentityModel):
    executor = "cuda"


def rival(path: Path) -> LiveModel:
    return OnCard(64)


class Stage:
    """A shelf, a model's file, and what was said and measured."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *costs: Cost) -> None:
        self.path = tmp_path / "model"
        self.path.write_text("a model")
        self.said: list[str] = []
        self.loaded = 0
        self.measured = 0

        def measure(*arguments: object) -> list[Cost]:
            self.measured += 1
            return [*costs]

        monkeypatch.setattr(contest, "costs_in_turns", measure)
        self.shelf = Shelf(self._load)

    def _load(self, path: Path) -> LiveModel:
        self.loaded += 1
        return IdentityModel(64)

    def contest(self, other: contest.Rival) -> Contest:
        return Contest(self.shelf, other, STREAM, self.said.append)


SLOW, FAST = Cost(4e-4, 9e-4), Cost(1e-4, 2e-4)


def test_where_both_are_safe_the_usual_cost_decides_else_the_high_one() -> None:
    safe = 0.6 * PERIOD_S
    assert plays_better(Cost(1e-4, safe), Cost(2e-4, 3e-4), PERIOD_S)
    assert not plays_better(Cost(2e-4, 3e-4), Cost(1e-4, safe), PERIOD_S)
    assert not plays_better(Cost(1e-4, 1.01 * safe), Cost(2e-4, 3e-4), PERIOD_S)
    assert plays_better(Cost(2e-4, 3e-4), Cost(1e-4, 1.01 * safe), PERIOD_S)
    assert plays_better(Cost(9e-4, 2e-3), Cost(1e-4, 3e-3), PERIOD_S)
    assert not plays_better(FAST, FAST, PERIOD_S), "a draw changes nothing"


def test_a_faster_rival_plays_and_both_figures_are_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(tmp_path, monkeypatch, SLOW, FAST)
    load = stage.contest(rival)
    assert [load(stage.path).executor for _ in range(3)] == ["cuda"] * 3
    assert stage.said == [
        "A 64-frame block of model identity takes none 400 us (99.9th percentile 900) and "
        "cuda 100 us (99.9th percentile 200), so cuda plays it."
    ]
    assert stage.measured == 1
    assert stage.loaded == 1, "what lost was not put back on the shelf"


def test_a_slower_rival_does_not_play_and_is_not_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(tmp_path, monkeypatch, FAST, SLOW)
    load = stage.contest(rival)
    assert [load(stage.path).executor for _ in range(3)] == ["none"] * 3
    assert len(stage.said) == stage.measured == 1
    assert stage.said[0].endswith("so none plays it.")


def test_without_a_rival_nothing_is_measured_and_nothing_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(tmp_path, monkeypatch)
    model = stage.contest(lambda path: None)(stage.path)
    assert model.executor == "none"
    assert (stage.measured, stage.said) == (0, [])


def test_models_that_were_loaded_before_the_stream_are_settled_each_on_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(tmp_path, monkeypatch, SLOW, FAST)
    dry, model = IdentityModel(64), stage.shelf(stage.path)
    settled = stage.contest(rival).settle(Lineup(None, stage.path), (dry, model))
    assert settled[0] is dry
    assert settled[1].executor == "cuda"
    alone = stage.contest(lambda path: None).settle(Lineup(stage.path), (model,))
    assert alone == (model,)


def test_both_are_measured_in_turns_over_whole_hops_and_left_as_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order: list[str] = []

    class Noted(IdentityModel):
        def __init__(self, name: str) -> None:
            super().__init__(64)
            self.name = name

        def encode(self, audio: Floats, mean: Floats, std: Floats) -> None:
            assert audio.shape == (128,)
            assert np.abs(audio).max() > 0.0
            order.append(self.name)
            super().encode(audio, mean, std)

        def reset(self) -> None:
            order.append("reset")
            super().reset()

    monkeypatch.setattr(contest, "TURNS", 2)
    monkeypatch.setattr(contest, "TURN_BLOCKS", 2)
    monkeypatch.setattr(contest, "UNCOUNTED_BLOCKS", 1)
    costs = costs_in_turns((Noted("a"), Noted("b")), 100, 48_000)
    assert "".join(order).removesuffix("resetreset") == "aaabbbaaabbb"
    assert all(0.0 < cost.usual_s <= cost.high_s for cost in costs)


@pytest.mark.parametrize("there", [True, False])
def test_the_engine_says_who_plays_only_where_there_is_a_choice(
    there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contest, "costs_in_turns", lambda *arguments: [SLOW, FAST])
    folder, said = create_session_folder(), io.StringIO()
    driver = FaultDriver(FaultScript(50), VirtualClock(), tone(RATE_HZ))
    parts = Parts(
        drivers={"portaudio": lambda begin: driver},
        load=lambda path: IdentityModel(64),
        rival=rival if there else lambda path: None,
        settle=lambda paced: [],
    )
    start = json.dumps({"do": "start", "model": "any", "driver": "portaudio"})
    try:
        serve(folder, iter([start]), Outbox(said), parts)
    finally:
        remove_session_folder(folder)
    events = [json.loads(line) for line in said.getvalue().splitlines()]
    (ready,) = [event for event in events if event["event"] == "ready"]
    assert ready["executor"] == ("cuda" if there else "none")
    told = [e["sentence"] for e in events if e["event"] == "notice" and "plays it" in e["sentence"]]
    assert len(told) == there
