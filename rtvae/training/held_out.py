"""Recordings that are not trained on: how far the running mean's sound is from them."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rtvae.dsp.distance import log_mel_distance_db
from rtvae.training.vae import Vae

CLIP_SECONDS = 4
MOST_CLIPS = 24
CLIPS_AT_ONCE = 8
SHOWN_CLIPS = 4


@dataclass(frozen=True)
class Judgement:
    """What a model makes of held-out clips: mean log-mel distance, nats per learned dimension,
    and a few pairs of what was wanted and what was played, float32 `(frames,)`."""

    distance_db: float
    nats: tuple[float, ...]
    clips: tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]


def held_out_clips(samples: NDArray[np.int16], sample_rate_hz: int, hop_frames: int) -> Tensor:
    """Return up to MOST_CLIPS clips, spread evenly, `[clips, frames]` in whole hops."""
    longest = min(CLIP_SECONDS * sample_rate_hz, samples.shape[0])
    frames = longest // hop_frames * hop_frames
    many = max(1, min(MOST_CLIPS, samples.shape[0] // max(frames, 1)))
    starts = np.linspace(0, samples.shape[0] - frames, many).astype(int)
    clips = np.stack([samples[at : at + frames] for at in starts])
    return torch.from_numpy(clips.astype(np.float32) / 32768.0)


@torch.no_grad()
def judge(model: Vae, clips: Tensor, device: torch.device) -> Judgement:
    """Play clips `[clips, frames]` through a model, with the mean of each latent."""
    rate = model.config.sample_rate_hz
    apart: list[float] = []
    nats: list[Tensor] = []
    pairs: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
    for some in torch.split(clips, CLIPS_AT_ONCE):
        mean, std = model.encoder(some[:, None].to(device))
        played = model.decoder(mean)[:, 0].cpu().numpy()
        nats.append(model.divergence(mean, std).cpu() * some.shape[0])
        for wanted, got in zip(some.numpy(), played, strict=True):
            apart.append(log_mel_distance_db(wanted, got, rate))
            pairs.append((wanted, got))
    mean_nats = torch.stack(nats).sum(0) / clips.shape[0]
    return Judgement(float(np.mean(apart)), tuple(mean_nats.tolist()), tuple(pairs[:SHOWN_CLIPS]))
