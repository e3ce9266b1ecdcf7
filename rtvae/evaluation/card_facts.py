"""What is measured of a model for its card: how near it comes, and what its latents mean."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rtvae.evaluation.attributes import measure_attributes
from rtvae.evaluation.figures import by_folder, means
from rtvae.evaluation.folder import evaluate_folder, excerpts
from rtvae.evaluation.frames import Floats
from rtvae.evaluation.knobs import knob_facts, named_knob_effects
from rtvae.evaluation.latents import LatentStatistics, LatentSums
from rtvae.evaluation.pitch import PitchTracker
from rtvae.model.live import LiveModel
from rtvae.model.offline import take


def facts_of_test(
    model: LiveModel,
    folder: Path,
    tracker: PitchTracker | None = None,
    say: Callable[[str], None] = lambda sentence: None,
) -> dict[str, Any]:
    """Return facts for the card's [quality], measured on a folder of test recordings.

    `test_log_mel_db`, the same with `_FOLDER` for every subfolder, `test_loudness_correlation`,
    `test_pitch_error_cents` (over all voiced frames together), and `attribute_facts` of a minute
    out of them. `say` hears of files left out. Raises CorpusError and ModelError.
    """
    evaluation = evaluate_folder(model, folder, tracker, say=say)
    found = means(evaluation.rows)
    numbers = {"test_log_mel_db": found["log_mel_db"]}
    for name, rows in by_folder(evaluation.rows).items():
        numbers[f"test_log_mel_db_{name}"] = means(rows)["log_mel_db"]
    numbers["test_loudness_correlation"] = found["loudness.correlation"]
    numbers["test_pitch_error_cents"] = evaluation.pitch.error_cents if evaluation.pitch else None
    facts = {name: round(value, 2) for name, value in numbers.items() if value is not None}
    sounds = excerpts(folder, evaluation.rows, model.card.sample_rate_hz)
    return facts | attribute_facts(model, sounds, tracker)


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
