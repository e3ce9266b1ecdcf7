"""The published shapes of models, by name; the first is what `rtvae train` takes by itself."""

from rtvae.training.shape import HEARD_PITCH, VaeConfig

EDGES_HZ = (3700.0, 7400.0, 10400.0, 15500.0, 20500.0)
"""Where recordings end: telephone, 16 and 22.05 kHz sampling, lossy codecs, 44.1 kHz sampling."""

PRESETS: dict[str, VaeConfig] = {
    # High fidelity: the latents carry the waveform, half as many numbers as samples.
    "transform": VaeConfig(latents=32, edges_hz=EDGES_HZ),
    # One pitched voice or instrument: an oscillator under the pitch knob.
    "instrument": VaeConfig(
        edges_hz=EDGES_HZ, attributes=("loudness", "brightness", "pitch"), source="harmonic"
    ),
    # One pitched voice, kept as it is until its pitch is turned; sines from there on.
    "voice": VaeConfig(
        edges_hz=EDGES_HZ,
        attributes=("loudness", "brightness", "pitch", HEARD_PITCH),
        source="both",
    ),
    # Drums and other sounds without one pitch.
    "percussion": VaeConfig(edges_hz=EDGES_HZ, attributes=("loudness", "brightness")),
}
