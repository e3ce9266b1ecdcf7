"""Agreement: whether two executors of a model are equal, on its golden sample and on noise.

Rounding differs between them, in the order of sums. Equal means: within 2e-5 of the sound's level
(its rms), and within 2e-5 of a latent's unit or, where they are larger, of the latents' level.
"""

from collections.abc import Iterable, Iterator
from itertools import cycle

import numpy as np

from rtvae.model.live import Floats, LiveModel

TOLERANCE = 2e-5
SILENT = 1e-6
LATENT_UNIT = 1.0
NOISE_HOPS = 16
NOISE_LEVEL = 0.1
RAGGED = (3, 8, 1, 2, 5)

Played = tuple[Floats, Floats, Floats]


def disagreement(model: LiveModel, reference: LiveModel, audio: Floats) -> str:
    """Return "" if two models are equal on a sound and on noise, however it is cut into hops.

    `audio` is float32 `(hops * hop,)`. Otherwise half a sentence that says by how much they
    differ. Both are left reset.
    """
    hop = model.hop_frames
    random = np.random.default_rng(0)
    noise = NOISE_LEVEL * random.standard_normal(NOISE_HOPS * hop, np.float32)
    heard = np.concatenate([audio[: audio.size // hop * hop], noise])
    for sizes in (*((size,) for size in model.card.graph_sizes), RAGGED):
        steps = [*_steps(heard.size // hop, sizes)]
        wanted = played(reference, heard, steps)
        made = played(model, heard, steps, wanted[0])
        for name, unit, x, y in zip(
            ("mean", "std", "sound"), (LATENT_UNIT, LATENT_UNIT, SILENT), made, wanted, strict=True
        ):
            error = difference(x, y, unit)
            if not error <= TOLERANCE:
                cut = "-".join(map(str, sizes))
                return f"its {name} differs by {error:.1e} of its level in steps of {cut}"
    return ""


def difference(made: Floats, wanted: Floats, unit: float = SILENT) -> float:
    """Return the largest difference over the rms of what is wanted, or over `unit` if larger."""
    level = float(np.sqrt(np.mean(np.square(wanted, dtype=np.float64)))) if wanted.size else 0.0
    return float(np.abs(made - wanted).max(initial=0.0)) / max(level, unit)


def played(
    model: LiveModel, audio: Floats, steps: Iterable[int], latent: Floats | None = None
) -> Played:
    """Play a sound from reset in steps of some hops; decode `latent`, or what was encoded.

    Returns mean, std and sound; the model is left reset.
    """
    hop = model.hop_frames
    hops = audio.size // hop
    mean = np.empty((hops, model.latents), np.float32)
    std, sound = np.empty_like(mean), np.empty(hops * hop, np.float32)
    model.reset()
    at = 0
    for step in steps:
        rows, frames = slice(at, at + step), slice(at * hop, (at + step) * hop)
        model.encode(audio[frames], mean[rows], std[rows])
        model.decode((mean if latent is None else latent)[rows], sound[frames])
        at += step
    model.reset()
    return mean, std, sound


def _steps(hops: int, sizes: tuple[int, ...]) -> Iterator[int]:
    for size in cycle(sizes):
        if hops <= 0:
            return
        yield min(size, hops)
        hops -= size
