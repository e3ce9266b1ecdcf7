"""What one step of training asks of a model: the losses of a batch, as one module.

It is a module so that a wrapper for several processes can watch its forward pass. All random
numbers come from seeds that the caller gives, one for each group of clips: whoever computes a
group, in whatever process, draws the same numbers.

A model with a brightness latent is also asked to obey it: half of the clips are to come out as
they would sound through a tilted tone control, from the latents of the untouched clip and the
brightness and loudness of the tilted one. So the learned latents cannot hide those two.

A decoder that carries the waveform and can sing is asked for both: all clips as a waveform, half
of each group sung. What is sung teaches the decoder only; the latents belong to the waveform.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rtvae.training.losses import SpectralDistance
from rtvae.training.turnable import TurnableDecoder
from rtvae.training.vae import Vae

PHASE_WEIGHT = 0.25
SUNG_WEIGHT = 0.5
TILT_DB_PER_OCTAVE = 5.0
TILT_RANGE_HZ = (60.0, 16000.0)
TILT_CENTRE_HZ = 1000.0


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
        # Sines of an oscillator cannot keep the phase of the sound they follow.
        self.phase_weight = PHASE_WEIGHT if model.config.keeps_waveform else 0.0
        self.distance = SpectralDistance(model.config.sample_rate_hz)

    def forward(self, heard: Tensor, seeds: Sequence[int], warm: float) -> dict[str, Tensor]:
        """Return the loss of clips `[B, frames]` and what it is made of.

        `seeds` has one number for each of `len(seeds)` equal groups of clips; `warm` (0 to 1)
        scales `beta`. The result has scalars `total`, `mel`, `phase` and perhaps `sung`, the
        divergence `nats` of each dimension, and `played` and `wanted`, `[B, frames]`, for a
        discriminator to compare.
        """
        config = self.model.config
        mean, std = self.model.encoder(heard[:, None])
        nats = self.model.divergence(mean, std)
        wanted = heard
        if "brightness" in config.attributes:
            wanted = self._tilted(heard, seeds)
            pitch = None
            if "pitch" in config.attributes:
                pitch = mean[:, config.attributes.index("pitch")][:, None]
            measured = self.model.encoder.measured(wanted[:, None], pitch)
            mean = torch.cat([measured, mean[:, len(config.attributes) :]], 1)
        known = len(config.attributes) - 1
        noise = draw(mean, seeds)
        # The measured ones are exact: a wobbling pitch would only blur what is learned.
        noise[:, 1 : 1 + known] = 0.0
        latent = mean + std * noise
        rows = mean.shape[2] * config.rows_per_hop
        like = mean.new_empty(mean.shape[0], config.noise_inputs, rows)
        noise, decoder = draw(like, seeds, salt=1), self.model.decoder
        found: dict[str, Tensor] = {}
        cost = self.beta * warm * nats.clamp_min(self.free_nats).sum()
        if isinstance(decoder, TurnableDecoder):
            some = _half_of_each_group(mean.shape[0], len(seeds))
            sung = decoder.sing(latent[some].detach(), noise[some])[:, 0]
            found["sung"] = self.distance(sung, wanted[some])[0]
            cost = cost + SUNG_WEIGHT * found["sung"]
            played = decoder.play_wave(latent, noise)[:, 0]
        else:
            played = decoder(latent, noise)[:, 0]
        mel, phase = self.distance(played, wanted)
        return {
            "total": mel + self.phase_weight * phase + cost,
            "mel": mel.detach(),
            "phase": phase.detach(),
            "nats": nats.detach(),
            "played": played,
            "wanted": wanted,
        } | {name: value.detach() for name, value in found.items()}

    def _tilted(self, heard: Tensor, seeds: Sequence[int]) -> Tensor:
        """Return clips of which every second one went through a random tilt."""
        frames, rate = heard.shape[1], self.model.config.sample_rate_hz
        hz = torch.fft.rfftfreq(frames, 1 / rate, device=heard.device).clamp(*TILT_RANGE_HZ)
        amount = draw(heard[:, :1], seeds, salt=2).clamp(-1.5, 1.5) / 1.5
        amount[0::2] = 0.0
        gain_db = TILT_DB_PER_OCTAVE * amount * torch.log2(hz / TILT_CENTRE_HZ)
        tilted = torch.fft.irfft(torch.fft.rfft(heard) * 10 ** (gain_db / 20), n=frames)
        # As loud as before: a tilt of a rich sound must not leave the range of levels.
        as_loud: Tensor = tilted * (_rms(heard) / _rms(tilted))
        return as_loud


def _half_of_each_group(clips: int, groups: int) -> Tensor:
    """Return places in the middle of each group: tilted and not, sped up and not."""
    many = clips // groups
    inner = torch.arange(many // 4, many // 4 + (many + 1) // 2)
    return (many * torch.arange(groups)[:, None] + inner).flatten()


def _rms(x: Tensor) -> Tensor:
    return (x.square().mean(1, keepdim=True) + 1e-12).sqrt()


def draw(like: Tensor, seeds: Sequence[int], salt: int = 0) -> Tensor:
    """Return unit Gaussian numbers in the shape of `like`, group by group from `seeds`."""
    many = like.shape[0] // len(seeds)
    groups = []
    for seed in seeds:
        source = torch.Generator(device=like.device)
        source.manual_seed(4 * seed + salt)
        shape = (many, *like.shape[1:])
        groups.append(torch.randn(shape, generator=source, device=like.device, dtype=like.dtype))
    return torch.cat(groups)
