"""Feedback brings back what was played, and never runs away."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.support.bent import Bent, hops, noise, settings


def test_what_was_played_comes_back_after_the_delay_and_fades_away() -> None:
    mean = np.zeros((400, 4), np.float32)
    mean[0] = 1.0
    path = Bent(settings(feedback=0.5, feedback_ms=100.0)).play(mean)[:, 0]
    again = np.flatnonzero(np.abs(path) > 1e-3)
    # The first of all has nothing before it, and until the memory is full it is what comes back.
    assert path[0] == 1.0
    np.testing.assert_allclose(path[1 : hops(0.1)], 0.5)
    assert path[hops(0.1) + 5] == pytest.approx(0.25)
    assert path[hops(0.3) + 5] == pytest.approx(0.0625)
    assert again.max() < 400


def test_the_delay_is_as_long_as_it_says() -> None:
    mean = np.zeros((1000, 4), np.float32)
    mean[500:510] = 1.0
    path = Bent(settings(feedback=0.5, feedback_ms=200.0)).play(mean)[:, 0]
    echo = np.flatnonzero(np.abs(path[515:800]) > 0.1) + 515
    assert echo[0] == 500 + hops(0.2)
    assert echo.shape[0] == 10


def test_turning_the_delay_glides() -> None:
    t = np.arange(2000)[:, None]
    mean = np.sin(t / 200.0).astype(np.float32).repeat(4, axis=1)
    bent = Bent(settings(feedback=0.9, feedback_ms=10.0))
    first = bent.play(mean[:1000])
    bent.set(feedback_ms=500.0)
    path = np.concatenate([first, bent.play(mean[1000:])])
    assert np.abs(np.diff(path[:, 0])).max() < 0.12


@hypothesis_settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.floats(-1e6, 1e6, width=32) | st.sampled_from([np.nan, np.inf, -np.inf]),
        min_size=1,
        max_size=40,
    ),
    st.floats(-4.0, 4.0),
    st.floats(-8.0, 8.0),
    st.floats(1.0, 60.0),
)
def test_it_never_runs_away_whatever_is_played(
    rows: list[float], scale: float, offset: float, delay_ms: float
) -> None:
    bent = Bent(
        settings(
            feedback=0.98,
            feedback_ms=delay_ms,
            latent__1__scale=scale,
            latent__1__offset=offset,
        )
    )
    with np.errstate(all="ignore"):
        bent.play(np.array(rows, np.float32)[:, None].repeat(4, axis=1))
        path = bent.play(noise(600))
    highest = float(np.abs(noise(600)).max())
    # What comes back is within 3, the range; the knobs can do no more to it than once.
    bound = abs(scale) * (0.02 * highest + 0.98 * 3.0) + abs(offset)
    assert np.abs(path[:, 0]).max() <= bound + 1e-3
    assert np.abs(path[:, 1]).max() <= 0.2 * highest + 0.98 * 3.0 + 1e-3


def test_noise_stays_as_loud_and_the_loudness_is_the_mean_of_both() -> None:
    mean = noise(20_000)
    mean[:, 0] = 1.0
    path = Bent(settings(feedback=0.7, feedback_ms=50.0)).play(mean)
    assert path[2000:, 1:].std() == pytest.approx(1.0, abs=0.03)
    np.testing.assert_allclose(path[:, 0], 1.0, atol=1e-5)


def test_a_reset_forgets_what_was_played() -> None:
    bent = Bent(settings(feedback=0.9))
    bent.play(np.full((500, 4), 3.0, np.float32))
    bent.control.reset()
    assert np.abs(bent.play(200)).max() == 0.0
