"""A larger model starts out playing like the smaller one it came from."""

from dataclasses import replace

import pytest
import torch

from rtvae.errors import UsageError
from rtvae.training.graft import graft
from rtvae.training.vae import Vae
from tests.support.small_vae import SMALL


def test_more_latents_change_nothing_at_first() -> None:
    torch.manual_seed(1)
    small, large = Vae(SMALL).eval(), Vae(replace(SMALL, latents=9)).eval()
    large.load_state_dict(graft(small.state_dict(), large))
    sound = 0.1 * torch.randn(1, 1, 64 * 60)
    with torch.no_grad():
        wanted, played = (m.decoder(m.encoder(sound)[0]) for m in (small, large))
    torch.testing.assert_close(played, wanted, rtol=1e-4, atol=1e-6)


def test_a_smaller_model_is_refused() -> None:
    with pytest.raises(UsageError, match="does not fit"):
        graft(Vae(SMALL).state_dict(), Vae(replace(SMALL, decoder_channels=10)))
