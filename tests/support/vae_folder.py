"""A model folder from torch: the graphs of a VAE with random weights, without an export."""

from pathlib import Path

import numpy as np
import onnx
import torch

from rtvae.spec import GRAPH_SIZES, LatencyCertificate, LatentSpec, ModelCard
from rtvae.training.graphs import decoder_graph, encoder_graph
from rtvae.training.vae import Vae, VaeConfig
from tests.support.toy_model import sign


def make_vae_folder(folder: Path, config: VaeConfig, seed: int = 0) -> ModelCard:
    """Write every graph of a network with random weights; return its card."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = Vae(config).eval()
    states = []
    for part in (encoder_graph, decoder_graph):
        for hops in GRAPH_SIZES:
            graph, found = part(model, hops)
            onnx.save_model(graph, folder / f"{graph.graph.name}-{hops}.onnx")
        states.append(found)
    card = ModelCard(
        name="random",
        title="Random",
        licence="CC0-1.0",
        sample_rate_hz=config.sample_rate_hz,
        hop_frames=config.hop_frames,
        latents=tuple(LatentSpec(f"d{k}", -1.0, 1.0) for k in range(config.latents)),
        latency=LatencyCertificate(0, config.hop_frames, 0.0, 0.0, 0.0, 0),
        encoder_states=states[0],
        decoder_states=states[1],
    )
    latent = np.zeros((1, config.latents), np.float32)
    audio = np.zeros(config.hop_frames, np.float32)
    np.savez(folder / "golden.npz", audio=audio, mean=latent, latent=latent, output=audio)
    sign(folder, card)
    return card
