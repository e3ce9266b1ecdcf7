"""The clips of a step come from its seeds: the same in any process, different in every step."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from rtvae.training.batches import Batches, group_seed, unit_draw

CPU = torch.device("cpu")


@pytest.fixture
def batches() -> Iterator[Batches]:
    noise = np.random.default_rng(1).integers(-8000, 8000, 100_000).astype(np.int16)
    noise.setflags(write=False)
    yield Batches(noise, 48000, 4, 8192, CPU)


def test_two_processes_draw_together_what_one_draws(batches: Batches) -> None:
    seeds = [group_seed(1, 17, group) for group in range(4)]
    whole = batches.draw(seeds)
    assert whole.shape == (16, 8192)
    first, second = batches.draw(seeds[:2]), batches.draw(seeds[2:])
    assert torch.equal(torch.cat([first, second]), whole)


def test_every_step_and_group_and_run_hears_something_else(batches: Batches) -> None:
    seeds = {
        group_seed(seed, step, group)
        for seed in range(3)
        for step in range(50)
        for group in range(-1, 4)
    }
    assert len(seeds) == 3 * 50 * 5
    # Generators look at the lowest bits only.
    assert len({seed % 2**31 for seed in seeds}) == len(seeds)
    a, b = batches.draw([group_seed(1, 0, 0)]), batches.draw([group_seed(1, 1, 0)])
    assert not torch.equal(a, b)


def test_a_step_has_one_number_for_all_processes() -> None:
    numbers = [unit_draw(1, step) for step in range(200)]
    assert 0.0 <= min(numbers) < 0.1
    assert 0.9 < max(numbers) < 1.0


def test_recordings_of_just_the_length_needed_serve() -> None:
    least = int(np.ceil(8192 * 1.6))
    sound = np.arange(least).astype(np.int16)
    assert Batches(sound, 48000, 4, 8192, CPU).draw([1]).shape == (4, 8192)
