"""The looper repeats what was recorded, without a jump, while knobs go on working on it."""

import numpy as np
import pytest

from rtvae.latents.looper import LONGEST_S, SEAM_S, Looper
from rtvae.model.latent_control import LatentControl
from tests.support.bent import Bent, Floats, hops, noise, settings

OFF, RECORD, PLAY, OVERDUB = range(4)
SEAM = hops(SEAM_S) + 1


def smooth(rows: int, seed: int = 0) -> Floats:
    """Latents that move slowly, and are somewhere else at the end."""
    t = np.linspace(0.0, 1.0, rows)[:, None]
    return (t * (1 + np.arange(4)) + np.sin(9 * t + seed)).astype(np.float32)


def recorded(rows: Floats, **changes: float) -> Bent:
    """A control that has recorded rows and plays them from now on."""
    bent = Bent(settings(changes, looper=RECORD))
    np.testing.assert_array_equal(bent.play(rows), rows)
    bent.set(looper=PLAY)
    return bent


def test_it_repeats_what_was_recorded_exactly_after_the_seam() -> None:
    rows = noise(300)
    bent = recorded(rows)
    assert bent.play(noise(300, 1)).shape == rows.shape
    for seed in (2, 3):
        again = bent.play(noise(300, seed))
        np.testing.assert_array_equal(again[SEAM:], rows[SEAM:])
    assert bent.control.looper_rows == 300
    assert bent.control.looper_at == 0


def test_there_is_no_jump_where_it_begins_anew() -> None:
    path = smooth(600)
    bent = recorded(path[:400])
    bent.play(path[400:])
    bent.play(200)
    turns = np.concatenate([bent.play(400), bent.play(400)])
    usual = np.abs(np.diff(path, axis=0)).max()
    cut = np.abs(path[399] - path[0]).max()
    assert cut > 20 * usual
    assert np.abs(np.diff(turns, axis=0)).max() < cut / 8


def test_the_way_into_the_loop_and_out_of_it_is_smooth() -> None:
    bent = recorded(smooth(400))
    path = [bent.play(np.repeat(smooth(400)[-1:], 100, axis=0))]
    bent.set(looper=OFF)
    path.append(bent.play(np.repeat(smooth(400)[-1:], 400, axis=0)))
    joined = np.concatenate(path)
    assert np.abs(np.diff(joined, axis=0)).max() < 0.6  # 4 without a crossfade
    np.testing.assert_array_equal(joined[-1], smooth(400)[-1])


@pytest.mark.parametrize(("speed", "turn"), [(0.5, 600), (2.0, 150), (0.25, 1200), (4.0, 75)])
def test_another_speed_takes_as_much_longer_or_less(speed: float, turn: int) -> None:
    rows = smooth(300)
    bent = recorded(rows, looper_speed=speed)
    bent.play(2 * turn)
    path = bent.play(turn)
    at = np.arange(turn) * speed
    expected = np.stack([np.interp(at, np.arange(300), rows[:, k]) for k in range(4)], axis=1)
    kept = (at > SEAM) & (at < 299)
    np.testing.assert_allclose(path[kept], expected[kept], atol=1e-5)


def test_half_a_mix_is_half_of_each() -> None:
    rows = noise(200)
    bent = recorded(rows, looper_mix=0.5)
    bent.play(200)
    live = noise(200, 5)
    path = bent.play(live)
    np.testing.assert_allclose(path[SEAM:], 0.5 * (rows + live)[SEAM:], atol=1e-6)


def test_knobs_turned_later_bend_the_loop_on_and_the_gesture_is_not_bent_twice() -> None:
    bent = Bent(settings(looper=RECORD, latent__1__offset=1.0, latent__2__scale=2.0))
    gesture = bent.play(noise(300))
    bent.set(looper=PLAY)
    bent.play(300)
    np.testing.assert_allclose(bent.play(300)[SEAM:], gesture[SEAM:], atol=1e-5)
    bent.set(latent__1__offset=-1.0, latent__2__scale=1.0)
    bent.play(300)
    path = bent.play(300)
    np.testing.assert_allclose(path[SEAM:, 0], gesture[SEAM:, 0] - 2.0, atol=1e-5)
    np.testing.assert_allclose(path[SEAM:, 1], gesture[SEAM:, 1] / 2.0, atol=1e-5)
    np.testing.assert_allclose(path[SEAM:, 2], gesture[SEAM:, 2], atol=1e-5)


