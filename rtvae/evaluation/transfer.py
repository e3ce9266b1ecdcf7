"""Timbre transfer: does a model of another sound follow the player, and did the timbre move?

Pitch and loudness of the output are held against those of the input, aligned by the latency that
the model's card states and by nothing else. The timbre is the long-term spectrum without its
level: how far it went from the input, and how near it came to recordings of the target.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rtvae.evaluation.frames import Track
from rtvae.evaluation.pitch import PitchMatch
from rtvae.evaluation.recording import Row
from rtvae.evaluation.timbre import spectrum_distance_db

PITCH_LIMIT_CENTS = 50.0
LOUDNESS_LIMIT = 0.9


@dataclass(frozen=True)
class Bar:
    """One demand: its words, what was measured, and whether that is good enough."""

    name: str
    value: float | None
    limit: float
    met: bool


@dataclass(frozen=True)
class Transfer:
    """Whether the player is followed, and where the timbre went. Distances in dB per mel band.

    `loudness_correlation` is the mean over the recordings; `moved_db` the distance of each
    output's long-term spectrum from its input's, `log_mel_db` that of their log-mel spectra,
    both as means. The rest needs target recordings: how far the average input and the average
    output are from the average target, and how far a target recording is from it.
    """

    loudness_correlation: float | None
    log_mel_db: float
    moved_db: float | None
    input_from_target_db: float | None
    output_from_target_db: float | None
    target_spread_db: float | None
    bars: tuple[Bar, ...]


def judge(
    rows: Sequence[Row],
    pitch: PitchMatch | None,
    heard: Sequence[Track],
    answered: Sequence[Track],
    target: Sequence[Track],
) -> Transfer:
    """Judge a folder: its rows, its pitch over all frames, and long-term spectra.

    `heard` and `answered` pair input with output; `target` may be empty.
    """
    followed = [row.loudness.correlation for row in rows if row.loudness.correlation is not None]
    loudness = float(np.mean(followed)) if followed else None
    moved = [spectrum_distance_db(a, b) for a, b in zip(heard, answered, strict=True)]
    before = after = spread = None
    if heard and target:
        centre = np.mean(target, axis=0)
        before = spectrum_distance_db(np.mean(heard, axis=0), centre)
        after = spectrum_distance_db(np.mean(answered, axis=0), centre)
        spread = float(np.mean([spectrum_distance_db(each, centre) for each in target]))
    cents = pitch.error_cents if pitch else None
    bars = [
        Bar(
            f"median pitch error under {PITCH_LIMIT_CENTS:g} cents",
            cents,
            PITCH_LIMIT_CENTS,
            cents is not None and cents < PITCH_LIMIT_CENTS,
        ),
        Bar(
            f"loudness correlation over {LOUDNESS_LIMIT:g}",
            loudness,
            LOUDNESS_LIMIT,
            loudness is not None and loudness > LOUDNESS_LIMIT,
        ),
    ]
    if before is not None and after is not None:
        bars.append(
            Bar("timbre nearer to the target than the input", after, before, after < before)
        )
    return Transfer(
        loudness,
        float(np.mean([row.log_mel_db for row in rows])),
        float(np.mean(moved)) if moved else None,
        before,
        after,
        spread,
        tuple(bars),
    )
