"""A model whose knobs do exactly what they say: a harmonic tone with three latents."""

import numpy as np

from rtvae.model.live import Floats, ranges_of
from rtvae.model.space import Space
from rtvae.spec import LatencyCertificate, LatentSpec, ModelCard

BASE_HZ = 220.0
DB_PER_UNIT = 12.0
CENTS_PER_UNIT = 300.0
HARMONICS = 12
SMOOTHING_S = 0.02


class SynthModel:
    """Listens to loudness alone: latent 0 is the level in units of 12 dB, over 20 ms.

    Latent 1 tilts the harmonics towards the treble at equal power, latent 2 raises the pitch by
    300 cents to the unit. `names` are those of the latents in the card.
    """

    def __init__(
        self, hop: int = 64, names: tuple[str, ...] = ("loudness", "brightness", "pitch")
    ) -> None:
        self.card = ModelCard(
            name="synth",
            title="Synth",
            licence="CC0-1.0",
            sample_rate_hz=48_000,
            hop_frames=hop,
            latents=tuple(LatentSpec(name, -4.0, 4.0) for name in names),
            latency=LatencyCertificate(0, hop, 0.0, 0.0, 0.0, 0),
        )
        self.hop_frames, self.latents, self.delay_frames = hop, len(names), 0
        self.attributes, self.ranges = self.card.attributes, ranges_of(self.card)
        self.space: Space | None = None
        self._pull = hop / (SMOOTHING_S * self.card.sample_rate_hz)
        self._phase = self._power = 0.0

    def reset(self) -> None:
        self._phase = self._power = 0.0

    def encode(self, audio: Floats, mean: Floats, std: Floats) -> None:
        power = np.mean(audio.reshape(-1, self.hop_frames).astype(np.float64) ** 2, axis=1)
        mean[:] = 0.0
        for k, now in enumerate(power):
            self._power += self._pull * (now - self._power)
            mean[k, 0] = 10.0 * np.log10(self._power + 1e-12) / DB_PER_UNIT
        std[:] = 0.1

    def decode(self, latent: Floats, audio: Floats) -> None:
        rows = np.repeat(latent.astype(np.float64), self.hop_frames, axis=0)
        hz = BASE_HZ * 2.0 ** (rows[:, 2] * CENTS_PER_UNIT / 1200.0)
        phase = self._phase + 2 * np.pi * np.cumsum(hz) / self.card.sample_rate_hz
        self._phase = float(phase[-1] % (2 * np.pi))
        numbers = np.arange(1, HARMONICS + 1)
        weights = numbers ** (rows[:, 1:2] - 2.0)
        weights /= np.sqrt(np.sum(weights**2, axis=1, keepdims=True) / 2.0)
        level = 10.0 ** (rows[:, 0] * DB_PER_UNIT / 20.0)
        audio[:] = level * np.sum(weights * np.sin(phase[:, None] * numbers), axis=1)
