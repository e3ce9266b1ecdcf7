"""rtvae's own step of training, as `rtvae train` does it, on clips that it draws itself."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from rtvae.training.batches import Batches
from rtvae.training.data import Recordings
from rtvae.training.schedule import Plan
from rtvae.training.shape import VaeConfig
from rtvae.training.trainer import Trainer
from rtvae.training.vae import Vae

MINUTES = 1000.0


class Whole(nn.Module):
    """A model as one function, for loops that know nothing of it."""

    def __init__(self, model: Vae) -> None:
        super().__init__()
        self.model = model

    def forward(self, audio: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what is played `[B, 1, frames]`, mean and std of `[B, 1, frames]` of audio."""
        mean, std = self.model.encoder(audio)
        return self.model.decoder(mean + std * torch.randn_like(mean)), mean, std


class Unchanged(Batches):
    """Clips as they were recorded, for the cost of a step without augmentation."""

    def __init__(
        self, samples: NDArray[np.int16], rate: int, clips: int, frames: int, device: torch.device
    ) -> None:
        super().__init__(samples, rate, clips, frames, device)
        self._samples, self._shape, self._to = torch.from_numpy(samples), (clips, frames), device

    def draw(self, seeds: list[int]) -> Tensor:
        """Return groups of clips `[groups * clips, frames]`."""
        (clips, frames), last = self._shape, self._samples.shape[0] - self._shape[1]
        cuts = []
        for seed in seeds:
            torch.manual_seed(seed)
            for at in torch.randint(0, last + 1, (clips,)).tolist():
                cuts.append(self._samples[at : at + frames])
        return torch.stack(cuts).to(self._to, non_blocking=True).float() / 32768.0


def rtvae_step(
    fabric: Fabric,
    config: VaeConfig,
    samples: NDArray[np.int16],
    shape: tuple[int, int, int],
    augmented: bool,
) -> Callable[[], None]:
    """Return a step of a new trainer; `shape` is groups, clips per group and frames."""
    groups, clips, frames = shape
    plan = Plan(groups, clips, frames, MINUTES, MINUTES)
    # A trainer writes only when it reports, and nobody asks it to.
    trainer = Trainer(Path(), config, plan, fabric)
    rate = config.sample_rate_hz
    batches = (
        trainer.batches(Recordings(samples, rate, 1, ()))
        if augmented
        else Unchanged(samples, rate, clips, frames, fabric.device)
    )

    def step() -> None:
        trainer.one_step(batches)

    return step
