"""A model folder with random weights: what a size costs can be measured before anybody trains it.

`BRAVE_SIZE` is our kind of network with the figures that Caspe et al. published for BRAVE
(Designing Neural Synthesizers for Low-Latency Interaction, 2025): 128 frames a hop and 4.2 million
weights, which make 8 million multiply-adds a hop.
"""

from pathlib import Path

import numpy as np
import onnx
import torch

from rtvae.model.card import CARD_FILE, GOLDEN_FILE, format_card
from rtvae.model.files import sha256_of
from rtvae.model.offline import play
from rtvae.model.ort import OrtModel
from rtvae.spec import GRAPH_SIZES, LatencyCertificate, LatentSpec, ModelCard
from rtvae.training import gate
from rtvae.training.checkpoint import Checkpoint, save_checkpoint
from rtvae.training.graphs import (
    decoder_graph,
    encoder_graph,
    multiply_adds_per_second,
    receptive_field_frames,
)
from rtvae.training.shape import VaeConfig
from rtvae.training.vae import Vae

BRAVE_SIZE = VaeConfig(hop_frames=128, row_channels=144, encoder_channels=240, decoder_channels=320)
GOLDEN_HOPS = 16


def write_random_model(folder: Path, config: VaeConfig) -> None:
    """Write a model that nobody should listen to, always the same one, into a new folder."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = Vae(config).eval().requires_grad_(False)
    folder.mkdir(parents=True)
    for hops in GRAPH_SIZES:
        encoder, encoder_states = encoder_graph(model, hops)
        decoder, decoder_states = decoder_graph(model, hops)
        onnx.save_model(encoder, folder / f"encoder-{hops}.onnx")
        onnx.save_model(decoder, folder / f"decoder-{hops}.onnx")
    field = receptive_field_frames(model)
    card = ModelCard(
        name=folder.name,
        title="Random weights",
        licence="CC0-1.0",
        description="Made to be measured, not to be heard.",
        sample_rate_hz=config.sample_rate_hz,
        hop_frames=config.hop_frames,
        latents=tuple(LatentSpec(f"latent {k + 1}", -3.0, 3.0) for k in range(config.latents)),
        latency=LatencyCertificate(0, config.hop_frames, 0.0, 0.0, 0.0, field),
        encoder_states=encoder_states,
        decoder_states=decoder_states,
        parameters=sum(p.numel() for p in model.parameters()),
        multiply_adds_per_second=multiply_adds_per_second(model),
    )
    _write_golden(OrtModel(folder, card), folder)
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    save_checkpoint(folder / "checkpoint.safetensors", Checkpoint(config, weights))
    files = {file.name: sha256_of(file) for file in sorted(folder.iterdir())}
    whole = ModelCard(**{**vars(card), "files": files})
    (folder / CARD_FILE).write_text(format_card(whole), encoding="utf-8")


def _write_golden(live: OrtModel, folder: Path) -> None:
    card = live.card
    audio = gate.test_sound(card.sample_rate_hz, card.hop_frames)[: GOLDEN_HOPS * card.hop_frames]
    mean = np.empty((GOLDEN_HOPS, card.latent_count), np.float32)
    std = np.empty_like(mean)
    live.reset()
    for k in range(GOLDEN_HOPS):
        frames = slice(k * card.hop_frames, (k + 1) * card.hop_frames)
        live.encode(audio[frames], mean[k : k + 1], std[k : k + 1])
    np.savez(folder / GOLDEN_FILE, audio=audio, mean=mean, latent=mean, output=play(live, audio))
