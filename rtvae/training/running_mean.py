"""The running mean of a model's weights, itself a model: it sounds better than any single step.

Source: Tarvainen and Valpola, Mean teachers are better role models (2017), section 2.
"""

import copy

import torch
from torch import Tensor

from rtvae.training.vae import Vae


class RunningMean:
    """A model whose weights follow another's."""

    def __init__(self, leader: Vae) -> None:
        self.model = copy.deepcopy(leader).eval().requires_grad_(False)
        pairs = [
            (mine, value)
            for mine, value in zip(
                self.model.state_dict().values(), leader.state_dict().values(), strict=True
            )
            if mine.is_floating_point()
        ]
        # Both models keep their tensors for life, so they are looked up once.
        self._mine: list[Tensor] = [mine for mine, _ in pairs]
        self._leaders: list[Tensor] = [value.detach() for _, value in pairs]

    @torch.no_grad()
    def follow(self, keep: float) -> None:
        """Move by the share `1 - keep` towards the leader's weights."""
        torch._foreach_lerp_(self._mine, self._leaders, 1.0 - keep)

    def weights(self) -> dict[str, Tensor]:
        """Return the weights by name."""
        return self.model.state_dict()
