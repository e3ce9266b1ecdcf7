"""Another model while it plays: no click, no gap, nothing left behind."""

import gc
import sys
import weakref

import numpy as np
import pytest

from rtvae.link.layout import State
from tests.support.fake_model import Audio, ScriptedModel
from tests.support.rig import Rig, largest_step, tone


def _swap(rig: Rig, model: ScriptedModel, audio: Audio, *, overlap: bool) -> Audio:
    """Play half of the audio, offer the model, play the rest."""
    half = audio.shape[0] // 2
    first = rig.play(audio[:half])
    rig.path.offer(rig.voice(model), overlap=overlap)
    return np.concatenate([first, rig.play(audio[half:])])


@pytest.mark.parametrize("overlap", [True, False])
@pytest.mark.parametrize("size", [48, 64, 512])
def test_the_sound_passes_from_one_model_to_the_other_without_a_click(
    size: int, overlap: bool
) -> None:
    rig = Rig(ScriptedModel(64, gain=0.5), size)
    audio = tone(48_000)
    out = _swap(rig, ScriptedModel(64, gain=1.0), audio, overlap=overlap)
    late = rig.path.voice.latency_frames
    assert not rig.path.swapping
    assert largest_step(out) < 1.6 * largest_step(audio)
    assert np.array_equal(out[late:20_000], 0.5 * audio[: 20_000 - late])
    assert np.array_equal(out[30_000:], audio[30_000 - late : audio.shape[0] - late])


def test_where_both_fit_the_sound_never_dips() -> None:
    rig = Rig(ScriptedModel(64), 64)
    out = _swap(rig, ScriptedModel(64), tone(48_000, 1000.0), overlap=True)
    # One period of the tone in each row: its peak is the level.
    levels = np.abs(out.reshape(-1, 48)).max(axis=1)
    assert levels[1:].min() > 0.49


def test_where_they_do_not_fit_no_block_runs_two_models() -> None:
    ran: list[str] = []
    old = ScriptedModel(64, lambda hop, audio: ran.append("old"))
    new = ScriptedModel(64, lambda hop, audio: ran.append("new"))
    rig = Rig(old, 64)
    rig.play(tone(640))
    rig.path.offer(rig.voice(new), overlap=False)
    per_block = []
    for _ in range(100):
        ran.clear()
        rig.play_blocks(1)
        per_block.append(tuple(ran))
    assert set(per_block) <= {("old",), ("new",)}
    assert per_block[0] == ("old",)
    assert per_block[-1] == ("new",)


@pytest.mark.parametrize("overlap", [True, False])
def test_the_dry_sound_is_untouched_by_a_swap(overlap: bool) -> None:
    rig = Rig(ScriptedModel(64), 64, settings={"mix": 0.0})
    audio = tone(25_600)
    assert np.array_equal(_swap(rig, ScriptedModel(64), audio, overlap=overlap), audio)


@pytest.mark.parametrize("overlap", [True, False])
def test_a_model_with_another_hop_and_delay_brings_its_own_latency(overlap: bool) -> None:
    rig = Rig(ScriptedModel(64), 64, settings={"mix": 0.5})
    audio = tone(48_000)
    out = _swap(rig, ScriptedModel(100, delay_frames=300), audio, overlap=overlap)
    late = rig.path.voice.latency_frames
    assert late == 300 + 96
    assert rig.count("model_latency_frames") == 300
    assert rig.count("reblock_latency_frames") == 96
    assert rig.count("hop_frames") == 100
    assert largest_step(out) < 2 * largest_step(audio)
    assert np.array_equal(out[30_000:], audio[30_000 - late : -late])


def test_telemetry_tells_of_the_swap() -> None:
    rig = Rig(ScriptedModel(64), 64)
    rig.play(tone(640))
    assert rig.count("model_serial") == 1
    rig.path.offer(rig.voice(ScriptedModel(64)), overlap=True)
    rig.play_blocks(2)
    assert rig.telemetry.state == State.SWAPPING
    rig.play_blocks(50)
    assert rig.telemetry.state == State.PLAYING
    assert rig.count("model_serial") == 2


def test_the_old_model_is_freed_when_the_offer_is_dropped() -> None:
    old = ScriptedModel(64)
    alive = weakref.ref(old)
    rig = Rig(old, 64)
    del old
    swap = rig.path.offer(rig.voice(ScriptedModel(64)), overlap=True)
    rig.play_blocks(100)
    gc.disable()
    try:
        assert alive() is not None
        del swap
        assert alive() is None
    finally:
        gc.enable()


def test_a_new_model_that_fails_at_once_leaves_the_dry_sound() -> None:
    def spoil(hop: int, audio: Audio) -> None:
        audio.fill(np.nan)

    rig = Rig(ScriptedModel(64, gain=0.5), 64)
    audio = tone(48_000)
    out = _swap(rig, ScriptedModel(64, spoil), audio, overlap=True)
    assert largest_step(out) < 1.6 * largest_step(audio)
    assert np.array_equal(out[30_000:], audio[30_000:])
    assert rig.telemetry.state == State.DRY


def test_two_hundred_swaps_in_a_row_leave_neither_clicks_nor_memory() -> None:
    rig = Rig(ScriptedModel(64), 64)
    audio = tone(64 * 75)  # whole periods of the tone: it goes on without a step
    rig.play(audio)
    steps, kept = np.zeros(200), np.zeros(200)
    last = 0.0
    for k in range(200):
        swap = rig.path.offer(rig.voice(ScriptedModel(64)), overlap=k % 2 == 0)
        out = rig.play(audio)
        assert not rig.path.swapping
        del swap
        steps[k] = largest_step(np.concatenate([[last], out]) if k else out)
        last = float(out[-1])
        kept[k] = sys.getallocatedblocks()
    assert steps.max() < 1.6 * largest_step(audio)
    assert kept[-1] - kept[20] < 50
    assert rig.count("model_serial") == 201
