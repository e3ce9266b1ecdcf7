"""A small space.npz's content made of random numbers: valid, stable, with a map of two kinds."""

from pathlib import Path

import numpy as np

from rtvae.model.card import read_card
from rtvae.model.space import SPACE_FILE, Chart, Space, Walk, write_space
from tests.support.toy_model import sign


def make_space(latents: int = 4, states: int = 3, points: int = 20, seed: int = 0) -> Space:
    random = np.random.default_rng(seed)

    def normal(*shape: int) -> np.ndarray:
        return random.standard_normal(shape).astype(np.float32)

    chain = random.uniform(0.1, 1.0, (states, states)).astype(np.float32)
    eye = np.eye(latents, dtype=np.float32)
    kinds = ("low", "high")
    places = random.uniform(0.0, 1.0, (points, 2)).astype(np.float32)
    return Space(
        mean=normal(latents),
        deviation=np.ones(latents, np.float32),
        least=np.full(latents, -4.0, np.float32),
        most=np.full(latents, 4.0, np.float32),
        whiten=(np.tril(normal(latents, latents)) + 2 * eye).T,
        radius=3.5,
        chart=Chart(
            places,
            normal(points, latents),
            np.full((points, latents), 0.5, np.float32),
            tuple(kinds[int(x > 0.5)] for x in places[:, 0]),
        ),
        walk=Walk(
            grid_hops=15,
            state_means=normal(states, latents),
            transitions=chain / chain.sum(1, keepdims=True),
            stay=0.9 * eye,
            stay_noise=0.1 * eye,
            stay_gains=np.ones((states, latents), np.float32),
            go=0.6 * eye,
            go_noise=0.3 * eye,
            go_gains=np.ones((states, latents), np.float32),
            motifs=0.3 * normal(states, 16, latents),
        ),
    )


def add_space(folder: Path, space: Space | None = None) -> Space:
    """Give a toy model's folder a space.npz; return what lies in it."""
    card = read_card(folder)
    space = space or make_space(card.latent_count)
    write_space(folder / SPACE_FILE, space)
    sign(folder, card)
    return space
