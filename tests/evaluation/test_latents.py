"""Statistics of posteriors that are known beforehand."""

import numpy as np
import pytest

from rtvae.evaluation.attributes import Attributes, measure_attributes
from rtvae.evaluation.frames import frame_hop
from rtvae.evaluation.latents import LatentSums, on_frames
from tests.support.tones import RATE_HZ, seconds, steady

HOP = 64


def unvoiced(frames: int) -> Attributes:
    nothing = np.full(frames, np.nan)
    return Attributes(np.full(frames, -70.0), nothing, nothing)


def test_divergence_activity_and_correlation_follow_the_formulas() -> None:
    random = np.random.default_rng(0)
    hops = 60_000
    first = random.standard_normal(hops)
    mean = np.zeros((hops, 4), np.float32)
    mean[:, 0] = first
    mean[:, 1] = 0.6 * first + 0.8 * random.standard_normal(hops)
    mean[:, 3] = 0.5 * random.standard_normal(hops)
    std = np.tile(np.array([0.1, 0.5, 1.0, 0.0], np.float32), (hops, 1))
    sums = LatentSums(4)
    for part in np.array_split(np.arange(hops), 7):  # as if they were recordings
        sums.add(mean[part], std[part], unvoiced(10), HOP, RATE_HZ)
    found = sums.result()
    # KL of N(m, s) from N(0, 1), the mean of m squared being 1, 1 and 0.
    expected = [0.5 * (m + s**2 - 1) - np.log(s) for m, s in ((1, 0.1), (1, 0.5), (0, 1.0))]
    assert found.nats[:3] == pytest.approx(expected, abs=0.02)
    assert found.nats[3] is None  # no spread: deterministic
    assert found.active == 3  # all but the third, which says nothing
    assert found.correlation[0][1] == pytest.approx(0.6, abs=0.02)
    assert found.correlation[0][0] == pytest.approx(1.0)
    assert found.correlation[0][2] is None
    assert found.deviation == pytest.approx([1.0, 1.0, 0.0, 0.5], abs=0.02)
    assert found.attributes["pitch"] == (None,) * 4


def test_a_dimension_that_is_loudness_correlates_with_it() -> None:
    sums = LatentSums(2)
    for seed in range(3):
        swing = 12.0 * np.sin(2 * np.pi * (0.7 + seed) * seconds(3.0))
        sound = (steady(300.0, 3.0) * 10 ** ((swing - 20.0) / 20)).astype(np.float32)
        rows = swing[: swing.size // HOP * HOP].reshape(-1, HOP).mean(axis=1)
        noise = np.random.default_rng(seed).standard_normal(rows.size)
        mean = np.stack([rows / 12.0, noise], axis=1).astype(np.float32)
        attributes = measure_attributes(sound, RATE_HZ, None)
        sums.add(mean, np.full_like(mean, 0.1), attributes, HOP, RATE_HZ)
    found = sums.result().attributes["loudness"]
    assert found[0] == pytest.approx(1.0, abs=0.02)
    assert found[1] == pytest.approx(0.0, abs=0.15)


@pytest.mark.parametrize("hop", [16, 64, 480, 2048])
def test_latent_rows_are_averaged_onto_the_frames_they_sound_in(hop: int) -> None:
    frames = 100
    rows = (np.arange(frames * frame_hop(RATE_HZ) // hop) * hop + hop / 2)[:, None]
    found = on_frames(rows.astype(np.float64), hop, frames, RATE_HZ)[:, 0]
    wanted = np.arange(frames) * frame_hop(RATE_HZ)
    assert np.abs(found[1:-1] - wanted[1:-1]).max() <= max(hop, frame_hop(RATE_HZ) / 2)


def test_a_model_without_latents_has_no_statistics() -> None:
    sums = LatentSums(0)
    empty = np.zeros((10, 0), np.float32)
    sums.add(empty, empty, unvoiced(3), HOP, RATE_HZ)
    assert (sums.result().dimensions, sums.result().active) == (0, 0)
