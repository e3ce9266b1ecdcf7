"""The peers of the bench make the same sound as the graphs, or timing them would mean nothing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray

from rtvae.model.admit import admit
from rtvae.model.card import read_card
from rtvae.model.live import LiveModel
from rtvae.model.ort import OrtModel
from rtvae.spec import GRAPH_SIZES, LatencyCertificate, LatentSpec, ModelCard
from rtvae.training import gate
from rtvae.training.graphs import decoder_graph, encoder_graph
from rtvae.training.peers import (
    eager_model,
    one_thread,
    plain_conv_model,
    scripted_model,
    scripted_rows_model,
)
from rtvae.training.random_model import write_random_model
from rtvae.training.shape import VaeConfig
from rtvae.training.vae import Vae
from tests.support.small_vae import SMALL, SMALL_INSTRUMENT, SMALL_PERCUSSION, SMALL_VOICE

pytestmark = pytest.mark.usefixtures("alone")
HOPS = 120
PEERS = [plain_conv_model, scripted_model]


@pytest.fixture
def alone() -> Iterator[None]:
    """As in the bench; two threads would only wait for each other over a few rows."""
    with one_thread():
        yield


def card(model: Vae) -> ModelCard:
    config = model.config
    latents = tuple(LatentSpec(f"d{k}", -1.0, 1.0) for k in range(config.latents))
    nothing = LatencyCertificate(0, 0, 0.0, 0.0, 0.0, 0)
    return ModelCard("m", "m", "", config.sample_rate_hz, config.hop_frames, latents, nothing)


def shipped(model: Vae, folder: Path) -> OrtModel:
    states = []
    for part in (encoder_graph, decoder_graph):
        for hops in GRAPH_SIZES:
            graph, found = part(model, hops)
            onnx.save_model(graph, folder / f"{graph.graph.name}-{hops}.onnx")
        states.append(found)
    return OrtModel(
        folder, replace(card(model), encoder_states=states[0], decoder_states=states[1])
    )


def play(model: LiveModel, sound: NDArray[np.float32], sizes: list[int]) -> list[torch.Tensor]:
    mean = np.empty((HOPS, model.latents), np.float32)
    std, audio = np.empty_like(mean), np.empty_like(sound)
    at = 0
    for size in sizes:
        rows = slice(at, at + size)
        frames = slice(at * model.hop_frames, (at + size) * model.hop_frames)
        model.encode(sound[frames], mean[rows], std[rows])
        model.decode(mean[rows], audio[frames])
        at += size
    return [torch.from_numpy(values) for values in (mean, std, audio)]


@pytest.mark.parametrize("make", PEERS)
@pytest.mark.parametrize("sizes", [[1] * HOPS, [8] * (HOPS // 8), [1, 2, 4, 8, 15] * 4])
@pytest.mark.parametrize("edges_hz", [(), (4000.0, 10000.0)])
def test_a_peer_equals_the_shipped_graphs(
    edges_hz: tuple[float, ...],
    tmp_path: Path,
    make: Callable[[Vae, ModelCard], LiveModel],
    sizes: list[int],
) -> None:
    torch.manual_seed(3)
    small = Vae(replace(SMALL, edges_hz=edges_hz)).eval()
    with torch.no_grad():
        # Rotated latents add up their variances otherwise than one by one.
        small.encoder.spread.copy_(torch.rand(small.encoder.spread.shape))
        small.encoder.loudness_centre.fill_(-3.0)
        small.decoder.loudness_centre.fill_(-3.0)
        small.encoder.loudness_scale.fill_(1.7)
        small.decoder.loudness_scale.fill_(1.7)
    frames = HOPS * small.config.hop_frames
    sound = gate.test_sound(small.config.sample_rate_hz, small.config.hop_frames)[:frames]
    wanted = play(shipped(small, tmp_path), sound, sizes)
    made = play(make(small, card(small)), sound, sizes)
    for got, want in zip(made, wanted, strict=True):
        assert gate.relative_difference(got, want) <= gate.TOLERANCE


@pytest.mark.parametrize("make", [eager_model, scripted_rows_model])
@pytest.mark.parametrize("config", [SMALL, SMALL_PERCUSSION, SMALL_INSTRUMENT, SMALL_VOICE])
def test_any_model_has_peers_in_rows(
    config: VaeConfig, tmp_path: Path, make: Callable[[Vae, ModelCard], LiveModel]
) -> None:
    torch.manual_seed(3)
    model = Vae(config).eval()
    sound = gate.test_sound(config.sample_rate_hz, config.hop_frames)[: HOPS * config.hop_frames]
    sizes = [1, 2, 4, 8, 15] * 4
    wanted = play(shipped(model, tmp_path), sound, sizes)
    peer = make(model, card(model))
    for got, want in zip(play(peer, sound, sizes), wanted, strict=True):
        assert gate.relative_difference(got, want) <= gate.TOLERANCE
    peer.reset()
    for got, want in zip(play(peer, sound, [15] * 8), wanted, strict=True):
        assert gate.relative_difference(got, want) <= gate.TOLERANCE


def test_a_model_with_random_weights_is_admitted_and_always_the_same(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_random_model(tmp_path / name, replace(SMALL, hop_frames=128))
    admitted = admit(tmp_path / "first")
    assert (admitted.card.hop_frames, admitted.card.latent_count) == (128, SMALL.latents)
    files = [read_card(tmp_path / name).files["decoder-1.onnx"] for name in ("first", "second")]
    assert files[0] == files[1]


@pytest.mark.parametrize("make", PEERS)
def test_reset_returns_a_peer_to_silence(
    small: Vae, make: Callable[[Vae, ModelCard], LiveModel]
) -> None:
    peer = make(small, card(small))
    sound = gate.test_sound(48_000, small.config.hop_frames)[: HOPS * small.config.hop_frames]
    first = play(peer, sound, [8] * (HOPS // 8))
    again = play(peer, sound, [8] * (HOPS // 8))
    peer.reset()
    fresh = play(peer, sound, [8] * (HOPS // 8))
    assert not torch.equal(first[2], again[2])
    assert torch.equal(first[2], fresh[2])


def test_torch_gets_its_threads_back() -> None:
    before = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
