"""Knobs bend the latents as they say: exactly at rest, gliding when turned, never to NaN."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rtvae.control.parameters import PARAMETER_COUNT, index_of, parameter_at
from rtvae.model.identity import IdentityModel
from rtvae.model.latent_control import LatentControl
from tests.support.allocation import assert_no_net_allocation
from tests.support.bent import Bent, noise, settings
from tests.support.everything import everything
from tests.support.rig import Rig, tone
from tests.support.synth_space import make_space

LATENTS = 4
Floats = NDArray[np.float32]


def apply(control: LatentControl, mean: Floats, values: Floats, std: float = 1.0) -> Floats:
    out = np.empty_like(mean)
    control.apply(mean, np.full_like(mean, std), values, out)
    return out


def test_at_rest_the_latents_pass_bit_for_bit() -> None:
    mean = noise(300)
    np.testing.assert_array_equal(apply(LatentControl(LATENTS), mean, settings()), mean)


def test_settled_knobs_scale_and_shift_their_own_dimension() -> None:
    control = LatentControl(LATENTS)
    values = settings(latent__2__offset=1.5, latent__3__scale=-0.5)
    apply(control, noise(500), values)
    mean = noise(8, seed=1)
    expected = mean * np.float32([1, 1, -0.5, 1]) + np.float32([0, 1.5, 0, 0])
    np.testing.assert_array_equal(apply(control, mean, values), expected)


def test_a_turned_knob_glides_with_ten_milliseconds() -> None:
    values = settings(latent__1__offset=1.0)
    path = apply(LatentControl(LATENTS, 64, 48_000), np.zeros((100, LATENTS), np.float32), values)
    at_10_ms = path[round(0.010 * 48_000 / 64) - 1, 0]
    assert at_10_ms == pytest.approx(1 - np.exp(-1), abs=0.05)
    assert (np.diff(path[:, 0]) >= 0).all()
    assert path[-1, 0] == 1.0
    assert not path[:, 1:].any()


def test_the_glide_does_not_depend_on_how_hops_come() -> None:
    values = settings(latent__1__offset=2.0, latent__4__scale=0.0)
    mean = noise(90)
    whole = apply(LatentControl(LATENTS), mean, values)
    control = LatentControl(LATENTS)
    pieces = [apply(control, mean[at : at + 7], values) for at in range(0, 90, 7)]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


def test_variation_draws_the_same_noise_from_the_same_seed() -> None:
    values = settings(variation=1.0)
    mean = np.zeros((2000, LATENTS), np.float32)
    first = apply(LatentControl(LATENTS, seed=3), mean, values, std=0.5)
    again = apply(LatentControl(LATENTS, seed=3), mean, values, std=0.5)
    other = apply(LatentControl(LATENTS, seed=4), mean, values, std=0.5)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert first[500:].std() == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_broken_settings_never_reach_the_latents(broken: float) -> None:
    control = LatentControl(LATENTS)
    kept = settings(latent__1__offset=1.0)
    apply(control, noise(500), kept)
    mean = noise(8)
    out = apply(control, mean, np.full_like(kept, broken))
    assert np.isfinite(out).all()
    if np.isnan(broken):
        np.testing.assert_array_equal(out, apply(control, mean, kept))


def test_a_model_without_latents_is_served() -> None:
    rig = Rig(IdentityModel(64, latents=0), settings={"variation": 1.0})
    audio = tone(20 * 64)
    np.testing.assert_array_equal(rig.play(audio), audio)
    assert rig.count("guard_repairs") == 0


def test_no_allocation_stays() -> None:
    control = LatentControl(LATENTS)
    mean, std, out = noise(2), noise(2), noise(2)
    values = settings(variation=0.5)
    turn = index_of("latent.2.offset")

    def block() -> None:
        values[turn] = -values[turn] or 1.0
        control.apply(mean, std, values, out)

    assert_no_net_allocation(block)


def test_no_allocation_stays_with_everything_on() -> None:
    # The learned prior's own test counts what it takes for a moment at each new grain.
    bent = Bent(settings(everything(), prior=0.0), space=make_space())
    mean, std, out = noise(2), noise(2), noise(2)
    sound = noise(32)[:, :4].reshape(-1)
    count = [0]

    def block() -> None:
        count[0] += 1
        bent.values[index_of("looper")] = 1 + count[0] // 40 % 3
        bent.values[index_of("latent.4.freeze")] = count[0] // 30 % 2
        bent.values[index_of("latent.2.offset")] = count[0] % 3
        bent.control.apply(mean, std, bent.values, out, count[0] // 5, sound)

    assert_no_net_allocation(block)


def test_with_everything_on_it_does_not_matter_how_hops_come() -> None:
    mean, sound = noise(600), 0.1 * noise(600 * 16).reshape(-1)
    takes = []
    for sizes in ((600,), (1, 7, 30, 2)):
        bent = Bent(settings(everything()), space=make_space())
        path = [bent.play(mean[:200], sound[: 200 * 64], sizes)]
        bent.set(looper=2.0, looper_speed=1.3, latent__4__freeze=1.0, beat=1.0)
        path.append(bent.play(mean[200:400], sound[200 * 64 : 400 * 64], sizes))
        bent.set(looper=3.0, latent__4__freeze=0.0, mod__1__kind=0.0, diffusion=0.0)
        path.append(bent.play(mean[400:], sound[400 * 64 :], sizes))
        takes.append(np.concatenate(path))
    np.testing.assert_array_equal(takes[1], takes[0])
    assert np.isfinite(takes[0]).all()
    assert np.abs(takes[0] - mean).max() > 1.0


def test_with_everything_on_landing_begins_everything_anew() -> None:
    values = settings(everything())
    bent, fresh = (Bent(values.copy(), space=make_space()) for _ in range(2))
    bent.set(looper=2.0, latent__1__freeze=1.0, beat=7.0, tempo_bpm=60.0)
    bent.play(noise(300, 1))
    bent.values[:] = values
    bent.control.land(values)
    np.testing.assert_array_equal(bent.play(noise(300)), fresh.play(noise(300)))


def test_while_its_serial_stays_the_values_are_not_looked_at() -> None:
    bent = Bent(settings())
    mean = noise(20)
    bent.play(mean)
    bent.values[index_of("latent.1.offset")] = 1.0
    np.testing.assert_array_equal(bent.play(mean), mean)
    bent.set()
    assert (bent.play(mean)[:, 0] > mean[:, 0]).all()


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_broken_mean_passes_and_does_not_stay_in_any_memory(broken: float) -> None:
    bent = Bent(settings(everything()), space=make_space())
    mean = noise(100)
    bent.play(mean)
    mean[0] = broken
    with np.errstate(all="ignore"):
        assert not np.isfinite(bent.play(mean[:1], np.full(64, broken, np.float32))).all()
    bent.control.reset()
    bent.set(looper=2.0)
    assert np.isfinite(bent.play(noise(400, 1))).all()


@pytest.mark.parametrize("latents", [0, 1, 128])
def test_any_number_of_latents_is_served_with_everything_on(latents: int) -> None:
    bent = Bent(settings(everything()), latents)
    out = bent.play(noise(40, latents=latents), 0.1 * noise(640).reshape(-1))
    assert out.shape == (40, latents)
    assert np.isfinite(out).all()


def test_landing_ends_every_glide_and_begins_the_noise_anew() -> None:
    values = settings(latent__1__offset=2.0, variation=0.5)
    first, second = LatentControl(LATENTS), LatentControl(LATENTS)
    first.land(values)
    out = apply(first, noise(50), values)
    apply(second, noise(70, seed=1), settings(latent__1__offset=-3.0, variation=1.0))
    second.land(values)
    np.testing.assert_array_equal(apply(second, noise(50), values), out)
    assert abs(float((out - noise(50))[:, 0].mean()) - 2.0) < 0.3


@hypothesis_settings(max_examples=25, deadline=None)
@given(st.integers(0, 1 << 30))
def test_whatever_is_set_the_latents_are_numbers_and_blocks_do_not_matter(seed: int) -> None:
    random = np.random.default_rng(seed)
    low = np.array([parameter_at(k).low for k in range(PARAMETER_COUNT)])
    high = np.array([parameter_at(k).high for k in range(PARAMETER_COUNT)])
    takes = [random.uniform(low - 1.0, high + 1.0).astype(np.float32) for _ in range(4)]
    for take in takes[1:]:
        kept = random.random(PARAMETER_COUNT) < 0.9
        take[kept] = takes[0][kept]
        take[random.random(PARAMETER_COUNT) < 0.01] = random.choice([np.nan, np.inf, -np.inf])
    mean, sound = noise(240, seed % 100), 0.1 * noise(240 * 16).reshape(-1)
    paths = []
    for sizes in ((60,), (1, 13, 46)):
        bent = Bent(takes[0].copy(), space=make_space())
        path = []
        for k, take in enumerate(takes):
            bent.values[:] = take
            bent.set()
            rows = slice(60 * k, 60 * k + 60)
            path.append(bent.play(mean[rows], sound[60 * k * 64 : 60 * (k + 1) * 64], sizes))
        paths.append(np.concatenate(path))
    assert np.isfinite(paths[0]).all()
    np.testing.assert_array_equal(paths[1], paths[0])
