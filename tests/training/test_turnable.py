"""A turnable decoder is a waveform's at rest, an oscillator's when turned, and never clicks."""

import numpy as np
import pytest
import torch

from rtvae.paths import models_dir
from rtvae.training import gate
from rtvae.training.checkpoint import load_checkpoint
from rtvae.training.pca import latent_means, rotate
from rtvae.training.shape import HEARD_PITCH
from rtvae.training.turnable import STEADY_HOPS, TurnableDecoder
from rtvae.training.vae import Vae
from tests.support.small_vae import SMALL_VOICE

PITCH = SMALL_VOICE.attributes.index("pitch")
HEARD = SMALL_VOICE.attributes.index(HEARD_PITCH)
RATE, HOP, HOPS = 48000, 64, 600


@pytest.fixture
def voice() -> Vae:
    torch.manual_seed(6)
    return Vae(SMALL_VOICE).eval()


@pytest.fixture
def decoder(voice: Vae) -> TurnableDecoder:
    assert isinstance(voice.decoder, TurnableDecoder)
    return voice.decoder


def _rippling(hz: float) -> torch.Tensor:
    """Latents of a tone of `hz`: all but the pitches swing with its own period."""
    time = torch.arange(HOPS) * HOP / RATE
    latent = torch.sin(2 * torch.pi * hz * time + torch.arange(SMALL_VOICE.latents)[:, None])[None]
    latent[:, PITCH] = latent[:, HEARD] = float(np.log2(hz / 220.0))
    return latent


@torch.no_grad()
def test_at_rest_the_waveform_alone_is_heard(voice: Vae, decoder: TurnableDecoder) -> None:
    sound = torch.from_numpy(gate.test_sound(RATE, HOP))
    mean, _ = voice.encoder(sound[None, None])
    assert torch.equal(mean[:, PITCH], mean[:, HEARD])
    assert not decoder.turned(mean).any()
    assert torch.equal(decoder(mean), decoder.play_wave(mean))


@torch.no_grad()
@pytest.mark.parametrize("octaves", [-1.0, -0.1, 0.1, 0.5, 1.0])
def test_turned_by_more_than_a_semitone_the_sines_alone_are_heard(
    decoder: TurnableDecoder, octaves: float
) -> None:
    latent = _rippling(150.0)
    latent[:, PITCH] += octaves
    assert (decoder.turned(latent) == 1.0).all()
    played, sung = decoder(latent)[..., HOP:], decoder.sing(latent)[..., HOP:]
    assert torch.equal(played, sung)


@torch.no_grad()
def test_between_the_two_each_has_its_share_and_more_when_turned_further(
    decoder: TurnableDecoder,
) -> None:
    cents = torch.arange(0.0, 120.0, 10.0)
    latent = torch.zeros(1, SMALL_VOICE.latents, len(cents))
    latent[0, PITCH] = cents / 1200
    share = decoder.turned(latent)[0, 0]
    assert share[1] == 0.0 and share[-1] == 1.0
    assert (share.diff() >= 0.0).all() and ((share > 0.0) & (share < 1.0)).sum() >= 5


@torch.no_grad()
def test_a_leap_of_the_knob_fades_over_a_hop(decoder: TurnableDecoder) -> None:
    latent = _rippling(150.0)
    latent[:, PITCH, 300:] += 1.0
    played = decoder(latent)[0, 0]
    wave, sung = decoder.play_wave(latent)[0, 0], decoder.sing(latent)[0, 0]
    at = 300 * HOP
    assert torch.equal(played[:at], wave[:at])
    assert torch.equal(played[at + HOP :], sung[at + HOP :])
    middle = at + HOP // 2 - 1
    torch.testing.assert_close(played[middle], 0.5 * (wave[middle] + sung[middle]))


@torch.no_grad()
@pytest.mark.parametrize("hz", [70.0, 110.0, 180.0])
def test_what_is_sung_does_not_know_the_period_of_what_was_heard(
    decoder: TurnableDecoder, hz: float
) -> None:
    steady = decoder._steady(_rippling(hz))[0, :, 3 * STEADY_HOPS :].double()
    ripple = steady - steady.mean(1, keepdim=True)
    # The mean of what swings is nearly still, and the pitch alone passes as it is.
    assert float(ripple.std(1).max()) < 0.02
    assert (steady[2] == float(np.float32(np.log2(hz / 220.0)))).all()


@torch.no_grad()
def test_rotated_latents_play_the_same_at_rest_and_turned(voice: Vae) -> None:
    random = np.random.default_rng(5)
    sound = torch.from_numpy(gate.test_sound(RATE, HOP))
    clips = torch.stack([sound * float(random.uniform(0.3, 1.0)) for _ in range(3)])
    turned = rotate(voice, latent_means(voice, clips))
    for octaves in (0.0, 0.5):
        played = []
        for model in (voice, turned):
            mean, _ = model.encoder(clips[:, None])
            mean[:, PITCH] += octaves
            played.append(model.decoder(mean)[..., 64 * HOP :])
        assert gate.relative_difference(played[1], played[0]) < 1e-3


@torch.no_grad()
@pytest.mark.parametrize("octaves", [-1.0, 1.0])
def test_a_sung_tone_is_heard_at_the_turned_pitch_and_not_at_its_own(
    voice: Vae, decoder: TurnableDecoder, octaves: float
) -> None:
    for gains in (decoder.sung.gains, decoder.sung.low_gains):
        assert gains.bias is not None
        gains.bias.fill_(-40.0)
    time = torch.arange(HOPS * HOP) / RATE
    tone = sum(torch.sin(2 * torch.pi * 150.0 * k * time + k) / k for k in range(1, 20))
    mean, _ = voice.encoder(0.1 * tone[None, None])
    mean[:, PITCH] += octaves
    played = decoder(mean)[0, 0, RATE // 5 : RATE // 5 + 24000]
    spectrum = torch.fft.rfft(played * torch.hann_window(24000)).abs() ** 2
    own = 150.0 * 2.0**octaves
    energy = [
        float(spectrum[int(hz / 2) - 4 : int(hz / 2) + 5].sum())
        for hz in (own, 2 * own, 3 * own, 0.5 * own, 1.5 * own, 2.5 * own)
    ]
    assert sum(energy[3:]) < 1e-4 * sum(energy[:3])


@torch.no_grad()
@pytest.mark.parametrize("hz", [110.0, 150.0, 220.0])
def test_the_bundled_voice_leaves_its_old_pitch_behind(hz: float) -> None:
    voice = load_checkpoint(models_dir() / "voice" / "checkpoint.safetensors").model().eval()
    time = torch.arange(HOPS * HOP) / RATE
    tone = sum(torch.sin(2 * torch.pi * hz * k * time + k) / k for k in range(1, 20))
    mean, _ = voice.encoder(0.1 * tone[None, None])
    mean[:, PITCH] += 1.0
    played = voice.decoder(mean)[0, 0, RATE // 5 : RATE // 5 + 24000]
    spectrum = torch.fft.rfft(played * torch.hann_window(24000)).abs() ** 2
    new, old = (
        sum(float(spectrum[int(k * hz / 2) - 4 : int(k * hz / 2) + 5].sum()) for k in multiples)
        for multiples in ((2, 4, 6), (1, 3, 5))
    )
    assert old < 0.05 * new, "13 dB below at least"