def test_a_knob_turned_while_it_records_is_repeated_with_the_rest() -> None:
    bent = Bent(settings(looper=RECORD))
    first = bent.play(100)
    bent.set(latent__1__offset=2.0)
    second = bent.play(200)
    gesture = np.concatenate([first, second])
    bent.set(looper=PLAY)
    bent.play(300)
    path = bent.play(300)
    np.testing.assert_allclose(path[SEAM:], gesture[SEAM:], atol=1e-5)
    assert path[50, 0] == pytest.approx(0.0, abs=1e-5)
    assert path[-1, 0] == pytest.approx(2.0, abs=1e-5)


def test_overdub_keeps_half_of_what_was_and_half_of_what_comes() -> None:
    rows, live = noise(400), noise(400, 7)
    bent = recorded(rows)
    bent.play(400)
    bent.set(looper=OVERDUB)
    heard = bent.play(live)
    bent.set(looper=PLAY)
    bent.play(400)
    again = bent.play(400)
    kept = slice(150, 400)
    np.testing.assert_allclose(heard[kept], 0.5 * (rows + live)[kept], atol=1e-3)
    np.testing.assert_allclose(again[kept], heard[kept], atol=1e-3)


@pytest.mark.parametrize("speed", [0.25, 0.5, 2.0])
def test_overdub_keeps_half_of_each_at_any_speed(speed: float) -> None:
    rows = np.zeros((400, 4), np.float32)
    bent = recorded(rows, looper_speed=speed)
    turn = round(400 / speed)
    bent.play(turn)
    bent.set(looper=OVERDUB)
    bent.play(np.ones((turn, 4), np.float32))
    bent.set(looper=PLAY)
    bent.play(turn)
    again = bent.play(turn)
    np.testing.assert_allclose(again[turn // 2 : turn - 4], 0.5, atol=1e-2)


def test_off_keeps_the_loop_and_play_begins_it_anew() -> None:
    rows = noise(200)
    bent = recorded(rows)
    bent.play(250)
    bent.set(looper=OFF)
    live = noise(400, 3)
    np.testing.assert_array_equal(bent.play(live)[200:], live[200:])
    bent.set(looper=PLAY)
    bent.play(200)
    np.testing.assert_array_equal(bent.play(200)[SEAM:], rows[SEAM:])


def test_a_loop_ends_by_itself_when_it_is_full() -> None:
    rows = np.arange(hops(LONGEST_S), dtype=np.float32)[:, None].repeat(4, axis=1) % 100
    bent = Bent(settings(looper=RECORD))
    bent.play(rows)
    bent.play(hops(LONGEST_S))
    again = bent.play(hops(LONGEST_S))
    np.testing.assert_array_equal(again[SEAM:], rows[SEAM:])


def test_a_model_of_very_short_hops_takes_no_more_memory() -> None:
    offset, scale = np.zeros(128, np.float32), np.ones(128, np.float32)
    assert Looper(offset, scale, 1 / 192_000, 0.1).longest_rows == 131_072
    control = LatentControl(128, 1, 192_000)
    values = settings(looper=RECORD, feedback=0.5, feedback_ms=2000.0)
    control.land(values)
    mean = noise(64, latents=128)
    control.apply(mean, mean, values, mean.copy())
    assert control.looper_rows == 64


def test_without_a_loop_play_leaves_everything_as_it_is() -> None:
    for state in (PLAY, OVERDUB):
        mean = noise(50)
        np.testing.assert_array_equal(Bent(settings(looper=state)).play(mean), mean)


def test_landing_forgets_the_loop() -> None:
    bent = recorded(noise(100))
    bent.play(100)
    bent.control.land(settings(looper=PLAY))
    assert bent.control.looper_rows == 0


def test_what_is_no_number_does_not_stay_in_the_loop() -> None:
    rows = noise(200)
    rows[50:60, 2] = np.nan
    bent = Bent(settings(looper=RECORD))
    bent.play(rows)
    bent.set(looper=PLAY)
    bent.play(200)
    again = bent.play(200)
    assert np.isfinite(again).all()
    np.testing.assert_array_equal(again[60:], rows[60:])
