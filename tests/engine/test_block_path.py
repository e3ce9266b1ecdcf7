"""The block path with the identity model: sample-exact whatever the block size, safe whatever
the input, and the dry path exactly beside the wet one."""

from pathlib import Path

import numpy as np
import pytest

from rtvae.dsp.limiter import CEILING
from rtvae.link.layout import State
from rtvae.model.identity import IdentityModel
from rtvae.model.load import load_model
from tests.support.fake_model import ScriptedModel
from tests.support.rig import RATE_HZ, Rig, largest_step, noise, tone
from tests.support.toy_model import make_stateless_model

SIZES = (16, 63, 64, 65, 128, 480, 512, 8192, 8193)
HOPS = (64, 100, 512)


@pytest.mark.parametrize("mix", [1.0, 0.5, 0.0])
@pytest.mark.parametrize("hop", HOPS)
@pytest.mark.parametrize("size", SIZES)
def test_identity_is_exact_after_the_reported_latency(size: int, hop: int, mix: float) -> None:
    rig = Rig(IdentityModel(hop), size, settings={"mix": mix})
    audio = noise(size * max(3, 20_000 // size))
    out = rig.play(audio)
    late = rig.path.voice.latency_frames
    assert late == rig.count("reblock_latency_frames") < hop
    assert np.array_equal(out[late:], audio[: audio.shape[0] - late])
    assert not out[:late].any()


@pytest.mark.parametrize("hop", HOPS)
def test_ragged_blocks_keep_one_constant_latency(hop: int) -> None:
    rig = Rig(IdentityModel(hop), declared=0, settings={"mix": 0.5})
    audio = noise(60_000)
    sizes = np.random.default_rng(5).integers(1, 2000, 400)
    out = rig.play(audio, [int(size) for size in sizes])
    assert rig.path.voice.latency_frames == hop - 1
    assert np.array_equal(out[hop - 1 :], audio[: 1 - hop])


def test_the_dry_path_waits_for_a_model_with_a_delay_of_its_own() -> None:
    audio = noise(20_000)
    wet = Rig(ScriptedModel(delay_frames=37), 48).play(audio)
    dry = Rig(ScriptedModel(delay_frames=37), 48, settings={"mix": 0.0}).play(audio)
    half = Rig(ScriptedModel(delay_frames=37), 48, settings={"mix": 0.5}).play(audio)
    assert np.array_equal(wet, dry)
    assert np.array_equal(wet, half)


@pytest.mark.parametrize("mix", [1.0, 0.5])
@pytest.mark.parametrize("size", [16, 64, 100, 512])
def test_a_stateless_model_plays_through_the_same_path(
    size: int, mix: float, tmp_path: Path
) -> None:
    model = load_model(make_stateless_model(tmp_path / "window", window=512))
    rig = Rig(model, size, settings={"mix": mix})
    audio = noise(size * (20_000 // size))
    out = rig.play(audio)
    late = rig.path.voice.latency_frames
    assert late == rig.count("reblock_latency_frames") + rig.count("model_latency_frames")
    missed = out[late + 512 :] - audio[512 : audio.shape[0] - late]
    assert np.abs(missed).max() < 10 ** (-90 / 20)


def test_blocks_larger_than_prepared_are_played_in_parts() -> None:
    rig = Rig(IdentityModel(100), 5000, max_block=512)
    audio = noise(20_000)
    out = rig.play(audio)
    late = rig.path.voice.latency_frames
    assert late == 99
    assert np.array_equal(out[late:], audio[:-late])


def test_an_unforeseen_block_size_moves_wet_and_dry_together_without_a_click() -> None:
    rig = Rig(IdentityModel(64), 128, settings={"mix": 0.5})
    audio = tone(24_000)
    out = rig.play(audio, [128] * 50 + [100] * 300)
    assert rig.path.voice.latency_frames == rig.count("reblock_latency_frames") == 63
    settled = 50 * 128 + 2000
    assert np.array_equal(out[settled:], audio[settled - 63 : -63])
    assert largest_step(out) < 2 * largest_step(audio)


def test_the_model_hears_the_mean_of_the_inputs_and_sounds_on_the_chosen_outputs() -> None:
    rig = Rig(IdentityModel(64), 64, channels=((0, 2), (1, 3)))
    audio = np.stack([noise(640, seed) for seed in range(3)], axis=1)
    out = rig.play_channels(audio)
    expected = (audio[:, 0] + audio[:, 2]) / 2
    assert np.array_equal(out[:, 1], expected)
    assert np.array_equal(out[:, 3], expected)
    assert not out[:, [0, 2]].any()


def test_gains_are_in_decibels_and_glide() -> None:
    rig = Rig(IdentityModel(64), 64, settings={"input_gain_db": -20.0})
    assert np.allclose(rig.play_blocks(4, 0.5), 0.05)
    rig.set(input_gain_db=0.0, output_gain_db=-6.0)
    out = rig.play_blocks(40, 0.5)
    assert largest_step(out) < 0.01
    assert np.allclose(out[-64:], 0.5 * 10 ** (-6 / 20), atol=1e-6)


def test_nothing_leaves_above_the_ceiling() -> None:
    rig = Rig(IdentityModel(64), 64, settings={"output_gain_db": 24.0})
    out = rig.play(noise(48_000))
    assert np.abs(out).max() <= CEILING
    assert rig.count("limited_blocks") > 0


def test_a_bad_input_sample_is_heard_as_silence() -> None:
    rig = Rig(IdentityModel(64), 64)
    audio = tone(6400)
    audio[3000], audio[3001] = np.nan, np.inf
    out = rig.play(audio)
    assert np.isfinite(out).all()
    assert rig.count("guard_repairs") == 1
    assert np.array_equal(out[3200:], audio[3200:])


def test_a_muted_start_stays_silent_until_the_model_delivers_and_then_ramps_in() -> None:
    rig = Rig(IdentityModel(512), 64, muted_start=True)
    audio = tone(9600)
    out = rig.play(audio)
    late = rig.path.voice.latency_frames
    assert not out[:late].any()
    assert largest_step(out) < 1.5 * largest_step(audio)
    assert np.array_equal(out[4000:], audio[4000 - late : -late])


def test_an_open_start_is_there_from_the_first_frame() -> None:
    assert np.array_equal(Rig(IdentityModel(64), 64).play_blocks(1, 0.5), np.full(64, 0.5, "f4"))


def test_mute_ramps_out_and_in_again() -> None:
    rig = Rig(IdentityModel(64), 64)
    rig.play_blocks(10, 0.5)
    rig.set(mute=1.0)
    out = rig.play_blocks(30, 0.5)
    assert largest_step(out) < 0.01
    assert not out[-64:].any()
    assert rig.telemetry.state == State.MUTED
    rig.set(mute=0.0)
    assert np.array_equal(rig.play_blocks(30, 0.5)[-64:], np.full(64, 0.5, np.float32))
    assert rig.telemetry.state == State.PLAYING


def test_panic_silences_within_20_ms_resets_the_model_and_comes_back() -> None:
    model = ScriptedModel()
    rig = Rig(model, 64)
    rig.play_blocks(10, 0.5)
    rig.writer.panic()
    out = rig.play_blocks(60, 0.5)
    assert largest_step(out) < 0.01
    first_silence = int(np.argmax(out == 0.0))
    assert 0 < first_silence <= 0.02 * RATE_HZ
    assert model.resets == 1
    assert np.allclose(out[-64:], 0.5)


def test_panic_with_mute_stays_silent_until_the_player_unmutes() -> None:
    rig = Rig(ScriptedModel(), 64)
    audio = tone(6400)
    rig.play(audio)
    rig.set(mute=1.0)
    rig.writer.panic()
    assert not rig.play(audio)[1000:].any()
    rig.set(mute=0.0)
    assert np.array_equal(rig.play(audio)[1000:], audio[1000:])


def test_leaving_fades_to_silence() -> None:
    rig = Rig(IdentityModel(64), 64)
    rig.play_blocks(10, 0.5)
    rig.path.leaving = True
    out = rig.play_blocks(20, 0.5)
    assert rig.path.silent
    assert largest_step(out) < 0.01


def test_a_knob_moves_its_own_latent_and_the_telemetry_shows_both_sides() -> None:
    rig = Rig(IdentityModel(64, latents=4), 64)
    rig.set(latent__2__offset=0.25)
    rig.play_blocks(120, 0.5)
    before, after = rig.telemetry.latents(1)
    assert np.allclose(before, 0.5)
    assert np.allclose(after, [[0.5, 0.75, 0.5, 0.5]])


def test_a_knob_set_beforehand_is_there_at_the_first_sound() -> None:
    rig = Rig(IdentityModel(64, latents=1), 64, settings={"latent.1.offset": 0.25})
    assert rig.play_blocks(1, 0.5)[0] == pytest.approx(0.75, abs=1e-4)


def test_telemetry_tells_what_was_played() -> None:
    rig = Rig(IdentityModel(64, latents=2), 128, settings={"output_gain_db": -6.0})
    audio = tone(12_800)
    out = rig.play(audio)
    assert rig.count("blocks") == 100
    assert rig.count("frames") == 12_800
    assert (rig.count("hop_frames"), rig.count("latents")) == (64, 2)
    heard, played = rig.telemetry.scope(12_800)
    assert np.array_equal(heard, audio)
    assert np.array_equal(played, out)
    assert rig.telemetry.scalar("input_peak") == pytest.approx(0.5, rel=0.02)
    assert rig.telemetry.scalar("output_rms") == pytest.approx(0.25 * 0.5**0.5, rel=0.1)
    costs, frames = rig.telemetry.timing(100)
    assert (frames == 128).all()
    assert (costs[:, 0] >= costs[:, 1:4].sum(axis=1)).all()
    assert (costs[:, 1:4] > 0.0).all()
