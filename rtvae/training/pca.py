"""Playable latents: turn the learned dimensions so that the first matter most, scale each to 1.

A principal component analysis of the latent means over recordings gives a rotation; it is folded
exactly into the encoder's last and the decoder's first layer. The measured latents stay the first.
"""

import copy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rtvae.training.vae import Vae

LEAST_DEVIATION = 0.1
"""Deviation, of the prior's 1, that a dimension is scaled by at least: asleep, it stays small."""


@torch.no_grad()
def latent_means(model: Vae, clips: Tensor) -> NDArray[np.float64]:
    """Return the latent means of clips `[B, frames]`, `(B * hops, latents)`, silence left out."""
    rows = []
    for part in torch.split(clips, 8):
        mean, _ = model.encoder(part[:, None])
        heard = model.encoder.log_level(part[:, None])[:, 0] > np.log(10 ** (-60 / 20))
        rows.append(mean.permute(0, 2, 1)[heard].double().numpy())
    return np.concatenate(rows)


@torch.no_grad()
def rotate(model: Vae, means: NDArray[np.float64]) -> Vae:
    """Return a copy of the model that speaks the rotated, scaled latents.

    With z the learned and z' the exported dimensions, centre c, eigenvectors U (columns, largest
    first) and deviations s: z' = (U^T (z - c)) / s and z = U (s z') + c.
    """
    measured = model.config.latents - model.config.learned
    learned = means[:, measured:]
    centre = learned.mean(0)
    values, vectors = np.linalg.eigh(np.cov(learned.T))
    order = np.argsort(values)[::-1]
    deviation = np.sqrt(np.maximum(values[order], LEAST_DEVIATION**2))
    # The sign is free; the largest weight is made positive so that an export can be repeated.
    axes = vectors[:, order]
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])])
    inward = torch.from_numpy((axes / deviation).T).double()
    outward = torch.from_numpy(axes * deviation).double()
    middle = torch.from_numpy(centre).double()
    turned = copy.deepcopy(model)
    head = turned.encoder.head
    dims = centre.shape[0]
    weight, bias = head.weight[:dims, :, 0].double(), head.bias[:dims].double()  # type: ignore[index]
    head.weight[:dims, :, 0] = (inward @ weight).float()
    head.bias[:dims] = (inward @ (bias - middle)).float()  # type: ignore[index]
    turned.encoder.spread.copy_((inward**2).float())
    for layer in turned.decoder.listeners():
        taps = layer.weight[:, -dims:].double()
        assert layer.bias is not None
        layer.bias.add_(torch.einsum("oik,i->o", taps, middle).float())
        layer.weight[:, -dims:] = torch.einsum("oik,ij->ojk", taps, outward).float()
    return turned
