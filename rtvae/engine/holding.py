"""Holding: playing on from the last latents while the encoder rests.

It is worth hearing only where the decoder makes sound of its own, as one with oscillators or noise
does. A decoder that merely draws the waveform which the latents carry repeats the same hop for
ever: a buzz at the hop's rate, whatever was played. `sounds_when_held` tries it.
"""

import math

import numpy as np
from numpy.typing import NDArray

from rtvae.model.live import LiveModel

Audio = NDArray[np.float32]

RETURN_MS = 40.0
PROBE_HZ = 331.0  # not near a multiple of any usual hop's rate
PROBE_LEVEL = 0.2
PROBE_S = 0.25
SETTLE_S = 0.3
LISTEN_HOPS = 16
SAME_SHARE = 0.1
"""Hops are the same if their differences hold less than this share of their energy."""
_CHUNK_HOPS = 8


class Hold:
    """The held latents of one voice, and the way back from them to live ones."""

    def __init__(self, latents: int, hop_frames: int, sample_rate_hz: int) -> None:
        hops = max(1, round(RETURN_MS * 1e-3 * sample_rate_hz / hop_frames))
        self._rise = (np.arange(1, hops + 1, dtype=np.float32) / (hops + 1))[:, None]
        self._held = np.zeros((2, latents), np.float32)
        self._newest: tuple[Audio, Audio] = (self._held[:1], self._held[1:])
        self._holding = False
        self._returned = hops

    def fill(self, mean: Audio, std: Audio) -> None:
        """Repeat the last row that `follow` saw, float32 `(n, latents)`. Real-time safe."""
        if not self._holding:
            self._holding = True
            for held, newest in zip(self._held, self._newest, strict=True):
                held[:] = newest[-1]
            if not math.isfinite(float(self._held.sum())):
                self._held.fill(0.0)
        mean[:] = self._held[0]
        std[:] = self._held[1]

    def follow(self, mean: Audio, std: Audio) -> None:
        """Live latents, float32 `(n, latents)`, n >= 1, which stay where they are until the next
        call; after a hold they take over in 40 ms. Real-time safe.
        """
        if self._holding:
            self._holding = False
            self._returned = 0
        if self._returned < self._rise.shape[0]:
            rows = mean[: self._rise.shape[0] - self._returned]
            rows -= self._held[0]
            rows *= self._rise[self._returned : self._returned + rows.shape[0]]
            rows += self._held[0]
            self._returned += rows.shape[0]
        self._newest = (mean, std)


def sounds_when_held(model: LiveModel, sample_rate_hz: int) -> bool:
    """Play a tone into a model, hold its latents and listen; not on the audio thread.

    Leaves the model reset.
    """
    hop, rows = model.hop_frames, _CHUNK_HOPS
    if model.latents == 0:
        return False
    mean = np.zeros((rows, model.latents), np.float32)
    std, audio = np.zeros_like(mean), np.zeros(rows * hop, np.float32)
    model.reset()
    for start in range(0, round(PROBE_S * sample_rate_hz), rows * hop):
        phase = 2 * np.pi * PROBE_HZ * np.arange(start, start + rows * hop) / sample_rate_hz
        model.encode((PROBE_LEVEL * np.sin(phase)).astype(np.float32), mean, std)
        model.decode(mean, audio)
    mean[:] = mean[-1]
    heard = []
    for _ in range(0, round(SETTLE_S * sample_rate_hz) + LISTEN_HOPS * hop, rows * hop):
        model.decode(mean, audio)
        heard.append(audio.astype(np.float64))
    model.reset()
    hops = np.concatenate(heard).reshape(-1, hop)[-LISTEN_HOPS:]
    changing = float(np.sum(np.diff(hops, axis=0) ** 2)) / 2.0
    return changing > SAME_SHARE * float(np.sum(hops[1:] ** 2))
