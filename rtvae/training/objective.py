"""What one step of training asks of a model: the losses of a batch, as one module.

It is a module so that a wrapper for several processes can watch its forward pass. All random
numbers come from seeds that the caller gives, one for each group of clips: whoever computes a
group, in whatever process, draws the same numbers.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rtvae.training.losses import SpectralDistance
from rtvae.training.vae import Vae, divergence

PHASE_WEIGHT = 0.25


class Objective(nn.Module):
    """A model and what is asked of it.

    `beta` weighs the divergence from the unit Gaussian; `free_nats` of each dimension cost
    nothing (Kingma et al., Improved Variational Inference with Inverse Autoregressive Flow
    (2016), section C.8).
    """

    def __init__(self, model: Vae, beta: float, free_nats: float = 0.0) -> None:
        super().__init__()
        self.model = model
        self.beta, self.free_nats = beta, free_nats
        self.distance = SpectralDistance(model.config.sample_rate_hz)

    def forward(self, heard: Tensor, seeds: Sequence[int], warm: float) -> dict[str, Tensor]:
        """Return the loss of clips `[B, frames]` and what it is made of.

        `seeds` has one number for each of `len(seeds)` equal groups of clips; `warm` (0 to 1)
        scales `beta`. The result has scalars `total`, `mel`, `phase`, the divergence `nats` of
        each dimension, and `played` and `wanted`, `[B, frames]`, for a discriminator to compare.
        """
        mean, std = self.model.encoder(heard[:, None])
        latent = mean + std * draw(mean, seeds)
        rows = mean.shape[2] * self.model.config.rows_per_hop
        like = mean.new_empty(mean.shape[0], self.model.config.noise_channels, rows)
        played = self.model.decoder(latent, draw(like, seeds, salt=1))[:, 0]
        mel, phase = self.distance(played, heard)
        nats = divergence(mean, std)
        cost = self.beta * warm * nats.clamp_min(self.free_nats).sum()
        return {
            "total": mel + PHASE_WEIGHT * phase + cost,
            "mel": mel.detach(),
            "phase": phase.detach(),
            "nats": nats.detach(),
            "played": played,
            "wanted": heard,
        }


def draw(like: Tensor, seeds: Sequence[int], salt: int = 0) -> Tensor:
    """Return unit Gaussian numbers in the shape of `like`, group by group from `seeds`."""
    many = like.shape[0] // len(seeds)
    groups = []
    for seed in seeds:
        source = torch.Generator(device=like.device)
        source.manual_seed(2 * seed + salt)
        shape = (many, *like.shape[1:])
        groups.append(torch.randn(shape, generator=source, device=like.device, dtype=like.dtype))
    return torch.cat(groups)
