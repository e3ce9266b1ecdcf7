"""Two models side by side: each alone is exact, between them no click, each fails for itself."""

import math

import numpy as np
import pytest

from rtvae.engine.blend import Blend
from rtvae.link.layout import State
from rtvae.model.identity import IdentityModel
from tests.support.fake_model import Audio, ScriptedModel
from tests.support.rig import RATE_HZ, Rig, largest_step, noise, tone

HALF = math.sqrt(0.5)


def _silence(hop: int, audio: Audio) -> None:
    audio.fill(0.0)


def _spoil(hop: int, audio: Audio) -> None:
    audio.fill(np.nan)


@pytest.mark.parametrize("size", [48, 64, 100, 512])
@pytest.mark.parametrize("delays", [(0, 0), (300, 0), (0, 300)])
def test_at_either_end_one_model_is_heard_alone_bit_for_bit(
    size: int, delays: tuple[int, int]
) -> None:
    audio = noise(20_000 // size * size, level=0.5)
    for blend, gain in ((0.0, 0.5), (1.0, 0.75)):
        rig = Rig(
            ScriptedModel(64, gain=0.5, delay_frames=delays[0]),
            size,
            beside=ScriptedModel(96, gain=0.75, delay_frames=delays[1]),
            settings={"blend": blend},
        )
        out = rig.play(audio)
        late = rig.path.voice.latency_frames
        assert late >= max(delays)
        assert late == rig.count("model_latency_frames") + rig.count("reblock_latency_frames")
        assert np.array_equal(out[late:], np.float32(gain) * audio[: audio.shape[0] - late])
        assert not out[:late].any()


def test_between_them_the_power_stays_the_same() -> None:
    high, low = tone(RATE_HZ, 2000.0), tone(RATE_HZ, 300.0)

    def plays(wave: Audio) -> ScriptedModel:
        def write(hop: int, audio: Audio) -> None:
            audio[:] = wave[hop * 64 : (hop + 1) * 64]

        return ScriptedModel(64, write)

    for blend in (0.25, 0.5, 0.9):
        rig = Rig(plays(high), 64, beside=plays(low), settings={"blend": blend})
        out = rig.play(np.zeros(RATE_HZ - 64, np.float32))
        angle = 0.5 * math.pi * blend
        expected = math.cos(angle) * high[:-64] + math.sin(angle) * low[:-64]
        assert np.allclose(out, expected, atol=1e-6)
        assert np.isclose(np.mean(out**2), np.mean(high**2), rtol=0.01)


def test_the_fader_moves_without_a_click_whatever_it_does() -> None:
    rig = Rig(ScriptedModel(64), 64, beside=ScriptedModel(64, gain=-1.0))
    audio = tone(RATE_HZ, level=0.4)
    out = []
    for k, start in enumerate(range(0, RATE_HZ, 64)):
        rig.set(blend=(0.0, 1.0, 0.5, 1.0, 0.3)[k // 20 % 5])
        out.append(rig.play(audio[start : start + 64]))
    # The gain itself may turn the sign within the 10 ms of a ramp.
    assert largest_step(np.concatenate(out)) < largest_step(audio) + 2 * 0.4 * np.pi / 480


@pytest.mark.parametrize("delays", [(0, 301), (301, 0)])
def test_the_dry_sound_waits_for_the_slower_model(delays: tuple[int, int]) -> None:
    models = [ScriptedModel(64, delay_frames=delay) for delay in delays]
    audio = noise(20_000)
    for blend, mix in ((0.0, 0.5), (1.0, 0.5), (0.7, 0.0)):
        rig = Rig(models[0], 48, beside=models[1], settings={"blend": blend, "mix": mix})
        out = rig.play(audio)
        late = rig.path.voice.latency_frames
        assert late == 301 + 48
        assert np.array_equal(out[late:], audio[:-late])


def test_a_model_that_fails_gives_its_share_to_the_dry_sound_and_the_other_plays_on() -> None:
    audio = tone(RATE_HZ, level=0.3)
    for blend, level, state in (
        (0.0, 0.5, State.PLAYING),
        (0.5, HALF * 0.5 + HALF, State.PLAYING),
        (1.0, 1.0, State.DRY),
    ):
        rig = Rig(
            ScriptedModel(64, gain=0.5),
            64,
            beside=ScriptedModel(64, _spoil),
            settings={"blend": blend},
        )
        out = rig.play(audio)
        assert rig.telemetry.state == state
        assert np.allclose(out[RATE_HZ // 2 :], level * audio[RATE_HZ // 2 :], atol=1e-6)
        assert largest_step(out) < 1.6 * largest_step(audio)


def test_the_same_knobs_turn_both_models_and_the_first_ones_latents_are_shown() -> None:
    for blend in (0.0, 1.0):
        rig = Rig(
            IdentityModel(64, 1),
            64,
            beside=IdentityModel(64, 2),
            settings={"blend": blend, "latent.1.offset": 0.25, "latent.2.offset": 0.5},
        )
        out = rig.play_blocks(40)
        assert out[-64] == 0.25
        assert out[-63] == (0.5 if blend else 0.0)
        assert rig.count("latents") == 1
        assert rig.telemetry.latents(1)[1].tolist() == [[0.25]]


def test_an_unforeseen_block_size_moves_both_models_without_a_click() -> None:
    for blend in (0.0, 0.5, 1.0):
        rig = Rig(
            IdentityModel(64),
            128,
            beside=ScriptedModel(32, delay_frames=10),
            settings={"blend": blend, "mix": 0.5},
        )
        audio = tone(24_000, level=0.3)
        out = rig.play(audio, [128] * 50 + [100] * 300)
        late = rig.path.voice.latency_frames
        assert late == 63
        settled = 50 * 128 + 2000
        gain = {0.0: 1.0, 0.5: 0.5 + HALF, 1.0: 1.0}[blend]
        assert np.allclose(out[settled:], gain * audio[settled - late : -late], atol=1e-6)
        assert largest_step(out) < 2 * gain * largest_step(audio)


@pytest.mark.parametrize("overlap", [True, False])
def test_the_second_model_comes_and_goes_without_a_click(overlap: bool) -> None:
    rig = Rig(ScriptedModel(64, gain=0.5), 64, settings={"blend": 0.6})
    audio = tone(RATE_HZ, level=0.3)
    third = RATE_HZ // 3
    out = [rig.play(audio[:third])]
    rig.path.offer(
        rig.voice(ScriptedModel(64, gain=0.5), ScriptedModel(96, delay_frames=200)),
        overlap=overlap,
    )
    out.append(rig.play(audio[third : 2 * third]))
    assert isinstance(rig.path.voice, Blend)
    rig.path.offer(rig.voice(ScriptedModel(64, gain=0.5)), overlap=overlap)
    out.append(rig.play(audio[2 * third :]))
    whole = np.concatenate(out)
    assert largest_step(whole) < 1.6 * 1.2 * largest_step(audio)
    assert np.array_equal(out[2][-1000:], np.float32(0.5) * audio[-1000:])


def test_panic_starts_both_models_afresh() -> None:
    first, second = ScriptedModel(64), ScriptedModel(64)
    rig = Rig(first, 64, beside=second)
    rig.play_blocks(10)
    before = first.resets, second.resets
    rig.writer.panic()
    rig.play_blocks(40)
    assert (first.resets, second.resets) == (before[0] + 1, before[1] + 1)


def test_the_unheard_model_is_in_the_middle_of_its_phrase_when_it_comes_in() -> None:
    second = ScriptedModel(64)
    rig = Rig(ScriptedModel(64, _silence), 64, beside=second)
    rig.play_blocks(100)
    assert second.hops == 100
