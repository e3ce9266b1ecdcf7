"""A player is the engine without its device."""

import numpy as np
import pytest

from rtvae.bench.player import Player
from rtvae.bench.sound import sound
from rtvae.errors import ModelError
from rtvae.model.identity import IdentityModel
from rtvae.model.live import Floats


class Listener(IdentityModel):
    """Keeps what it hears and what its latents were bent to."""

    def __init__(self) -> None:
        super().__init__(64, latents=4)
        self.heard: list[Floats] = []
        self.bent: list[Floats] = []

    def encode(self, audio: Floats, mean: Floats, std: Floats) -> None:
        super().encode(audio, mean, std)
        self.heard.append(audio.copy())

    def decode(self, latent: Floats, audio: Floats) -> None:
        super().decode(latent, audio)
        self.bent.append(latent.copy())


def play(player: Player, blocks: int) -> None:
    for _ in range(blocks):
        player.prepare()
        player.play()


def test_the_sound_goes_round_and_round_block_by_block() -> None:
    model = Listener()
    tune = np.linspace(-0.5, 0.5, 3 * 64 + 10, dtype=np.float32)
    player = Player(model, 64, tune)
    model.heard.clear()
    play(player, 7)
    wanted = np.concatenate([tune[: 3 * 64]] * 3)[: 7 * 64]
    np.testing.assert_array_equal(np.concatenate(model.heard), wanted)


def test_the_parts_are_those_of_the_last_block() -> None:
    player = Player(IdentityModel(64, 4), 64, sound(0.1, 48_000))
    play(player, 3)
    encoder_s, control_s, decoder_s = player.parts_s()
    assert min(encoder_s, control_s, decoder_s) > 0.0


def test_knobs_rest_or_move_as_asked() -> None:
    for move in (False, True):
        model = Listener()
        player = Player(model, 64, sound(0.1, 48_000), knobs_move=move)
        model.heard.clear()
        model.bent.clear()
        play(player, 40)
        offsets = np.concatenate(model.bent) - np.stack([a[:4] for a in model.heard])
        assert bool(np.abs(offsets).max() > 1e-3) is move


def test_figures_of_a_model_that_failed_are_refused() -> None:
    class Broken(IdentityModel):
        failing = False

        def decode(self, latent: Floats, audio: Floats) -> None:
            super().decode(latent, audio)
            if self.failing:
                audio[0] = np.nan

    model = Broken(64)
    player = Player(model, 64, sound(0.1, 48_000))
    play(player, 5)
    player.check()
    model.failing = True
    play(player, 1)
    with pytest.raises(ModelError, match="rtvae verify"):
        player.check()


def test_the_test_sound_never_rests_and_stays_below_full_scale() -> None:
    tune = sound(1.0, 48_000)
    assert np.abs(tune).max() < 0.9
    assert np.sqrt((tune.reshape(-1, 480) ** 2).mean(1)).min() > 0.01
    np.testing.assert_array_equal(tune, sound(1.0, 48_000))
