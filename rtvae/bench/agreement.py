"""Agreement: a peer is only worth timing if it makes the same sound from the same sound."""

import numpy as np

from rtvae.errors import ModelError
from rtvae.model.live import Floats, LiveModel

TOLERANCE = 2e-5
PITCHED_TOLERANCE = 0.05
"""An oscillator takes the nearest cent of the pitch it is told; where two runtimes round one
latent to either side of the middle, their sines part by a cent for a hop, and stay apart a little.
"""


def relative_difference(made: Floats, wanted: Floats) -> float:
    """Return the larger of rms of the difference over rms and largest difference over peak."""
    apart, whole = made.astype(np.float64) - wanted, wanted.astype(np.float64)
    by_rms = np.sqrt(np.mean(apart**2)) / max(float(np.sqrt(np.mean(whole**2))), 1e-12)
    by_peak = np.abs(apart).max() / max(float(np.abs(whole).max()), 1e-12)
    return float(max(by_rms, by_peak))


def through(model: LiveModel, sound: Floats, hops: int) -> Floats:
    """Return what a model makes of a sound in steps of `hops` hops, from silence."""
    frames = hops * model.hop_frames
    whole = sound[: sound.shape[0] // frames * frames]
    out = np.empty_like(whole)
    mean = np.empty((hops, model.latents), np.float32)
    std = np.empty_like(mean)
    model.reset()
    for at in range(0, whole.shape[0], frames):
        model.encode(whole[at : at + frames], mean, std)
        model.decode(mean, out[at : at + frames])
    model.reset()
    return out


def check_agreement(peer: LiveModel, ours: LiveModel, sound: Floats, hops: int, what: str) -> float:
    """Return how far a peer's sound is from ours. Raises ModelError beyond `tolerance_of` ours.

    The sound is compared and not the latents: export turns those, and turns them back. It also
    moves what they rest at, so the first sounds out of silence differ: the comparison begins
    once nothing depends on them any more. `sound` must be longer than the receptive field.
    """
    settled = slice(ours.card.latency.receptive_field_frames, None)
    made, wanted = (through(model, sound, hops)[settled] for model in (peer, ours))
    apart = relative_difference(made, wanted)
    allowed = tolerance_of(ours)
    if not apart <= allowed:
        raise ModelError(
            f"The same weights as {what} sound otherwise than the model's graphs (by {apart:.1e} "
            f"relative, {allowed:.0e} is allowed); export the model again from its checkpoint."
        )
    return apart


def tolerance_of(model: LiveModel) -> float:
    """Return how far another runtime of a model may be from it."""
    hears_pitch = any(latent.attribute == "pitch" for latent in model.card.latents)
    return PITCHED_TOLERANCE if hears_pitch else TOLERANCE
