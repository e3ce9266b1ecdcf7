"""IdentityModel: returns its input exactly. It proves everything around a model.

The first `latents` frames of each hop travel as the latents, the others beside them: at rest the
output equals the input sample for sample, and any bending of a latent can be heard and measured.
"""

import numpy as np

from rtvae.model.live import Floats, ranges_of
from rtvae.model.space import Space
from rtvae.spec import LatencyCertificate, LatentSpec, ModelCard

NO_DELAY = LatencyCertificate(0, 0, 0.0, 0.0, 0.0, 0)
FIRST_HOPS = 256


class IdentityModel:
    """A LiveModel without weights: `hop` frames a hop, 0 <= `latents` <= hop, no delay."""

    executor = "none"
    executor_note = ""
    space: Space | None = None

    def __init__(self, hop: int, latents: int = 0, sample_rate_hz: int = 48_000) -> None:
        self.card = ModelCard(
            name="identity",
            title="Identity",
            licence="CC0-1.0",
            sample_rate_hz=sample_rate_hz,
            hop_frames=hop,
            latents=tuple(LatentSpec(f"frame {k + 1}", -1.0, 1.0) for k in range(latents)),
            latency=NO_DELAY,
        )
        self.hop_frames = hop
        self.latents = latents
        self.delay_frames = 0
        self.attributes, self.ranges = self.card.attributes, ranges_of(self.card)
        self._beside = np.zeros((FIRST_HOPS, hop), np.float32)

    def reset(self) -> None:
        """Nothing to forget: there is no state."""

    def encode(self, audio: Floats, mean: Floats, std: Floats) -> None:
        """See LiveModel. Allocates only when more hops come at once than ever before."""
        hops = audio.reshape(-1, self.hop_frames)
        if hops.shape[0] > self._beside.shape[0]:
            self._beside = np.zeros_like(hops)
        self._beside[: hops.shape[0]] = hops
        mean[:] = hops[:, : self.latents]
        std[:] = 0.0

    def decode(self, latent: Floats, audio: Floats) -> None:
        """See LiveModel. Plays the hops of the last `encode`."""
        hops = audio.reshape(-1, self.hop_frames)
        hops[:] = self._beside[: hops.shape[0]]
        hops[:, : self.latents] = latent
