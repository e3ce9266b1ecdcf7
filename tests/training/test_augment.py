"""Clips that were changed for training: repeatable, finite, as loud as meant, and varied enough."""

import math

import torch
from torch import Tensor

from rtvae.training.augment import LEVEL_RANGE_DB, NOISE_RANGE_DB, SPEED_RANGE, augment

RATE_HZ = 48000
FRAMES = 2048


def changed(clips: Tensor, seed: int) -> Tensor:
    torch.manual_seed(seed)
    return augment(clips, RATE_HZ)


def noise(clips: int) -> Tensor:
    frames = math.ceil(FRAMES * SPEED_RANGE[1])
    return 0.1 * torch.randn(clips, frames, generator=torch.Generator().manual_seed(1))


def test_one_seed_one_result() -> None:
    clips = noise(4)
    assert torch.equal(changed(clips, 7), changed(clips, 7))
    assert not torch.equal(changed(clips, 7), changed(clips, 8))


def test_as_long_and_as_loud_as_meant() -> None:
    made = changed(noise(256), 3)
    assert made.shape == (256, FRAMES)
    peaks_db = 20 * torch.log10(made.abs().amax(1) + 1e-9)
    # The noise floor comes on top of the level, and a gate may leave a clip nothing else.
    assert float(peaks_db.max()) < LEVEL_RANGE_DB[1] + 1.0
    assert float((peaks_db > LEVEL_RANGE_DB[0] - 1.0).float().mean()) > 0.9
    assert float(peaks_db.quantile(0.1)) < float(peaks_db.quantile(0.9)) - 15.0


def test_out_of_silence_come_silence_noise_floors_and_tones() -> None:
    made = changed(torch.zeros(400, math.ceil(FRAMES * SPEED_RANGE[1])), 5)
    assert bool(made.isfinite().all())
    peak_db = 20 * torch.log10(made.abs().amax(1) + 1e-9)
    silent = float((peak_db < -170.0).float().mean())
    loud = float((peak_db > NOISE_RANGE_DB[1] + 20.0).float().mean())
    assert 0.25 < silent < 0.55
    assert 0.02 < loud < 0.25


def test_most_clips_are_spared_a_change() -> None:
    """With a click for each clip, a room or a filter shows as sound that was not there before."""
    clips = torch.zeros(400, math.ceil(FRAMES * SPEED_RANGE[1]))
    clips[:, 700] = 0.5
    made = changed(clips, 9)[:200]
    made = made / made.abs().amax(1, keepdim=True)
    busy = (made.abs() > 1e-2).float().mean(1)
    assert 0.15 < float((busy < 2.5 / FRAMES).float().mean()) < 0.6
