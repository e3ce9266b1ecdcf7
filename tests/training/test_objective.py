"""A step's losses depend on clips and seeds alone, and a brightness knob is asked to be obeyed."""

import pytest
import torch

from rtvae.training.objective import Objective
from rtvae.training.shape import VaeConfig
from rtvae.training.vae import Vae
from tests.support.small_vae import SMALL, SMALL_INSTRUMENT, SMALL_PERCUSSION, SMALL_VOICE


def _clips() -> torch.Tensor:
    return 0.1 * torch.randn(4, 64 * 80, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("config", [SMALL, SMALL_PERCUSSION, SMALL_INSTRUMENT, SMALL_VOICE])
def test_the_same_seeds_give_the_same_losses_in_one_part_or_two(config: VaeConfig) -> None:
    torch.manual_seed(0)
    objective = Objective(Vae(config), beta=1e-3)
    whole = objective(_clips(), [5, 6], 1.0)
    first, second = objective(_clips()[:2], [5], 1.0), objective(_clips()[2:], [6], 1.0)
    for name in ("total", "mel"):
        together = 0.5 * (first[name] + second[name])
        torch.testing.assert_close(whole[name], together, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("config", [SMALL_PERCUSSION, SMALL_INSTRUMENT, SMALL_VOICE])
def test_half_of_the_clips_are_wanted_brighter_or_darker_than_heard(config: VaeConfig) -> None:
    model = Vae(config)
    at = config.attributes.index("brightness")
    result = Objective(model, beta=1e-3)(_clips(), [1, 2], 1.0)
    change = model.encoder.measured(result["wanted"][:, None])[:, at]
    change = (change - model.encoder.measured(_clips()[:, None])[:, at]).mean(1).abs()
    assert change[0::2].max() < 0.02
    assert change[1::2].max() > 0.1


@pytest.mark.parametrize("config", [SMALL, SMALL_PERCUSSION, SMALL_INSTRUMENT, SMALL_VOICE])
def test_every_weight_learns(config: VaeConfig) -> None:
    torch.manual_seed(0)
    model = Vae(config)
    Objective(model, beta=1e-3)(_clips(), [3], 1.0)["total"].backward()
    silent = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert silent == []
