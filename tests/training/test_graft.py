"""A larger model starts out playing like the smaller one it came from."""

from dataclasses import replace

import pytest
import torch

from rtvae.errors import UsageError
from rtvae.training.checkpoint import Checkpoint
from rtvae.training.graft import graft
from rtvae.training.shape import VaeConfig
from rtvae.training.vae import Vae
from tests.support.small_vae import SMALL, SMALL_INSTRUMENT, SMALL_PERCUSSION, SMALL_VOICE


def _saved(model: Vae) -> Checkpoint:
    return Checkpoint(model.config, model.state_dict())


def test_more_latents_change_nothing_at_first() -> None:
    torch.manual_seed(1)
    small, large = Vae(SMALL).eval(), Vae(replace(SMALL, latents=9)).eval()
    large.load_state_dict(graft(_saved(small), large))
    sound = 0.1 * torch.randn(1, 1, 64 * 60)
    with torch.no_grad():
        wanted, played = (m.decoder(m.encoder(sound)[0]) for m in (small, large))
    torch.testing.assert_close(played, wanted, rtol=1e-4, atol=1e-6)


def test_more_latents_change_nothing_in_a_turnable_voice_either() -> None:
    torch.manual_seed(1)
    small, large = Vae(SMALL_VOICE).eval(), Vae(replace(SMALL_VOICE, latents=9)).eval()
    large.load_state_dict(graft(_saved(small), large))
    sound = 0.1 * torch.randn(1, 1, 64 * 60)
    with torch.no_grad():
        for octaves in (0.0, 1.0):
            played = []
            for model in (small, large):
                mean, _ = model.encoder(sound)
                mean[:, 2] += octaves
                played.append(model.decoder(mean))
            torch.testing.assert_close(played[1], played[0], rtol=1e-4, atol=1e-6)


def test_a_smaller_model_is_refused() -> None:
    with pytest.raises(UsageError, match="does not fit"):
        graft(_saved(Vae(SMALL)), Vae(replace(SMALL, decoder_channels=10)))


@pytest.mark.parametrize("other", [SMALL, SMALL_PERCUSSION])
def test_a_model_with_other_knobs_is_refused_though_its_layers_would_fit(other: VaeConfig) -> None:
    larger = replace(other, latents=9)
    with pytest.raises(UsageError, match="another kind"):
        graft(_saved(Vae(SMALL_INSTRUMENT)), Vae(larger))
