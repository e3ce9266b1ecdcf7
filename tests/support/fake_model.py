"""Models that misbehave on cue, for everything that must survive them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rtvae.model.identity import IdentityModel

Audio = NDArray[np.float32]


class ScriptedModel(IdentityModel):
    """The identity, but `spoil(hop number, audio)` may change or break each decoded hop.

    Hops count up from 0 in one life of the model; `resets` counts how often it was reset.
    `poisoned` models a state that holds NaN: until the next reset everything is NaN.
    """

    def __init__(
        self,
        hop: int = 64,
        spoil: Callable[[int, Audio], None] = lambda hop, audio: None,
        *,
        gain: float = 1.0,
        delay_frames: int = 0,
        latents: int = 0,
    ) -> None:
        super().__init__(hop, latents)
        self.delay_frames = delay_frames
        self.resets = 0
        self.hops = 0
        self.poisoned = False
        self._spoil, self._gain = spoil, np.float32(gain)
        self._late = np.zeros(delay_frames, np.float32)

    def reset(self) -> None:
        self.resets += 1
        self.poisoned = False
        self._late[:] = 0.0

    def decode(self, latent: Audio, audio: Audio) -> None:
        super().decode(latent, audio)
        if self.delay_frames:
            joined = np.concatenate([self._late, audio])
            audio[:] = joined[: audio.shape[0]]
            self._late = joined[audio.shape[0] :]
        audio *= self._gain
        for hop in audio.reshape(-1, self.hop_frames):
            self.hops += 1
            self._spoil(self.hops - 1, hop)
        if self.poisoned:
            audio.fill(np.nan)
