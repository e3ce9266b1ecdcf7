"""What is measured of the latents for a model's card: correlations, and what the knobs do."""

from collections.abc import Sequence
from typing import Any

from rtvae.evaluation.attributes import measure_attributes
from rtvae.evaluation.frames import Floats
from rtvae.evaluation.knobs import knob_facts, named_knob_effects
from rtvae.evaluation.latents import LatentStatistics, LatentSums
from rtvae.evaluation.pitch import PitchTracker
from rtvae.model.live import LiveModel
from rtvae.model.offline import take


def attribute_facts(
    model: LiveModel, sounds: Sequence[Floats], tracker: PitchTracker | None = None
) -> dict[str, Any]:
    """Return facts for the card's [quality], in values that TOML can hold.

    `correlation_with_loudness`, `..._brightness` and `..._pitch` list one number for every
    dimension, 0 for one that never moves; an attribute that never shows is left out. Then
    `knob_NAME` for every dimension named after an attribute, as `knob_facts`. `sounds` are mono
    float32 `(frames,)` at the model's rate: every one is played once, and six times more for
    each knob, so a minute in all is plenty.
    """
    correlations = {
        f"correlation_with_{name}": [round(value or 0.0, 3) for value in values]
        for name, values in latent_statistics(model, sounds, tracker).attributes.items()
        if any(value is not None for value in values)
    }
    return correlations | knob_facts(named_knob_effects(model, sounds, tracker))


def latent_statistics(
    model: LiveModel, sounds: Sequence[Floats], tracker: PitchTracker | None = None
) -> LatentStatistics:
    """Return the statistics of the posterior over `sounds`."""
    rate = model.card.sample_rate_hz
    sums = LatentSums(model.latents)
    for sound in sounds:
        taken = take(model, sound)
        attributes = measure_attributes(sound, rate, tracker)
        sums.add(taken.mean, taken.std, attributes, model.hop_frames, rate)
    return sums.result()
