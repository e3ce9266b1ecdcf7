"""First runs are slow: every graph size of a model is run on faint noise before it plays."""

import numpy as np

from rtvae.model.live import LiveModel


def warm_up(model: LiveModel, blocks: int) -> None:
    """Run a model of kind "vae" `blocks` times in each of its card's graph sizes, then reset it."""
    random = np.random.default_rng(0)
    for size in model.card.graph_sizes:
        audio = 0.01 * random.standard_normal(size * model.hop_frames, np.float32)
        mean = np.zeros((size, model.latents), np.float32)
        std = np.zeros_like(mean)
        for _ in range(blocks):
            model.encode(audio, mean, std)
            model.decode(mean, audio.copy())
    model.reset()
