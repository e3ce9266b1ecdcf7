"""A peer that sounds otherwise is not timed."""

from dataclasses import replace

import numpy as np
import pytest

from rtvae.bench.agreement import check_agreement, relative_difference, through
from rtvae.bench.sound import sound
from rtvae.errors import ModelError
from rtvae.model.identity import IdentityModel
from rtvae.model.live import Floats
from rtvae.spec import LatentSpec


class Louder(IdentityModel):
    """Plays everything, or only its first hops, a little louder."""

    def __init__(self, gain: float, hops: int | None = None) -> None:
        super().__init__(64, 2)
        self._gain, self._hops, self._played = np.float32(gain), hops, 0

    def reset(self) -> None:
        self._played = 0

    def decode(self, latent: Floats, audio: Floats) -> None:
        super().decode(latent, audio)
        if self._hops is None or self._played < self._hops:
            audio *= self._gain
        self._played += latent.shape[0]


def test_the_difference_is_relative_to_rms_and_to_peak() -> None:
    wanted = np.array([1.0, -1.0, 1.0, -1.0], np.float32)
    assert relative_difference(wanted, wanted) == 0.0
    assert relative_difference(2 * wanted, wanted) == pytest.approx(1.0)
    click = np.array([1.0, -1.0, 1.0, -0.9], np.float32)
    assert relative_difference(click, wanted) == pytest.approx(0.1, rel=1e-5)


def test_a_model_is_played_in_steps_from_silence() -> None:
    tune = sound(0.1, 48_000)
    for hops in (1, 2, 8):
        whole = tune.shape[0] // (64 * hops) * 64 * hops
        np.testing.assert_array_equal(through(IdentityModel(64, 2), tune, hops), tune[:whole])


def test_a_peer_within_the_tolerance_passes_and_one_beyond_is_refused() -> None:
    ours, tune = IdentityModel(64, 2), sound(0.1, 48_000)
    assert check_agreement(Louder(1 + 1e-5), ours, tune, 1, "a peer") == pytest.approx(
        1e-5, rel=0.1
    )
    with pytest.raises(ModelError, match="a peer"):
        check_agreement(Louder(1 + 1e-4), ours, tune, 1, "a peer")


def test_a_model_that_hears_pitch_may_round_a_cent_the_other_way() -> None:
    ours, tune = IdentityModel(64, 2), sound(0.1, 48_000)
    latents = (LatentSpec("pitch", -1.0, 1.0, "pitch"), LatentSpec("timbre 1", -1.0, 1.0))
    ours.card = replace(ours.card, latents=latents)
    check_agreement(Louder(1.01), ours, tune, 1, "a peer")
    with pytest.raises(ModelError):
        check_agreement(Louder(1.1), ours, tune, 1, "a peer")


def test_only_what_follows_the_receptive_field_is_compared() -> None:
    ours, tune = IdentityModel(64, 2), sound(0.1, 48_000)
    ours.card = replace(ours.card, latency=replace(ours.card.latency, receptive_field_frames=640))
    assert check_agreement(Louder(2.0, hops=10), ours, tune, 1, "a peer") == 0.0
    with pytest.raises(ModelError):
        check_agreement(Louder(2.0, hops=11), ours, tune, 1, "a peer")
