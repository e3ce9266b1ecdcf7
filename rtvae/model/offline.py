"""Play a whole sound through a live model outside any stream: for measuring, never on stage."""

from dataclasses import dataclass

import numpy as np

from rtvae.model.live import Floats, LiveModel

HOPS_AT_ONCE = 64


@dataclass(frozen=True)
class Take:
    """A sound played through a model and aligned by its delay.

    `output` is as long as the input and lies exactly under it. `mean` and `std`, float32
    `(hops, latents)`, are the posterior of every hop of the input, the last one begun included,
    before any bending.
    """

    output: Floats
    mean: Floats
    std: Floats


def play(live: LiveModel, sound: Floats) -> Floats:
    """Return what the model makes of mono `sound` `(frames,)`, one hop at a time from silence.

    The result is as long as the input; frames after the last whole hop stay zero. The model is
    reset before and after. The latents are the posterior means.
    """
    live.reset()
    hop = live.hop_frames
    out = np.zeros_like(sound)
    mean = np.empty((1, live.latents), np.float32)
    std = np.empty_like(mean)
    for at in range(0, sound.shape[0] - hop + 1, hop):
        live.encode(sound[at : at + hop], mean, std)
        live.decode(mean, out[at : at + hop])
    live.reset()
    return out


def take(live: LiveModel, sound: Floats, offset: Floats | None = None) -> Take:
    """Play mono `sound` `(frames,)` from silence, HOPS_AT_ONCE hops at a time, and align it.

    `offset` float32 `(latents,)` is added to the means before they are decoded, as a knob does.
    The model is reset before and after; silence follows the sound until all of it has come out.
    """
    hop = live.hop_frames
    frames = sound.shape[0]
    hops = -(-(frames + live.delay_frames) // hop)
    heard = np.zeros(hops * hop, np.float32)
    heard[:frames] = sound
    played = np.empty_like(heard)
    mean = np.empty((hops, live.latents), np.float32)
    std = np.empty_like(mean)
    live.reset()
    for at in range(0, hops, HOPS_AT_ONCE):
        rows = slice(at, min(at + HOPS_AT_ONCE, hops))
        audio = slice(rows.start * hop, rows.stop * hop)
        live.encode(heard[audio], mean[rows], std[rows])
        bent = mean[rows] if offset is None else mean[rows] + offset.astype(np.float32)
        live.decode(bent, played[audio])
    live.reset()
    begun = -(-frames // hop)
    return Take(played[live.delay_frames :][:frames], mean[:begun], std[:begun])
