"""A solo line: notes one after another, slurred or not, and its curves of pitch and loudness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.music import MODES
from corpus.noises import slow_curve

Signal = npt.NDArray[np.float64]
CURVE_HZ = 250  # of pitch and loudness curves
BEND_SEMITONES = 12  # how far a sample may be bent, both ways together
FADE_S = 0.09  # of a sample whose note is over


@dataclass(frozen=True)
class Note:
    """Seconds from the start of the phrase; `slide_s` is how long the way from the last takes."""

    start_s: float
    length_s: float
    key: int
    is_slurred: bool
    slide_s: float


def line(generator: np.random.Generator, low: int, high: int, seconds: float) -> list[Note]:
    """Notes with keys in low..high that follow one another without gaps but for rests."""
    style = str(generator.choice(["song", "song", "song", "long", "runs", "short", "slides"]))
    tonic, mode = int(generator.integers(12)), MODES[int(generator.integers(len(MODES)))]
    ladder = [key for key in range(low, high + 1) if (key - tonic) % 12 in mode]
    step, direction = int(generator.integers(len(ladder))), 1
    beat_s = 60 / generator.uniform(50, 140)
    pulse_s = generator.uniform(0.1, 0.28)
    slur_share = {"song": 0.6, "long": 0.4, "runs": generator.choice([0.0, 0.8]), "short": 0.0}
    time_s = float(generator.uniform(0.02, 0.3))
    notes: list[Note] = []
    was_rest = True
    while time_s < seconds - 0.1:
        if style == "runs":
            length_s, move = pulse_s, direction
            if generator.random() < 0.07:
                length_s, move = beat_s * 2, int(generator.integers(-4, 5))
        elif style == "short":
            length_s, move = max(0.16, beat_s / 2), int(generator.integers(-3, 4))
        elif style == "long":
            length_s, move = float(generator.uniform(1.5, 5)), int(generator.integers(-5, 6))
        else:
            length_s = beat_s * float(generator.choice([0.5, 0.5, 1, 1, 1.5, 2, 3]))
            move = round(float(generator.normal(0, 2.4)))
        if not 0 <= step + move < len(ladder):
            direction, move = -direction, -move
        step = int(np.clip(step + move, 0, len(ladder) - 1))
        slurred = not was_rest and generator.random() < slur_share.get(style, 0.85)
        slide_s = float(generator.uniform(0.01, 0.06))
        if style == "slides" or generator.random() < 0.12:
            slide_s = float(generator.uniform(0.08, 0.4))
        held = generator.uniform(0.25, 0.6) if style == "short" else 1.0
        notes.append(Note(time_s, length_s * held, ladder[step], slurred, slide_s))
        time_s += length_s
        was_rest = generator.random() < 0.07
        time_s += float(generator.uniform(0.15, 0.8)) if was_rest else 0.0
    return notes


def bows(notes: list[Note]) -> list[list[Note]]:
    """Notes that share one sample: slurred ones within reach of its bend."""
    groups: list[list[Note]] = []
    for note in notes:
        near = groups and abs(note.key - groups[-1][0].key) <= BEND_SEMITONES / 2
        if note.is_slurred and near:
            groups[-1].append(note)
        else:
            groups.append([note])
    return groups


def pitch_curve(
    generator: np.random.Generator, bow: list[Note], vibrato: float, tuning: float
) -> Signal:
    """Semitones above the first key, CURVE_HZ a second: slides, vibrato, a little out of tune."""
    start_s = bow[0].start_s
    span_s = bow[-1].start_s + bow[-1].length_s - start_s + FADE_S
    time = np.arange(max(2, int(span_s * CURVE_HZ))) / CURVE_HZ
    curve = np.full(time.size, tuning + generator.normal(0, 0.05))
    if generator.random() < 0.2:  # found from below
        curve -= generator.uniform(0.2, 0.9) * np.exp(-time / generator.uniform(0.02, 0.06))
    depth = np.zeros(time.size)
    for before, note in zip([bow[0], *bow], bow, strict=False):
        since = time - (note.start_s - start_s)
        way = np.clip(since / note.slide_s + 0.5, 0, 1) if note is not bow[0] else 0.0 * time
        curve += (note.key - before.key) * way * way * (3 - 2 * way)
        set_in_s = generator.uniform(0.05, 0.45)
        rise = np.clip((since - set_in_s) / 0.3, 0, 1)
        inside = (since >= 0) & (since < note.length_s)
        depth = np.where(inside, vibrato * generator.uniform(0.4, 1.2) * rise, depth)
    rate_hz = generator.uniform(4.6, 6.6) * (1 + 0.08 * slow_curve(generator, time.size, 400))
    curve += depth * np.sin(2 * np.pi * np.cumsum(rate_hz) / CURVE_HZ + generator.uniform(0, 6))
    return np.asarray(curve + 0.06 * (slow_curve(generator, time.size, 600) - 0.5))


def loudness_curve(generator: np.random.Generator, notes: list[Note], seconds: float) -> Signal:
    """Decibels below full, CURVE_HZ a second: swells over the phrase, and on long notes."""
    size = int(seconds * CURVE_HZ) + 1
    time = np.arange(size) / CURVE_HZ
    knots = generator.uniform(-24, 0, max(2, int(seconds * generator.uniform(0.2, 0.9)) + 2))
    if generator.random() < 0.25:
        knots = np.full(2, generator.uniform(-6, 0))
    curve = np.interp(time, np.linspace(0, seconds, knots.size), knots)
    for note in notes:
        since = (time - note.start_s) / note.length_s
        inside = (since >= 0) & (since < 1)
        if note.length_s > 0.8 and generator.random() < 0.5:
            curve += np.where(inside, generator.uniform(-9, 6) * np.sin(np.pi * since) ** 2, 0)
        accent_db = generator.uniform(-3, 1)
        curve += np.where(inside, accent_db * np.exp(-since * note.length_s / 0.12), 0)
    return np.asarray(np.minimum(curve, 0), dtype=np.float64)
