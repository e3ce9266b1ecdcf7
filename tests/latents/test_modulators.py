"""What a player hears of the eight modulators: period, depth, way, clock, chance and sound."""

import numpy as np
import pytest

from rtvae.control.parameters import LFO_SHAPES, MODULATOR_KINDS, MODULATORS, STEPS
from rtvae.latents.dice import Dice
from rtvae.latents.modulator import level_of
from rtvae.latents.shapes import SHAPES
from tests.support.bent import HOP, RATE_HZ, Bent, Floats, hops, noise, settings

KIND = {name: float(k) for k, name in enumerate(MODULATOR_KINDS)}
SHAPE = {name: float(k) for k, name in enumerate(LFO_SHAPES)}


def moved(seconds: float, latent: int = 3, **changes: float) -> Floats:
    """How one latent moves over silence."""
    return Bent(settings(changes)).play(hops(seconds))[:, latent - 1]


def lfo(**changes: float) -> dict[str, float]:
    return {"mod__1__kind": KIND["lfo"], "mod__1__rate_hz": 2.0, **changes}


def test_an_lfo_of_two_hertz_moves_its_latent_by_its_depth_every_half_second() -> None:
    path = moved(2.0, **lfo(mod__1__to__3=3.0, mod__1__depth=0.5))
    t = np.arange(path.shape[0]) / hops(1.0)
    np.testing.assert_allclose(path, 1.5 * np.sin(2 * np.pi * 2.0 * t), atol=1e-4)
    np.testing.assert_allclose(path[hops(0.5) :], path[: -hops(0.5)], atol=1e-3)


def test_only_the_latents_it_leads_to_are_moved() -> None:
    mean = noise(200)
    assert np.array_equal(Bent(settings(lfo())).play(mean), mean)
    led = Bent(settings(lfo(mod__1__to__3=1.0))).play(mean)
    assert np.array_equal(led[:, [0, 1, 3]], mean[:, [0, 1, 3]])
    assert np.abs(led[:, 2] - mean[:, 2]).max() > 0.9


@pytest.mark.parametrize("shape", LFO_SHAPES)
def test_every_shape_keeps_its_range_and_its_mean(shape: str) -> None:
    values = np.array([SHAPES[int(SHAPE[shape])](x) for x in np.arange(1000) / 1000])
    assert values.min() == pytest.approx(-1.0, abs=0.01)
    assert values.max() == pytest.approx(1.0, abs=0.01)
    assert values.mean() == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize(
    ("shape", "at"),
    [
        ("sine", (0, 1, 0, -1)),
        ("triangle", (0, 1, 0, -1)),
        ("saw up", (-1, -0.5, 0, 0.5)),
        ("saw down", (1, 0.5, 0, -0.5)),
        ("square", (1, 1, -1, -1)),
    ],
)
def test_a_shape_is_what_its_name_says(shape: str, at: tuple[float, ...]) -> None:
    quarters = [SHAPES[int(SHAPE[shape])](k / 4) for k in range(4)]
    assert quarters == pytest.approx(at, abs=1e-9)


def test_the_phase_says_where_it_begins() -> None:
    path = moved(0.1, **lfo(mod__1__to__3=1.0, mod__1__phase=0.25))
    assert path[0] == pytest.approx(1.0)


def test_smoothing_takes_as_long_as_it_says() -> None:
    square = lfo(mod__1__shape=SHAPE["square"], mod__1__to__3=1.0, mod__1__rate_hz=1.0)
    sharp = moved(1.0, **square)
    smooth = moved(1.0, **square, mod__1__smooth_ms=90.0)
    edge = hops(0.5)
    assert sharp[edge - 2] == 1.0
    assert sharp[edge + 2] == -1.0
    after = smooth[edge:]
    assert after[hops(0.015)] > 0.0
    assert after[hops(0.09)] == pytest.approx(-0.9, abs=0.05)
    assert (np.diff(after[: hops(0.4)]) <= 1e-6).all()


def test_a_change_of_kind_shape_or_step_does_not_jump() -> None:
    bent = Bent(settings(lfo(mod__1__to__3=1.0, mod__1__shape=SHAPE["square"])))
    paths = [bent.play(hops(0.1))]
    for change in (
        {"mod__1__shape": SHAPE["saw up"]},
        {"mod__1__kind": KIND["steps"]},
        {"mod__1__step__1": 1.0, "mod__1__steps": 1.0},
        {"mod__1__step__1": -1.0},
        {"mod__1__kind": KIND["off"]},
    ):
        bent.set(**change)
        paths.append(bent.play(hops(0.1)))
    steps = np.abs(np.diff(np.concatenate(paths)[:, 2]))
    assert steps.max() < 0.3  # of 2 there would be
    assert paths[-1][-1, 2] == 0.0


def test_whatever_is_turned_while_it_moves_it_stays_in_its_range() -> None:
    changes = lfo(mod__1__to__3=1.0, mod__1__shape=SHAPE["square"], mod__1__rate_hz=50.0)
    bent = Bent(settings(changes))
    paths = []
    for turn in range(40):
        bent.set(mod__1__phase=0.5 * (turn % 2))
        paths.append(bent.play(9)[:, 2])
    path = np.abs(np.concatenate(paths))
    assert path.max() <= 1.0
    assert path.mean() > 0.3


