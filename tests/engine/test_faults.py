"""Models that fail while they play: the sound goes over to the dry path, without a click, and
comes back by itself; a model that keeps failing is left out."""

from collections.abc import Callable

import numpy as np
import pytest

from rtvae.engine.fallback import FAILURES
from rtvae.link.layout import State
from tests.support.fake_model import Audio, ScriptedModel
from tests.support.rig import RATE_HZ, Rig, largest_step, noise, tone


def _nan(audio: Audio) -> None:
    audio.fill(np.nan)


def _infinite(audio: Audio) -> None:
    audio[10] = np.inf


def _huge(audio: Audio) -> None:
    audio *= 1e6


def _raise(audio: Audio) -> None:
    raise RuntimeError("a model must not do this")


@pytest.mark.parametrize("fault", [_nan, _infinite, _huge, _raise])
@pytest.mark.parametrize("size", [48, 64, 256])
def test_one_failure_goes_over_to_dry_and_back_without_a_click(
    fault: Callable[[Audio], None], size: int
) -> None:
    def spoil(hop: int, audio: Audio) -> None:
        if hop == 100:
            fault(audio)

    model = ScriptedModel(spoil=spoil, gain=0.25)
    rig = Rig(model, size)
    audio = tone(48_000)
    out = rig.play(audio)
    late = rig.path.voice.latency_frames
    aligned = np.concatenate([np.zeros(late, np.float32), audio[: audio.shape[0] - late]])
    assert np.isfinite(out).all()
    assert largest_step(out) < 1.5 * largest_step(audio)
    assert rig.count("guard_repairs") == 1
    assert model.resets == 1
    dry = slice(100 * 64 + 2000, 100 * 64 + 4000)
    assert np.array_equal(out[dry], aligned[dry])
    assert np.array_equal(out[24_000:], 0.25 * aligned[24_000:])
    assert rig.telemetry.state == State.PLAYING


def test_a_state_that_holds_nan_is_cured_by_the_reset() -> None:
    model = ScriptedModel()

    def poison(hop: int, audio: Audio) -> None:
        model.poisoned = model.poisoned or hop == 50

    model._spoil = poison
    rig = Rig(model, 64)
    audio = noise(48_000)
    out = rig.play(audio)
    assert rig.count("guard_repairs") == 1
    assert np.array_equal(out[24_000:], audio[24_000:])


def test_three_failures_in_ten_seconds_leave_the_model_out_for_good() -> None:
    bad = {100, 1000, 2000}

    def spoil(hop: int, audio: Audio) -> None:
        if hop in bad:
            _nan(audio)

    model = ScriptedModel(spoil=spoil, gain=0.25)
    rig = Rig(model, 64)
    audio = tone(12 * RATE_HZ)
    out = rig.play(audio)
    assert rig.count("guard_repairs") == FAILURES
    assert rig.telemetry.state == State.DRY
    assert np.array_equal(out[3 * RATE_HZ :], audio[3 * RATE_HZ :])
    assert model.hops < 2100
    assert largest_step(out) < 1.5 * largest_step(audio)


def test_failures_far_apart_are_forgiven() -> None:
    second = RATE_HZ // 64
    bad = {second, 6 * second, 12 * second, 18 * second}

    def spoil(hop: int, audio: Audio) -> None:
        if hop in bad:
            _nan(audio)

    rig = Rig(ScriptedModel(spoil=spoil, gain=0.25), 512)
    audio = tone(20 * RATE_HZ)
    out = rig.play(audio)
    assert rig.count("guard_repairs") == len(bad)
    assert np.array_equal(out[-RATE_HZ:], 0.25 * audio[-RATE_HZ:])


def test_panic_gives_a_model_that_was_left_out_another_chance() -> None:
    def spoil(hop: int, audio: Audio) -> None:
        if hop < FAILURES:
            _nan(audio)

    rig = Rig(ScriptedModel(spoil=spoil, gain=0.25), 64)
    audio = tone(12_800)
    assert np.array_equal(rig.play(audio)[1000:], audio[1000:])
    assert rig.telemetry.state == State.DRY
    rig.writer.panic()
    assert np.array_equal(rig.play(audio)[8000:], 0.25 * audio[8000:])
    assert rig.telemetry.state == State.PLAYING


def test_a_muted_start_with_a_model_that_only_fails_opens_on_the_dry_sound() -> None:
    rig = Rig(ScriptedModel(spoil=lambda hop, audio: _nan(audio)), 64, muted_start=True)
    audio = tone(12_800)
    assert np.array_equal(rig.play(audio)[2000:], audio[2000:])


def test_a_fault_in_the_path_itself_is_a_ramp_to_silence_and_back() -> None:
    rig = Rig(ScriptedModel(), 64)
    rig.play_blocks(10, 0.5)
    inference = rig.path.voice.inference  # type: ignore[union-attr]
    play = inference.play
    inference.play = _raise  # type: ignore[assignment,method-assign]
    during = rig.play_blocks(20, 0.5)
    inference.play = play  # type: ignore[method-assign]
    after = rig.play_blocks(20, 0.5)
    out = np.concatenate([during, after])
    assert largest_step(out) < 0.01
    assert not during[-64:].any()
    assert np.allclose(after[-64:], 0.5)
    assert rig.count("guard_repairs") == 20


def test_a_fault_outside_the_path_still_gives_a_silent_block_and_a_living_counter() -> None:
    rig = Rig(ScriptedModel(), 64)
    rig.path.process = _raise  # type: ignore[assignment,method-assign]
    assert not rig.play_blocks(5, 0.5).any()
    assert rig.count("blocks") == 5
