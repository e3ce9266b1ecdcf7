"""The RAVE recipe's first phase as anyone would write it in plain PyTorch: one loop, no tricks.

Random crops from a data loader, a forward pass, the multi-scale spectral distance and the
divergence, a backward pass, a step of Adam. Written from the paper alone (Caillon and Esling,
RAVE, 2021): the distance has windows of 2048 to 128 frames, each with a relative linear term and
a logarithmic one. The second phase, with discriminators, costs more and is left out.
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

SCALES = (2048, 1024, 512, 256, 128)
LEARNING_RATE = 1e-4
BETAS = (0.5, 0.9)
DIVERGENCE_WEIGHT = 0.1
MANY = 1 << 40


class Crops(Dataset[Tensor]):
    """Endlessly many random cuts of one long recording, int16 `(frames,)`."""

    def __init__(self, samples: NDArray[np.int16], frames: int) -> None:
        self._samples, self._frames = samples, frames

    def __len__(self) -> int:
        return MANY

    def __getitem__(self, index: int) -> Tensor:
        at = int(torch.randint(0, self._samples.shape[0] - self._frames + 1, ()))
        cut = self._samples[at : at + self._frames].astype(np.float32) / 32768.0
        return torch.from_numpy(cut)[None]


class InOrder(torch.utils.data.Sampler[int]):
    """Indices that nobody looks at: a random order of so many would not fit into memory."""

    def __iter__(self) -> Iterator[int]:
        return iter(range(MANY))


def multi_scale_distance(played: Tensor, wanted: Tensor) -> Tensor:
    """Return the paper's distance of audio `[B, 1, frames]`."""
    total = torch.zeros((), device=played.device)
    for size in SCALES:
        window = torch.hann_window(size, device=played.device)
        a, b = (
            torch.stft(x[:, 0], size, size // 4, window=window, return_complex=True).abs()
            for x in (played, wanted)
        )
        linear = (a - b).norm() / b.norm().clamp_min(1e-7)
        total = total + linear + torch.log((a - b).abs().sum().clamp_min(1e-7))
    return total


class PlainLoop:
    """One training of a network that returns what it plays, mean and std of `[B, 1, frames]`."""

    def __init__(
        self,
        network: nn.Module,
        samples: NDArray[np.int16],
        clips: int,
        frames: int,
        workers: int,
        device: torch.device,
    ) -> None:
        self.network, self._device = network.to(device), device
        self._optimiser = torch.optim.Adam(network.parameters(), LEARNING_RATE, BETAS)
        loader = DataLoader(
            Crops(samples, frames),
            clips,
            sampler=InOrder(),
            num_workers=workers,
            drop_last=True,
            pin_memory=device.type == "cuda",
        )
        self._batches = iter(loader)

    def step(self) -> None:
        """Train on one batch."""
        wanted = next(self._batches).to(self._device)
        played, mean, std = self.network(wanted)
        divergence = 0.5 * (mean.square() + std.square() - 1.0) - torch.log(std)
        loss = multi_scale_distance(played, wanted) + DIVERGENCE_WEIGHT * divergence.mean()
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()
