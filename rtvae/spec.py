"""The facts that every part agrees on: a stream's shape and a model's card, as frozen data.

Audio at the edges is float32, C-contiguous `(frames, channels)`. Inside graphs it is `[frames]`
for audio (mono) and `[T, columns]` for everything else, T counted in hops. Nothing guesses a
layout from a shape.
"""

from dataclasses import dataclass, field
from typing import Any

CARD_FORMAT = 1
MAX_LATENTS = 128
GRAPH_SIZES = (1, 2, 4, 8)
ATTRIBUTES = ("loudness", "brightness", "pitch")


@dataclass(frozen=True)
class StreamSpec:
    """What an open audio stream delivers.

    `block_size` is the usual number of frames per block; 0 means that any number may come.
    `device_latency_frames` is the round trip of the device as the driver reports it.
    """

    sample_rate_hz: int
    block_size: int
    input_channels: int
    output_channels: int
    device_latency_frames: int = 0


@dataclass(frozen=True)
class LatentSpec:
    """One playable latent dimension: its name on the knob and the range its card promises.

    `attribute` is "loudness", "brightness" or "pitch" where the dimension is that by measure (12
    dB, an octave of rms frequency and an octave to the unit), else "".
    """

    name: str
    low: float
    high: float
    attribute: str = ""


@dataclass(frozen=True)
class StateSpec:
    """One streaming state of a graph: float32 `[rows, columns]`, zero at the start.

    The graph takes it as input `NAME` and returns `NAME.next`, a float32 `[>= rows, columns]`
    window whose last `rows` rows are the next state.
    """

    name: str
    rows: int
    columns: int


@dataclass(frozen=True)
class LatencyCertificate:
    """What the export measured, in frames at the model's rate.

    `delay_frames` is how far the wet sound lies behind the input within the stream (what the dry
    path must be delayed by); `algorithmic_frames` adds the one hop that must be collected first.
    """

    delay_frames: int
    algorithmic_frames: int
    onset_frames: float
    impulse_frames: float
    jitter_frames: float
    receptive_field_frames: int


@dataclass(frozen=True)
class ModelCard:
    """The content of `model.toml`, validated. `kind` is "vae" or "stateless".

    A "vae" has encoder-T.onnx and decoder-T.onnx for every T in `graph_sizes` (in hops) and
    their states; a "stateless" autoencoder has autoencoder.onnx over a fixed window of
    `window_frames`, played by overlap-add every `hop_frames`, and no latents.
    `files` maps each file name to its sha256 in hex.
    """

    name: str
    title: str
    licence: str
    sample_rate_hz: int
    hop_frames: int
    latents: tuple[LatentSpec, ...]
    latency: LatencyCertificate
    kind: str = "vae"
    description: str = ""
    graph_sizes: tuple[int, ...] = GRAPH_SIZES
    encoder_states: tuple[StateSpec, ...] = ()
    decoder_states: tuple[StateSpec, ...] = ()
    window_frames: int = 0
    parameters: int = 0
    multiply_adds_per_second: int = 0
    tolerance: float = 2e-5
    files: dict[str, str] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    quality: dict[str, Any] = field(default_factory=dict)

    @property
    def latent_count(self) -> int:
        """Number of playable dimensions."""
        return len(self.latents)

    @property
    def attributes(self) -> tuple[str, ...]:
        """Each dimension's attribute, "" where it has none."""
        return tuple(latent.attribute for latent in self.latents)
