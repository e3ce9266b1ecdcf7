"""Models with every kind of layer, small enough for a test."""

from dataclasses import replace

from rtvae.training.shape import HEARD_PITCH, VaeConfig

SMALL = VaeConfig(
    latents=5,
    row_channels=12,
    encoder_channels=16,
    decoder_channels=20,
    noise_channels=6,
    row_dilations=(1, 3),
    encoder_dilations=(1, 3),
    decoder_dilations=(1, 3),
)
SMALL_PERCUSSION = replace(SMALL, edges_hz=(4000.0, 10000.0), attributes=("loudness", "brightness"))
SMALL_INSTRUMENT = replace(
    SMALL,
    edges_hz=(4000.0, 10000.0),
    attributes=("loudness", "brightness", "pitch"),
    source="harmonic",
)
SMALL_VOICE = replace(
    SMALL_INSTRUMENT,
    latents=7,
    attributes=("loudness", "brightness", "pitch", HEARD_PITCH),
    source="both",
)
