"""A stateless autoencoder plays like any model: exact after the delay it reports."""

from pathlib import Path

import numpy as np
import pytest

from rtvae.model.load import load_model
from tests.support.allocation import assert_no_net_allocation
from tests.support.toy_model import make_stateless_graph, make_stateless_model


@pytest.mark.parametrize("hops", [1, 3, 80])
def test_an_identity_autoencoder_reconstructs_after_the_delay(tmp_path: Path, hops: int) -> None:
    model = load_model(make_stateless_model(tmp_path / "window", 512))
    assert (model.hop_frames, model.latents, model.delay_frames) == (256, 0, 256)
    frames = hops * 256
    audio = np.random.default_rng(0).uniform(-1, 1, 4 * frames).astype(np.float32)
    out, none = np.empty_like(audio), np.empty((hops, 0), np.float32)
    for at in range(0, audio.size, frames):
        model.encode(audio[at : at + frames], none, none)
        model.decode(none, out[at : at + frames])
    np.testing.assert_allclose(out[256:], audio[:-256], atol=1e-6)


def test_a_bare_onnx_file_plays_with_half_a_window_of_overlap(tmp_path: Path) -> None:
    model = load_model(make_stateless_graph(tmp_path / "my model.onnx", 128))
    assert (model.hop_frames, model.delay_frames) == (64, 64)
    assert model.card.sample_rate_hz == 48_000
    assert model.card.name == "my_model"


def test_reset_forgets_the_past(tmp_path: Path) -> None:
    model = load_model(make_stateless_model(tmp_path / "window", 128))
    none, out = np.empty((1, 0), np.float32), np.empty(64, np.float32)
    model.encode(np.ones(64, np.float32), none, none)
    model.decode(none, out)
    model.reset()
    for _ in range(3):
        model.encode(np.zeros(64, np.float32), none, none)
        model.decode(none, out)
        assert not out.any()


def test_no_allocation_stays(tmp_path: Path) -> None:
    model = load_model(make_stateless_model(tmp_path / "window", 128))
    audio, none = np.ones(128, np.float32), np.empty((2, 0), np.float32)
    out = np.empty_like(audio)

    def block() -> None:
        model.encode(audio, none, none)
        model.decode(none, out)

    assert_no_net_allocation(block)
