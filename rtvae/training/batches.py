"""The clips of a step, drawn group by group: the same clips however many processes share them.

Group `g` of step `s` has a seed of its own; where its clips are cut and how they are changed comes
from that seed alone. Whoever computes a group, in whatever process, hears the same clips, and a
run that goes on needs to remember no random number generator.
"""

import hashlib
import math
import struct
import warnings

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rtvae.training.augment import SPEED_RANGE, augment

LARGEST_SHARE_OF_MEMORY = 0.25


def group_seed(seed: int, step: int, group: int) -> int:
    """Return the seed of a group, 62 bits of which the lowest are as random as the others."""
    packed = struct.pack("<qqq", seed, step, group)
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "little") >> 2


def unit_draw(seed: int, step: int) -> float:
    """Return a number between 0 and 1 that all processes draw for a step."""
    return group_seed(seed, step, -1) / 2.0**62


class Batches:
    """Clips out of recordings `(frames,)` of int16, for those groups that this process computes."""

    def __init__(
        self,
        samples: NDArray[np.int16],
        sample_rate_hz: int,
        clips: int,
        frames: int,
        device: torch.device,
        solo: bool = False,
    ) -> None:
        self._solo = solo
        self._rate, self._clips, self._device = sample_rate_hz, clips, device
        # Sped-up clips need more than they yield.
        self._cut_frames = math.ceil(frames * SPEED_RANGE[1])
        self._source = _on_device(samples, device)

    def draw(self, seeds: list[int]) -> Tensor:
        """Return the groups of these seeds, one after the other, `[groups * clips, frames]`.

        Sets torch's global generator, from which `augment` draws.
        """
        groups = []
        for seed in seeds:
            torch.manual_seed(seed)
            last = self._source.shape[0] - self._cut_frames
            starts = torch.randint(0, last + 1, (self._clips,)).tolist()
            cut = torch.stack([self._source[at : at + self._cut_frames] for at in starts])
            clips = cut.to(self._device, non_blocking=True).float() / 32768.0
            groups.append(augment(clips, self._rate, self._solo))
        return torch.cat(groups)


def _on_device(samples: NDArray[np.int16], device: torch.device) -> Tensor:
    """Return the recordings where they are cut fastest: mapped from disk, or on the GPU."""
    with warnings.catch_warnings():
        # A mapped file cannot be written; nothing here does.
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        source = torch.from_numpy(samples)
    if device.type == "cuda":
        _, memory = torch.cuda.mem_get_info(device)
        if source.nbytes < LARGEST_SHARE_OF_MEMORY * memory:
            return source.to(device)
    return source
