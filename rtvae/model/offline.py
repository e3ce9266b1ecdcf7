"""Play a whole sound through a live model outside any stream: for measuring, never on stage."""

import numpy as np

from rtvae.model.live import Floats, LiveModel


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
