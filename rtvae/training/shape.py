"""The shape of a model: what a checkpoint's metadata says and two models must share."""

from dataclasses import asdict, dataclass, replace
from typing import Any

LOG_LEVEL_RANGE = (-12.0, 3.0)
"""Natural log of the level that a decoder will play, whatever a knob asks for."""

LOW_BANDS = 24
"""Narrow bands of noise that a harmonic decoder has below 3 kHz."""

HEARD_PITCH = "pitch heard"
"""A measured latent beside "pitch", the same for as long as nobody turns one of the two."""


@dataclass(frozen=True)
class VaeConfig:
    """The shape of a model; two models with equal configs can exchange weights.

    `attributes` are the latents that are measured and not learned, the first ones; `source` says
    what the decoder makes sound from: "waveform" (the latents carry it), "harmonic" (sines at
    the multiples of the pitch latent), or "both" (the waveform until the pitch is turned away from
    HEARD_PITCH, sines from there on).
    """

    sample_rate_hz: int = 48000
    hop_frames: int = 64
    row_frames: int = 16
    latents: int = 16
    analysis_taps: int = 8
    synthesis_taps: int = 8
    row_channels: int = 64
    encoder_channels: int = 96
    decoder_channels: int = 128
    noise_channels: int = 32
    harmonics: int = 96
    edges_hz: tuple[float, ...] = ()
    attributes: tuple[str, ...] = ("loudness",)
    source: str = "waveform"
    row_dilations: tuple[int, ...] = (1, 3, 9)
    encoder_dilations: tuple[int, ...] = (1, 3, 9)
    decoder_dilations: tuple[int, ...] = (1, 3, 9, 27)

    @property
    def rows_per_hop(self) -> int:
        """How many analysis rows one latent spans."""
        return self.hop_frames // self.row_frames

    @property
    def learned(self) -> int:
        """How many latents the network learns."""
        return self.latents - len(self.attributes)

    @property
    def noise_inputs(self) -> int:
        """How many channels of noise the decoder is given in training."""
        if self.source == "both":
            return self.carrying.noise_inputs + self.singing.noise_inputs
        return self.noise_channels + (LOW_BANDS if self.source == "harmonic" else 0)

    @property
    def keeps_waveform(self) -> bool:
        """Whether the waveform itself comes out again as long as no latent is moved."""
        return self.source != "harmonic"

    @property
    def carrying(self) -> "VaeConfig":
        """The waveform side of a "both": every latent but the two pitches."""
        return replace(
            self,
            source="waveform",
            attributes=("loudness", "brightness"),
            latents=2 + self.learned,
        )

    @property
    def singing(self) -> "VaeConfig":
        """The harmonic side of a "both": steady features in place of the learned latents.

        It is half as wide and has fewer partials: what it shapes has no fast detail. Nor has it
        edges, as every partial and band of noise has a gain of its own.
        """
        return replace(
            self,
            source="harmonic",
            attributes=("loudness", "brightness", "pitch"),
            latents=3 + self.steady_features,
            edges_hz=(),
            harmonics=60,
            decoder_channels=self.steady_features,
            decoder_dilations=self.decoder_dilations[:3],
        )

    @property
    def steady_features(self) -> int:
        """How many features a "both" averages before it sings."""
        return self.decoder_channels // 2

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for a checkpoint's metadata."""
        return asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> "VaeConfig":
        """Undo `as_dict` (lists become tuples again)."""
        plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
        return VaeConfig(**plain)
