"""Buffered inference: the same sound one fixed block later, whatever the worker does."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from rtvae.engine import buffered
from rtvae.engine.voice import Voice
from rtvae.link.layout import State
from tests.support.fake_model import Audio, ScriptedModel
from tests.support.rig import Rig, largest_step, noise, tone
from tests.support.worker import PATIENCE_S, Gate, catch_up


@contextmanager
def rigged(model: ScriptedModel, size: int, **options: object) -> Iterator[Rig]:
    rig = Rig(model, size, buffered=True, **options)  # type: ignore[arg-type]
    try:
        yield rig
    finally:
        assert isinstance(rig.path.voice, Voice)
        rig.path.voice.close()


def play_paced(rig: Rig, audio: Audio, wait: bool = True) -> Audio:
    """Play block by block as a device would, the worker being in time after each if `wait`."""
    parts = []
    for at in range(0, audio.shape[0], rig.block_size):
        parts.append(rig.play(audio[at : at + rig.block_size]))
        if wait:
            catch_up(rig.path.voice)
    return np.concatenate(parts)


@pytest.mark.parametrize("hop", [64, 128, 256])
@pytest.mark.parametrize("size", [32, 64, 96, 128, 256, 500])
def test_the_sound_is_that_of_direct_inference_later_by_the_buffer(size: int, hop: int) -> None:
    audio = noise(20 * 1024)
    direct = Rig(ScriptedModel(hop, delay_frames=17), size)
    expected = direct.play(audio)
    with rigged(ScriptedModel(hop, delay_frames=17), size) as rig:
        out = rig.play(audio)
        late = rig.path.voice.buffer_latency_frames
        assert late == -(-max(size, hop) // hop) * hop
        assert rig.path.voice.latency_frames == direct.path.voice.latency_frames + late
        assert np.array_equal(out[late:], expected[:-late])
        assert not out[:late].any()
        assert rig.count("concealed_blocks") == 0
        assert rig.count("buffer_latency_frames") == late


@pytest.mark.parametrize("hop", [64, 128, 256])
@pytest.mark.parametrize("size", [32, 64, 96, 128, 256])
def test_dry_and_wet_cancel_each_other(size: int, hop: int) -> None:
    audio = noise(16 * 1024, level=0.5)
    played = {}
    for mix in (0.0, 1.0):
        with rigged(ScriptedModel(hop), size, settings={"mix": mix}) as rig:
            played[mix] = rig.play(audio)
    assert np.abs(played[1.0]).max() > 0.4
    assert np.array_equal(played[0.0], played[1.0])


def test_a_worker_in_time_is_never_concealed_and_nobody_waits_for_it() -> None:
    model = ScriptedModel(64)
    audio = tone(64 * 200)
    with rigged(model, 64, patient=False) as rig:
        out = play_paced(rig, audio)
        assert np.array_equal(out[64:], audio[:-64])
        assert rig.count("concealed_blocks") == 0


def test_a_late_block_is_bridged_without_a_click_and_the_latency_stays() -> None:
    gate, audio = Gate(), tone(64 * 600)
    model = ScriptedModel(64, gate.pass_through)
    with rigged(model, 64, patient=False) as rig:
        latency = rig.path.voice.latency_frames
        first = play_paced(rig, audio[: 64 * 100])
        gate.shut()
        late = play_paced(rig, audio[64 * 100 : 64 * 103], wait=False)
        gate.open()
        catch_up(rig.path.voice)
        rest = play_paced(rig, audio[64 * 103 :])
        out = np.concatenate([first, late, rest])
        assert 1 <= rig.count("concealed_blocks") <= 3
        assert largest_step(out) < 1.6 * largest_step(audio)
        assert rig.path.voice.latency_frames == latency
        assert np.array_equal(out[64 * 300 :], audio[64 * 300 - latency : -latency])
        assert rig.count("guard_repairs") == 0


def test_a_model_that_hangs_leaves_the_dry_sound_and_comes_back_when_it_wakes() -> None:
    gate, audio = Gate(), tone(64 * 2000)
    model = ScriptedModel(64, gate.pass_through)
    with rigged(model, 64, patient=False) as rig:
        latency = rig.path.voice.latency_frames
        play_paced(rig, audio[: 64 * 50])
        gate.shut()
        # More than the rings hold: a second of sound takes no second of the test.
        hung = play_paced(rig, audio[64 * 50 : 64 * 1500], wait=False)
        assert rig.telemetry.state == State.DRY
        assert np.array_equal(
            hung[48_000:], audio[64 * 50 + 48_000 - latency : 64 * 1500 - latency]
        )
        resets = model.resets
        gate.open()
        deadline = time.monotonic() + PATIENCE_S
        while model.resets == resets:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        back = play_paced(rig, audio[64 * 1500 :])
        assert rig.telemetry.state == State.PLAYING
        assert largest_step(back) < 1.6 * largest_step(audio)
        assert np.array_equal(back[64 * 300 :], audio[64 * 1800 - latency : -latency])


def test_a_model_that_fails_on_the_worker_is_taken_out_as_ever() -> None:
    def spoil(hop: int, audio: Audio) -> None:
        if hop in (32, 42, 52):
            audio.fill(np.nan)

    audio = tone(64 * 400)
    with rigged(ScriptedModel(64, spoil), 64) as rig:
        out = rig.play(audio)
        assert rig.path.voice.given_up
        assert rig.count("guard_repairs") == 3
        assert largest_step(out) < 1.6 * largest_step(audio)
        latency = rig.path.voice.latency_frames
        assert np.array_equal(out[64 * 200 :], audio[64 * 200 - latency : -latency])
        # A panic forgives, and the model is heard again.
        rig.writer.panic()
        rig.play(tone(64 * 400))
        assert not rig.path.voice.dry_only
        assert rig.path.voice.rows == 1


def test_longer_blocks_than_foreseen_grow_the_latency_once_and_nothing_clicks() -> None:
    audio = tone(100_000)
    with rigged(ScriptedModel(64), 64) as rig:
        out = rig.play(audio, [64] * 100 + [1000] + [64] * 10_000)
        latency = rig.path.voice.latency_frames
        assert latency > 64
        assert largest_step(out) < 1.6 * largest_step(audio)
        assert np.array_equal(out[20_000:], audio[20_000 - latency : -latency])
        assert rig.count("concealed_blocks") == 0
        assert rig.count("buffer_latency_frames") == rig.path.voice.buffer_latency_frames


def test_blocks_of_any_size_may_come() -> None:
    audio = noise(100_000)
    sizes = np.random.default_rng(3).integers(1, 128, 5000).tolist()
    with rigged(ScriptedModel(64), 64, declared=0) as rig:
        out = rig.play(audio, sizes)
        latency = rig.path.voice.latency_frames
        assert np.array_equal(out[latency:], audio[:-latency])


def test_a_knob_bends_the_same_hops_as_with_direct_inference() -> None:
    audio = noise(128 * 100, level=0.1)

    def played(rig: Rig) -> Audio:
        first = rig.play(audio)
        rig.set(latent__1__offset=0.3)
        return np.concatenate([first, rig.play(audio)])

    expected = played(Rig(ScriptedModel(64, latents=2), 128))
    with rigged(ScriptedModel(64, latents=2), 128) as rig:
        out = played(rig)
        late = rig.path.voice.buffer_latency_frames
        assert np.array_equal(out[late:], expected[:-late])
        assert rig.path.voice.mean.shape == (2, 2)
        assert np.allclose(rig.path.voice.bent[:, 0] - rig.path.voice.mean[:, 0], 0.3)


def test_a_change_of_model_closes_the_old_worker() -> None:
    before = threading.active_count()
    with rigged(ScriptedModel(64), 64) as rig:
        assert threading.active_count() == before + 1
        swap = rig.path.offer(rig.voice(ScriptedModel(64, gain=0.5)), overlap=True)
        out = rig.play(tone(64 * 200))
        assert not rig.path.swapping
        swap.old.close()
        assert threading.active_count() == before + 1
        assert largest_step(out) < 1.6 * largest_step(tone(64 * 200))
    assert threading.active_count() == before


def test_the_worker_itself_looks_whether_denormals_are_flushed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[str] = []

    def look() -> bool:
        looked.append(threading.current_thread().name)
        return False

    monkeypatch.setattr(buffered, "denormals_are_flushed", look)
    with rigged(ScriptedModel(64), 64) as rig:
        rig.play(noise(640))
        assert looked == ["inference"]
        assert rig.path.voice.keeps_denormals


def test_two_models_side_by_side_are_buffered_alike() -> None:
    audio = noise(128 * 100, level=0.4)
    models = [ScriptedModel(64, gain=0.5), ScriptedModel(256, gain=0.8, delay_frames=30)]
    fresh = [ScriptedModel(64, gain=0.5), ScriptedModel(256, gain=0.8, delay_frames=30)]
    settings = {"blend": 0.4}
    expected = Rig(models[0], 128, beside=models[1], settings=settings).play(audio)
    rig = Rig(fresh[0], 128, beside=fresh[1], settings=settings, buffered=True)
    out = rig.play(audio)
    # Direct: the slower one reblocks 128 frames and takes 30. Buffered: and waits for 256.
    late = rig.path.voice.latency_frames - (128 + 30)
    assert late == rig.path.voice.buffer_latency_frames == 256
    assert np.abs(out).max() > 0.1
    assert np.allclose(out[late:], expected[:-late], atol=1e-6)
    rig.path.voice.close()


def test_the_worker_asks_for_the_priority_below_the_audio_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(buffered.realtime, "priority", lambda: 70)
    monkeypatch.setattr(
        buffered.realtime,
        "take_priority_below",
        lambda audio: asked.append((threading.current_thread().name, audio)),
    )
    with rigged(ScriptedModel(64), 64, patient=False) as rig:
        play_paced(rig, noise(640))
    assert asked == [("inference", 70)]
