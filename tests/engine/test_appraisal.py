"""The appraisal: who plays buffered unasked, and when the blocks that were played say enough."""

import time

import numpy as np
import pytest

from rtvae.control.parameters import defaults
from rtvae.engine import appraisal
from rtvae.engine.appraisal import SURE_BLOCKS, Appraisal, Watch, prepare, shape_of
from rtvae.engine.blend import Playable
from rtvae.engine.governor import Cost
from rtvae.engine.voice import Voice
from rtvae.model.identity import IdentityModel
from rtvae.model.live import Floats
from rtvae.spec import StreamSpec

RATE_HZ = 48_000
STREAM = StreamSpec(RATE_HZ, 64, 1, 1)
VALUES = np.array(defaults(), np.float32)


@pytest.fixture
def cost(monkeypatch: pytest.MonkeyPatch) -> Cost:
    """Every model costs half a period usually and four fifths in slow blocks."""
    found = Cost(0.5 * 64 / RATE_HZ, 0.8 * 64 / RATE_HZ)

    def warm_up(voice: Voice, block_size: int, pause_s: float | None = None) -> None:
        voice.cost_s = found.usual_s - appraisal.OVERHEAD_S
        voice.high_cost_s = found.high_s - appraisal.OVERHEAD_S

    monkeypatch.setattr(Voice, "warm_up", warm_up)
    return found


def _prepare(buffered: bool | None, paced: bool = True) -> tuple[Playable, str, list[str]]:
    voice, found, said = prepare(
        (IdentityModel(64),), STREAM, 512, VALUES, buffered=buffered, paced=paced
    )
    voice.close()
    return voice, found.advice if found is not None else "", said


def test_a_model_that_is_safe_only_buffered_plays_buffered_and_that_is_said(cost: Cost) -> None:
    voice, advice, said = _prepare(None)
    assert voice.buffer_latency_frames == 64
    assert advice == ""
    assert said == [
        "Model identity takes 50 % of a 64-frame block here (slow blocks 80 %), "
        "so it plays buffered (+1.3 ms); see --no-buffered."
    ]


def test_what_the_player_chose_stays_and_the_price_is_told(cost: Cost) -> None:
    voice, advice, said = _prepare(False)
    assert voice.buffer_latency_frames == 0
    assert "--buffered (+1.3 ms)" in advice
    assert said == []
    assert _prepare(True)[0].buffer_latency_frames == 64


class Sleepy(IdentityModel):
    """Takes three quarters of a 64-frame block's period, however many hops it is given."""

    def decode(self, latent: Floats, audio: Floats) -> None:
        time.sleep(1e-3)
        super().decode(latent, audio)


def test_a_model_that_is_too_slow_here_is_told_with_the_remedy() -> None:
    _, found, said = prepare((Sleepy(64),), STREAM, 512, VALUES, buffered=False, paced=True)
    assert found is not None
    assert found.advice.startswith("Model identity takes")
    assert "--block-size " in found.advice
    assert said == []


def test_where_nobody_waits_for_blocks_nothing_is_measured(cost: Cost) -> None:
    voice, advice, said = _prepare(None, paced=False)
    assert (voice.buffer_latency_frames, advice, said) == (0, "", [])


def test_cost_grows_with_the_hops_of_a_block() -> None:
    ticks = iter(range(10_000))
    made: list[int] = []

    class Counted(IdentityModel):
        def encode(self, audio: Floats, mean: Floats, std: Floats) -> None:
            made.append(audio.shape[0] // 128)
            for _ in range(made[-1]):
                next(ticks)
            super().encode(audio, mean, std)

    shape = shape_of((Counted(128),), RATE_HZ, clock=lambda: float(next(ticks)))
    assert shape.growth(128, 1024) == pytest.approx((8 + 1) / (1 + 1), rel=0.01)
    assert shape.growth(64, 128) == 1.0
    assert shape.models == ((128, 0),)


def _watch(buffered: bool = False) -> Watch:
    shape = shape_of((IdentityModel(64),), RATE_HZ)
    return Watch(Appraisal("voice", shape, Cost(1e-4, 1e-4), 64, buffered))


def test_the_true_percentile_is_told_once_there_are_blocks_enough() -> None:
    watch = _watch()
    loads = np.full(SURE_BLOCKS // 2, 0.3)
    loads[::500] = 0.9
    assert watch.add(loads, 0) == ""
    said = watch.add(loads, 0)
    assert "takes 30 % of a 64-frame block here (99.9th percentile 90 %): choose" in said
    assert watch.add(loads, 0) == ""


def test_blocks_too_small_to_bring_a_hop_do_not_hide_what_the_others_cost() -> None:
    watch = Watch(
        Appraisal("a and b", shape_of((IdentityModel(64),), RATE_HZ), Cost(0, 0), 16, False)
    )
    loads = np.tile([0.05, 0.05, 0.05, 0.7], SURE_BLOCKS // 4)
    assert watch.add(loads, 0).startswith("Models a and b take 70 % of a 16-frame block here")


def test_a_model_that_keeps_to_its_share_is_left_alone() -> None:
    watch = _watch()
    assert watch.add(np.full(SURE_BLOCKS, 0.3), 0) == ""


def test_a_worker_that_is_late_too_often_is_told() -> None:
    watch = _watch(buffered=True)
    said = watch.add(np.full(SURE_BLOCKS, 0.05), SURE_BLOCKS // 200)
    assert said.startswith("Model voice came too late for 0.5 % of its blocks")
    assert _watch(buffered=True).add(np.full(SURE_BLOCKS, 0.05), 1) == ""
