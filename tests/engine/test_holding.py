"""Which models can play on from held latents, and how they come back to live ones."""

import numpy as np
import pytest

from rtvae.engine.holding import RETURN_MS, Hold, sounds_when_held
from rtvae.model.identity import IdentityModel
from rtvae.model.live import LiveModel
from tests.support.fake_model import ScriptedModel
from tests.support.synth_model import SynthModel

RATE_HZ, HOP = 48_000, 64


class Silent(SynthModel):
    """Says nothing, whatever it is given."""

    def decode(self, latent: np.ndarray, audio: np.ndarray) -> None:
        audio.fill(0.0)


@pytest.mark.parametrize(
    ("model", "sounds"),
    [
        (SynthModel(), True),
        (SynthModel(hop=256), True),
        (IdentityModel(HOP, latents=HOP), False),
        (IdentityModel(HOP), False),
        (Silent(), False),
    ],
)
def test_what_sounds_by_itself_can_be_held_and_a_drawn_waveform_cannot(
    model: LiveModel, sounds: bool
) -> None:
    assert sounds_when_held(model, RATE_HZ) is sounds


def test_trying_it_leaves_the_model_as_it_was() -> None:
    model = ScriptedModel(latents=4)
    sounds_when_held(model, RATE_HZ)
    assert model.resets >= 1
    synth, fresh = SynthModel(), SynthModel()
    sounds_when_held(synth, RATE_HZ)
    rows, audio, again = (
        np.ones((2, 3), np.float32),
        np.empty(2 * HOP, "f4"),
        np.empty(2 * HOP, "f4"),
    )
    synth.decode(rows, audio)
    fresh.decode(rows, again)
    assert np.array_equal(audio, again)


def test_held_latents_stay_and_live_ones_take_over_within_40_ms() -> None:
    hold = Hold(2, HOP, RATE_HZ)
    mean, std = np.full((4, 2), 1.0, np.float32), np.full((4, 2), 0.1, np.float32)
    mean[-1] = 2.0
    hold.follow(mean, std)
    held, spread = np.empty((3, 2), np.float32), np.empty((3, 2), np.float32)
    for _ in range(5):
        hold.fill(held, spread)
        assert (held == 2.0).all()
        assert (spread == std[-1]).all()
    rows = round(RETURN_MS * 1e-3 * RATE_HZ / HOP)
    live = np.full((rows + 5, 2), -1.0, np.float32)
    hold.follow(live, np.zeros_like(live))
    assert (live[rows:] == -1.0).all()
    assert np.abs(np.diff(live[:, 0], prepend=2.0)).max() < 1.2 * 3.0 / rows


def test_latents_that_are_no_numbers_are_not_held() -> None:
    hold = Hold(2, HOP, RATE_HZ)
    broken = np.full((1, 2), np.nan, np.float32)
    hold.follow(broken, broken)
    mean, std = np.ones((2, 2), np.float32), np.ones((2, 2), np.float32)
    hold.fill(mean, std)
    assert not mean.any()
