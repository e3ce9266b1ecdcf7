"""What a knob does: recordings played with one latent moved, and how far each attribute follows.

The move is added between encoder and decoder, as the player's knob adds it, and every frame is
compared with the same frame played at rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rtvae.evaluation.attributes import Attributes, measure_attributes
from rtvae.evaluation.frames import Floats, Track
from rtvae.evaluation.loudness import SILENCE_DB
from rtvae.evaluation.pitch import PitchTracker
from rtvae.model.live import LiveModel
from rtvae.model.offline import take
from rtvae.spec import ATTRIBUTES, ModelCard

OFFSETS = (-1.0, -0.5, 0.0, 0.5, 1.0)
FEWEST_FRAMES = 10


@dataclass(frozen=True)
class KnobEffect:
    """What moving one latent does to the sound.

    `change` maps each of ATTRIBUTES to its change at each of `offsets` against rest: dB, octaves
    of the spectral centroid, cents. Loudness and brightness are means over the frames with sound
    in both, pitch is the median over the frames voiced in both, which a slip of the tracker by
    an octave does not move. `spread` is the standard deviation of the attribute within the
    recordings at rest: the yardstick for how much a change is. None where nothing was voiced.
    """

    dimension: int
    attribute: str
    offsets: tuple[float, ...]
    change: dict[str, tuple[float | None, ...]]
    spread: dict[str, float | None]

    def per_unit(self, attribute: str) -> float | None:
        """Return the change for one unit of the latent: the slope of the best straight line."""
        pairs = [
            (x, y)
            for x, y in zip(self.offsets, self.change[attribute], strict=True)
            if y is not None
        ]
        at, moved = np.array([x for x, _ in pairs]), np.array([y for _, y in pairs])
        if len(pairs) < 2 or not np.ptp(at):
            return None
        return float(np.polyfit(at, moved, 1)[0])

    def in_spreads(self, attribute: str) -> float | None:
        """Return the change for one unit in standard deviations of the attribute."""
        slope, spread = self.per_unit(attribute), self.spread[attribute]
        return None if slope is None or not spread else slope / spread

    def monotonic(self, attribute: str) -> bool:
        """Return whether the attribute rises, or falls, from every offset to the next."""
        order = np.argsort(self.offsets)
        moved = [self.change[attribute][k] for k in order]
        known = np.array([y for y in moved if y is not None])
        if known.size < len(moved) or known.size < 2:
            return False
        steps = np.diff(known)
        return bool((steps > 0.0).all() or (steps < 0.0).all())


def named_dimensions(card: ModelCard) -> dict[int, str]:
    """Return the dimensions, counted from 0, that the card calls an attribute, and which.

    Cards older than that field say it with the latent's name.
    """
    called = [spec.attribute or spec.name for spec in card.latents]
    return {k: name for k, name in enumerate(called) if name in ATTRIBUTES}


def knob_effects(
    model: LiveModel,
    sounds: Sequence[Floats],
    dimension: int,
    offsets: Sequence[float] = OFFSETS,
    tracker: PitchTracker | None = None,
    attribute: str = "",
) -> KnobEffect:
    """Measure what moving latent `dimension` (from 0) by each of `offsets` does to `sounds`.

    `sounds` are mono float32 `(frames,)` at the model's rate; each is played once per offset and
    once at rest. Without a `tracker` nothing is said of pitch. `attribute` only labels the
    result.
    """
    rate = model.card.sample_rate_hz
    gathered: list[dict[str, list[Track]]] = [{name: [] for name in ATTRIBUTES} for _ in offsets]
    at_rest: dict[str, list[Track]] = {name: [] for name in ATTRIBUTES}
    for sound in sounds:
        rest = measure_attributes(take(model, sound).output, rate, tracker)
        for name in ATTRIBUTES:
            at_rest[name].append(_heard(rest, name))
        for offset, gains in zip(offsets, gathered, strict=True):
            move = np.zeros(model.latents, np.float32)
            move[dimension] = offset
            moved = measure_attributes(take(model, sound, move).output, rate, tracker)
            for name in ATTRIBUTES:
                gains[name].append(_heard(moved, name) - _heard(rest, name))
    return KnobEffect(
        dimension,
        attribute,
        tuple(float(offset) for offset in offsets),
        {name: tuple(_typical(gains[name], name) for gains in gathered) for name in ATTRIBUTES},
        {name: _deviation(tracks) for name, tracks in at_rest.items()},
    )


def named_knob_effects(
    model: LiveModel, sounds: Sequence[Floats], tracker: PitchTracker | None = None
) -> list[KnobEffect]:
    """Return the effects of every dimension named after an attribute, in order."""
    return [
        knob_effects(model, sounds, dimension, tracker=tracker, attribute=attribute)
        for dimension, attribute in named_dimensions(model.card).items()
    ]


def knob_facts(effects: Iterable[KnobEffect]) -> dict[str, Mapping[str, object]]:
    """Return the effects for the card's [quality]: `knob_NAME = { ... }`, numbers rounded.

    `steps` are the changes of the knob's own attribute at `offsets`, `per_unit` what one unit
    moves of each attribute, `in_deviations` the same in standard deviations of the recordings.
    What could not be measured is left out.
    """
    facts: dict[str, Mapping[str, object]] = {}
    for effect in effects:
        own = [y for y in effect.change.get(effect.attribute, ()) if y is not None]
        per_unit = {name: effect.per_unit(name) for name in ATTRIBUTES}
        deviations = {name: effect.in_spreads(name) for name in ATTRIBUTES}
        facts[f"knob_{effect.attribute or effect.dimension + 1}"] = {
            "dimension": effect.dimension + 1,
            "monotonic": bool(effect.attribute) and effect.monotonic(effect.attribute),
            "offsets": list(effect.offsets),
            "steps": [round(y, 3) for y in own],
            "per_unit": {name: round(y, 3) for name, y in per_unit.items() if y is not None},
            "in_deviations": {name: round(y, 3) for name, y in deviations.items() if y is not None},
        }
    return facts


def _heard(attributes: Attributes, name: str) -> Track:
    track = attributes.named(name)
    return np.where(attributes.loudness > SILENCE_DB, track, np.nan)


def _typical(parts: list[Track], name: str) -> float | None:
    values = _known(parts)
    if values.size < FEWEST_FRAMES:
        return None
    return float(np.median(values) if name == "pitch" else np.mean(values))


def _deviation(parts: list[Track]) -> float | None:
    values = _known(parts)
    return float(np.std(values)) if values.size >= FEWEST_FRAMES else None


def _known(parts: list[Track]) -> Track:
    values = np.concatenate(parts) if parts else np.zeros(0)
    return values[np.isfinite(values)]
