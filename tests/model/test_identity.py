"""The identity model returns its input exactly, and its latents can be heard."""

import numpy as np
import pytest

from rtvae.model.identity import IdentityModel


@pytest.mark.parametrize(("hop", "latents"), [(64, 0), (64, 4), (16, 16)])
@pytest.mark.parametrize("hops", [1, 5, 300])
def test_output_equals_input(hop: int, latents: int, hops: int) -> None:
    model = IdentityModel(hop, latents)
    audio = np.random.default_rng(0).standard_normal(hops * hop).astype(np.float32)
    mean = np.empty((hops, latents), np.float32)
    std = np.empty_like(mean)
    out = np.empty_like(audio)
    model.encode(audio, mean, std)
    model.decode(mean, out)
    np.testing.assert_array_equal(out, audio)
    assert model.delay_frames == 0


def test_a_bent_latent_is_heard() -> None:
    model = IdentityModel(64, 2)
    audio = np.zeros(64, np.float32)
    mean, out = np.empty((1, 2), np.float32), np.empty(64, np.float32)
    model.encode(audio, mean, np.empty_like(mean))
    model.decode(mean + 0.5, out)
    np.testing.assert_array_equal(np.flatnonzero(out), [0, 1])
