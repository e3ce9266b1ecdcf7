"""The model itself: it never looks ahead, hears all levels alike, and rotates without loss."""

import numpy as np
import torch

from rtvae.training import gate
from rtvae.training.graphs import receptive_field_frames
from rtvae.training.pca import latent_means, rotate
from rtvae.training.vae import Vae


def _sound(seconds: float = 0.5) -> torch.Tensor:
    frames = int(48000 * seconds) // 64 * 64
    return torch.from_numpy(gate.test_sound(48000, 64))[:frames]


@torch.no_grad()
def test_the_future_never_changes_what_was_played(trained: Vae) -> None:
    sound = _sound(0.3)
    other = sound.clone()
    cut = 100 * 64
    other[cut:] = torch.randn(sound.shape[0] - cut) * 0.2
    first, second = (gate.whole_sequence(trained, x)[2] for x in (sound, other))
    assert torch.equal(first[:cut], second[:cut])
    assert not torch.allclose(first[cut:], second[cut:], atol=1e-3)


@torch.no_grad()
def test_sound_older_than_the_receptive_field_is_forgotten(small: Vae) -> None:
    reach = receptive_field_frames(small)
    sound = _sound(0.3)
    # The level remembers its own 32 hops beside the convolutions.
    reach += 32 * 64
    other = sound.clone()
    other[:64] = 0.3
    first, second = (gate.whole_sequence(small, x)[2] for x in (sound, other))
    assert float((first[64 + reach :] - second[64 + reach :]).abs().max()) < 1e-6
    assert float((first[:reach] - second[:reach]).abs().max()) > 1e-4


@torch.no_grad()
def test_a_quiet_player_sounds_like_a_loud_one(trained: Vae) -> None:
    sound = _sound()
    loud = gate.whole_sequence(trained, sound)[2]
    quiet = gate.whole_sequence(trained, sound * 0.01)[2] * 100
    apart = (loud - quiet).square().mean().sqrt() / loud.square().mean().sqrt()
    assert float(apart) < 0.05


@torch.no_grad()
def test_rotated_latents_play_the_same_sound_and_have_unit_deviation(trained: Vae) -> None:
    random = np.random.default_rng(5)
    clips = torch.stack([_sound() * float(random.uniform(0.3, 1.0)) for _ in range(4)])
    means = latent_means(trained, clips)
    turned = rotate(trained, means)
    start = 64 * 64
    before = trained.decoder(trained.encoder(clips[:, None])[0])[:, 0, start:]
    after = turned.decoder(turned.encoder(clips[:, None])[0])[:, 0, start:]
    assert gate.relative_difference(after, before) < 1e-3
    rows = latent_means(turned, clips)[:, 1:]
    awake = rows.std(0) > 0.99
    assert awake[:4].all()
    assert rows.std(0).max() < 1.001, "asleep, a dimension stays small"
    np.testing.assert_allclose(np.corrcoef(rows[:, awake].T), np.eye(awake.sum()), atol=1e-3)


@torch.no_grad()
def test_the_loudness_latent_is_a_volume_control(trained: Vae) -> None:
    mean, _ = trained.encoder(_sound()[None, None])
    louder = mean.clone()
    louder[:, 0] += 0.5
    played, raised = trained.decoder(mean), trained.decoder(louder)
    gain_db = 20 * torch.log10(raised.square().mean().sqrt() / played.square().mean().sqrt())
    assert abs(float(gain_db) - 6.0) < 0.1