def test_beats_follow_the_tempo_and_not_the_rate() -> None:
    by_beats = moved(2.0, **lfo(mod__1__to__3=1.0, mod__1__beats=1.0, mod__1__rate_hz=7.0))
    by_rate = moved(2.0, **lfo(mod__1__to__3=1.0))
    np.testing.assert_allclose(by_beats, by_rate, atol=1e-4)  # 120 bpm: two beats a second
    faster = moved(2.0, **lfo(mod__1__to__3=1.0, mod__1__beats=0.5, tempo_bpm=60.0))
    np.testing.assert_allclose(faster, by_rate, atol=1e-4)


def steps_of(values: tuple[float, ...]) -> dict[str, float]:
    return {f"mod.1.step.{k + 1}": value for k, value in enumerate(values)}


def test_steps_are_played_in_turn_and_begin_anew() -> None:
    values = (0.5, -1.0, 0.25)
    path = moved(
        1.2,
        mod__1__kind=KIND["steps"],
        mod__1__rate_hz=10.0,
        mod__1__steps=3.0,
        mod__1__to__3=1.0,
        **steps_of(values),
    )
    middles = [path[hops(0.1 * k + 0.05)] for k in range(12)]
    assert middles == pytest.approx(list(values) * 4)


def test_sample_and_hold_holds_each_value_for_one_cycle() -> None:
    path = moved(3.0, mod__1__kind=KIND["sample and hold"], mod__1__rate_hz=5.0, mod__1__to__3=1.0)
    (jumps,) = np.diff(path).nonzero()
    assert jumps.shape[0] == 14
    np.testing.assert_allclose(np.diff(jumps), hops(0.2), atol=1)
    assert np.abs(path).max() <= 1.0
    assert np.unique(path).shape[0] == 15


def test_a_random_walk_wanders_smoothly_within_its_range() -> None:
    path = moved(60.0, mod__1__kind=KIND["random walk"], mod__1__rate_hz=2.0, mod__1__to__3=1.0)
    assert np.abs(path).max() <= 1.0
    assert path.std() > 0.3
    assert np.abs(np.diff(path)).max() < 0.01


def test_a_follower_rises_with_the_sound_and_falls_after_it() -> None:
    sound = np.zeros(2 * RATE_HZ, np.float32)
    sound[RATE_HZ // 2 : RATE_HZ] = 0.1  # -20 dBFS
    bent = Bent(
        settings(
            mod__1__kind=KIND["follower"],
            mod__1__to__3=1.0,
            mod__1__attack_ms=10.0,
            mod__1__release_ms=100.0,
        )
    )
    path = bent.play(2 * RATE_HZ // HOP, sound)[:, 2]
    assert not path[: hops(0.5)].any()
    loud = 1.0 - 20.0 / 60.0
    assert path[hops(0.51)] == pytest.approx(loud * (1 - np.exp(-1)), abs=0.05)
    assert path[hops(0.9)] == pytest.approx(loud, abs=0.01)
    assert path[hops(1.1)] == pytest.approx(loud * np.exp(-1), abs=0.02)
    assert path[-1] < 0.01


@pytest.mark.parametrize("power", [np.nan, np.inf, 0.0, 1e9])
def test_a_level_is_a_number_from_nothing_to_one(power: float) -> None:
    assert 0.0 <= level_of(power) <= 1.0


def test_eight_of_them_run_at_once_and_add_up() -> None:
    changes: dict[str, float] = {}
    for k in range(1, MODULATORS + 1):
        changes |= {f"mod.{k}.kind": KIND["lfo"], f"mod.{k}.rate_hz": k, f"mod.{k}.to.1": 0.25}
    path = Bent(settings(changes)).play(hops(1.0))[:, 0]
    t = np.arange(path.shape[0]) / hops(1.0)
    expected = sum(0.25 * np.sin(2 * np.pi * k * t) for k in range(1, MODULATORS + 1))
    np.testing.assert_allclose(path, expected, atol=1e-3)


def test_depth_and_ways_glide() -> None:
    bent = Bent(settings(lfo(mod__1__shape=SHAPE["square"], mod__1__rate_hz=0.01)))
    bent.play(10)
    bent.set(mod__1__to__3=1.0)
    path = bent.play(hops(0.2))[:, 2]
    assert path[hops(0.01) - 1] == pytest.approx(1 - np.exp(-1), abs=0.06)
    assert path[-1] == 1.0


def test_what_the_modulators_are_is_shown() -> None:
    bent = Bent(settings(lfo()))
    bent.play(hops(0.125))
    shown = bent.control.modulators
    assert shown.shape == (MODULATORS,)
    assert shown[0] == pytest.approx(1.0, abs=0.01)
    assert not shown[1:].any()


def test_dice_are_fair_and_repeat_from_the_start() -> None:
    dice, other = Dice(1), Dice(2)
    thrown = np.array([dice.throw() for _ in range(4000)])
    assert np.abs(thrown).max() <= 1.0
    assert thrown.mean() == pytest.approx(0.0, abs=0.03)
    assert thrown.var() == pytest.approx(1 / 3, abs=0.02)
    assert abs(np.corrcoef(thrown[1:], thrown[:-1])[0, 1]) < 0.05
    assert abs(np.corrcoef(thrown, [other.throw() for _ in range(4000)])[0, 1]) < 0.05
    dice.restart()
    assert [dice.throw() for _ in range(9)] == thrown[:9].tolist()


def test_sixteen_steps_are_the_most() -> None:
    path = moved(
        1.7,
        mod__1__kind=KIND["steps"],
        mod__1__rate_hz=10.0,
        mod__1__steps=99.0,
        mod__1__to__3=1.0,
        **steps_of(tuple(k / STEPS for k in range(STEPS))),
    )
    assert path[hops(1.55)] == pytest.approx(15 / STEPS)
    assert path[hops(1.65)] == 0.0
