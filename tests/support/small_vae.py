"""A model with every kind of layer, small enough for a test."""

from rtvae.training.vae import VaeConfig

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
