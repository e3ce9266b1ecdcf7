"""Noise on all latents: as much as it says whatever its colour, and from white to a slow drift."""

import numpy as np
import pytest

from tests.support.bent import Bent, Floats, noise, settings


def noise_of(colour: float, rows: int = 60_000, amount: float = 0.5) -> Floats:
    return Bent(settings(diffusion=amount, diffusion_colour=colour)).play(rows)


@pytest.mark.parametrize("colour", [0.0, 0.25, 0.5, 0.75])
def test_there_is_as_much_of_it_whatever_the_colour(colour: float) -> None:
    assert noise_of(colour).std() == pytest.approx(0.5, rel=0.08)


def test_a_slow_drift_has_the_same_spread_over_many_takes() -> None:
    values = settings(diffusion=0.5, diffusion_colour=1.0)
    ends = [Bent(values, 64, seed=seed).play(50)[-1] for seed in range(40)]
    assert np.std(ends) == pytest.approx(0.5, rel=0.08)


def test_the_colour_is_how_long_it_remembers() -> None:
    alike = []
    for colour in (0.0, 0.25, 0.5, 0.75):
        path = noise_of(colour)[:, 0]
        alike.append(np.corrcoef(path[1:], path[:-1])[0, 1])
    assert alike[0] == pytest.approx(0.0, abs=0.02)
    assert alike == sorted(alike)
    assert alike[3] > 0.98


def test_latents_do_not_drift_together() -> None:
    together = np.corrcoef(noise_of(0.3).T)
    assert np.abs(together - np.eye(4)).max() < 0.05


def test_turned_down_it_is_gone_exactly() -> None:
    bent = Bent(settings(diffusion=1.0))
    bent.play(100)
    bent.set(diffusion=0.0)
    bent.play(100)
    mean = noise(50)
    np.testing.assert_array_equal(bent.play(mean), mean)
