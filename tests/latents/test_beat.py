"""The engine's own beat: it runs at the tempo, and is drawn to a clock outside, never back."""

import numpy as np
import pytest

from rtvae.latents.beat import Beat
from tests.support.bent import Bent, hops, settings

HOP_S = 64 / 48_000


def run(beat: Beat, seconds: float) -> np.ndarray:
    values = []
    for _ in range(round(seconds / HOP_S)):
        values.append(beat.value)
        beat.pass_by(1)
    return np.array(values)


def test_it_runs_at_the_tempo() -> None:
    beat = Beat(HOP_S)
    beat.aim(90.0, 0.0)
    run(beat, 10.0)
    assert beat.value == pytest.approx(15.0)


def test_it_does_not_matter_in_what_blocks_the_hops_come() -> None:
    one, other = Beat(HOP_S), Beat(HOP_S)
    for beat in (one, other):
        beat.aim(97.0, 0.4)
    for _ in range(1000):
        one.pass_by(1)
    for _ in range(100):
        other.pass_by(3)
        other.pass_by(7)
    assert one.value == other.value


@pytest.mark.parametrize("away", [0.3, -0.3, 0.9, -0.9])
def test_a_clock_outside_draws_it_without_a_jump(away: float) -> None:
    beat = Beat(HOP_S)
    before = run(beat, 3.0)
    outside = np.floor(beat.value) + 1.0
    beat.aim(120.0, outside)
    steps = np.diff(np.concatenate([before[-1:], run(beat, 4.0)]))
    each = 2.0 * HOP_S
    assert (steps > 0.49 * each).all()
    assert (steps < 1.51 * each).all()
    assert not beat.jumped
    assert beat.value == pytest.approx(outside + 8.0, abs=0.01)


def test_a_clock_of_another_tempo_is_followed_beat_by_beat() -> None:
    beat, bpm = Beat(HOP_S), 126.0
    for number in range(1, 40):
        run(beat, 60.0 / bpm)
        beat.aim(bpm, float(number))
    assert beat.value == pytest.approx(39.0, abs=0.02)


def test_a_jump_in_the_song_is_followed_at_once() -> None:
    beat = Beat(HOP_S)
    run(beat, 1.0)
    beat.aim(120.0, 64.0)
    assert beat.value == 64.0
    assert beat.jumped
    beat.aim(120.0, 64.0)
    assert not beat.jumped


def test_a_modulator_in_beats_is_in_step_with_the_clock_outside_and_does_not_jump() -> None:
    bent = Bent(settings(mod__1__kind=1.0, mod__1__beats=1.0, mod__1__to__1=1.0, tempo_bpm=118.0))
    paths = []
    for number in range(1, 30):
        paths.append(bent.play(hops(0.5))[:, 0])  # the clock outside is at 120
        bent.set(beat=float(number))
    path = np.concatenate(paths)
    assert np.abs(np.diff(path)).max() < 0.03
    assert bent.control.beat == pytest.approx(29.0, abs=0.05)
    assert abs(path[-1]) < 0.3
