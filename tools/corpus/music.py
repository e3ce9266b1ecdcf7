"""Instruments: seeded scales, chords and melodies with living dynamics, played by a soundfont."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus import midi
from corpus.part import SAMPLE_RATE_HZ, Part

GAP_S = 1.0  # between phrases of one render, so that releases and reverb die away
PHRASE_CHANNEL = 0


@dataclass(frozen=True)
class Family:
    """General MIDI programmes that share a range (keys) and a way of playing."""

    name: str
    first: int
    last: int
    low_key: int
    high_key: int
    styles: tuple[str, ...]
    is_sustained: bool  # swells, vibrato and bends make sense
    test: int
    validation: int


_KEYS = ("chords", "arpeggio", "melody", "scale")
_WIND = ("melody", "melody", "scale", "long", "staccato", "trill", "arpeggio")
_PAD = ("chords", "long", "melody")
FAMILIES = (
    Family("piano", 0, 7, 30, 94, _KEYS, False, test=3, validation=5),
    Family("mallets", 8, 15, 48, 96, ("melody", "arpeggio", "staccato"), False, 8, 12),
    Family("organ", 16, 23, 36, 84, ("chords", "melody", "long"), True, 22, 18),
    Family("guitar", 24, 31, 40, 79, ("strum", "arpeggio", "melody", "scale"), False, 26, 28),
    Family("bass", 32, 39, 26, 55, ("melody", "staccato", "arpeggio", "scale"), False, 35, 34),
    Family("strings", 40, 47, 43, 86, (*_WIND, "chords"), True, 41, 43),
    Family("ensemble", 48, 55, 43, 84, _PAD, True, 53, 51),
    Family("brass", 56, 63, 43, 82, _WIND, True, 60, 57),
    Family("reed", 64, 71, 46, 84, _WIND, True, 66, 69),
    Family("pipe", 72, 79, 60, 96, _WIND, True, 75, 79),
    Family("lead", 80, 87, 40, 90, ("melody", "arpeggio", "scale", "long"), True, 85, 82),
    Family("pad", 88, 95, 36, 84, _PAD, True, 90, 92),
    Family("texture", 96, 103, 40, 84, _PAD, True, 97, 99),
    Family("folk", 104, 111, 45, 84, ("melody", "scale", "trill", "staccato"), False, 107, 106),
    Family("struck", 112, 119, 48, 84, ("melody", "staccato"), False, 114, 115),
    Family("effects", 120, 127, 48, 72, ("long", "staccato"), False, 126, 123),
)
# Instruments that players bring most often: saxophones, strings, guitars, flute, trumpet, choir.
WEIGHT = {
    0: 2, 24: 4, 25: 4, 26: 2, 27: 2, 40: 4, 41: 4, 42: 4, 52: 4, 53: 3, 54: 2, 56: 3,
    64: 3, 65: 5, 66: 5, 67: 4, 71: 2, 73: 4,
}  # fmt: skip
KEY_RANGE = {
    40: (55, 96), 41: (48, 84), 42: (36, 74), 43: (28, 60), 52: (43, 81), 53: (48, 81),
    56: (54, 84), 57: (40, 70), 58: (30, 58), 60: (41, 74), 64: (56, 87), 65: (49, 80),
    66: (44, 75), 67: (37, 68), 70: (34, 70), 71: (50, 88), 72: (74, 102), 73: (60, 96),
}  # fmt: skip
MODES = (
    (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10), (0, 2, 4, 7, 9),
    (0, 3, 5, 6, 7, 10), (0, 2, 3, 5, 7, 8, 11), tuple(range(12)),
)  # fmt: skip
CHORDS = ((0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 3, 7, 10), (0, 4, 7, 11), (0, 5, 7), (0, 7, 12))

Note = tuple[float, float, int, float]  # start in s, length in s, key, loudness 0..1


def sources(split: str) -> list[str]:
    """Programme names of a split, a favoured programme as often as its weight."""
    names: list[str] = []
    for family in FAMILIES:
        for number in range(family.first, family.last + 1):
            role = {family.test: "test", family.validation: "validation"}.get(number, "train")
            if role == split:
                names += [f"gm{number:03d}-{family.name}"] * WEIGHT.get(number, 1)
    return names


def phrase(
    generator: np.random.Generator, style: str, low: int, high: int, seconds: float
) -> list[Note]:
    """Notes of one phrase in `style`, with keys in low..high, that starts within 0.3 s."""
    beat_s = 60 / generator.uniform(60, 170)
    tonic = int(generator.integers(0, 12))
    mode = MODES[int(generator.integers(len(MODES)))]
    ladder = [key for key in range(low, high + 1) if (key - tonic) % 12 in mode]
    step = int(generator.integers(len(ladder)))
    direction = 1
    notes: list[Note] = []
    time_s = float(generator.uniform(0, 0.3))
    pulse_s = max(0.09, beat_s / int(generator.integers(1, 5)))
    while time_s < seconds - 0.15:
        loudness = 0.55 + 0.45 * np.sin(2 * np.pi * time_s / seconds + tonic) * generator.random()
        if style in ("chords", "strum"):
            root = int(generator.integers(low, max(low + 1, high - 14)))
            keys, length_s, spread_s = _chord(generator, style, root, beat_s)
            for position, key in enumerate(keys):
                start_s = time_s + position * spread_s
                notes.append((start_s, length_s * 0.95, min(high, key), loudness))
        else:
            length_s, move = _next_note(generator, style, direction, beat_s, pulse_s)
            if style == "trill":
                direction = -direction
            if not 0 <= step + move < len(ladder):
                direction, move = -direction, -move
            step = int(np.clip(step + move, 0, len(ladder) - 1))
            held = 0.35 if style == "staccato" else generator.uniform(0.85, 1.02)
            if style != "melody" or generator.random() > 0.1:
                notes.append((time_s, length_s * held, ladder[step], loudness))
        time_s += length_s
        if generator.random() < 0.04:
            time_s += beat_s
    return notes


def _chord(
    generator: np.random.Generator, style: str, root: int, beat_s: float
) -> tuple[list[int], float, float]:
    """Keys in the order they sound, length in s, time between two keys in s."""
    chord = CHORDS[int(generator.integers(len(CHORDS)))]
    length_s = beat_s * float(generator.choice([0.5, 1, 1, 2, 4]))
    spread_s = float(generator.uniform(0.008, 0.035)) if style == "strum" else 0.004
    shape = (*chord, *(interval + 12 for interval in chord)) if style == "strum" else chord
    order = shape[::-1] if generator.random() < 0.3 else shape
    return [root + interval for interval in order], length_s, spread_s


def _next_note(
    generator: np.random.Generator, style: str, direction: int, beat_s: float, pulse_s: float
) -> tuple[float, int]:
    """Length in s of the next note, and how many scale steps it is away."""
    if style in ("scale", "arpeggio"):
        return pulse_s, direction * (2 if style == "arpeggio" else 1)
    if style == "staccato":
        return pulse_s, int(generator.integers(-2, 3))
    if style == "long":
        return float(generator.uniform(1.2, 4.0)), int(generator.integers(-5, 6))
    if style == "trill":
        length_s = float(generator.uniform(0.07, 0.12))
        if generator.random() < 0.06:  # now and then a long note, and a new pair of keys
            return beat_s * 2, int(generator.integers(-4, 5))
        return length_s, direction
    length_s = beat_s * float(generator.choice([0.25, 0.5, 0.5, 1, 1, 1.5, 3]))
    return length_s, round(float(generator.normal(0, 2.2)))


def expression(
    generator: np.random.Generator, start_s: float, seconds: float, notes: list[Note]
) -> list[midi.Event]:
    """Swells (CC 11), vibrato (CC 1 and bend) and scoops into notes for a sustained instrument."""
    events: list[midi.Event] = []
    grid = np.arange(0, seconds, 0.03)
    if generator.random() < 0.7:
        knots = generator.uniform(35, 127, 2 + int(seconds * 1.2))
        curve = np.interp(grid, np.linspace(0, seconds, knots.size), knots)
        events += [
            midi.control(start_s + t, PHRASE_CHANNEL, 11, v)
            for t, v in zip(grid, curve, strict=True)
        ]
    if generator.random() < 0.4:
        events.append(midi.control(start_s, PHRASE_CHANNEL, 1, generator.uniform(10, 100)))
    semitones = np.zeros(grid.size)
    if generator.random() < 0.4:
        rate_hz, depth = generator.uniform(4.5, 6.5), generator.uniform(0.05, 0.45)
        semitones += depth * np.sin(2 * np.pi * rate_hz * grid)
    if generator.random() < 0.4:
        for note_s, _, _, _ in notes:
            if generator.random() < 0.4:
                since = grid - note_s
                scoop = np.where(since >= 0, np.exp(-np.maximum(since, 0) / 0.06), 0.0)
                semitones -= generator.uniform(0.4, 1.6) * scoop
    if semitones.any():
        events += [
            midi.bend(start_s + t, PHRASE_CHANNEL, v) for t, v in zip(grid, semitones, strict=True)
        ]
    return events


def _phrase_events(part: Part, start_s: float, *, reverb: bool) -> list[midi.Event]:
    generator = part.generator()
    number = int(part.source[2:5])
    family = FAMILIES[number // 8]
    low, high = KEY_RANGE.get(number, (family.low_key, family.high_key))
    if generator.random() < 0.5:  # half of the phrases stay in one register
        centre = int(generator.integers(low + 8, high - 7))
        low, high = max(low, centre - 9), min(high, centre + 9)
    style = str(generator.choice(family.styles))
    notes = phrase(generator, style, low, high, part.seconds)
    events = midi.reset(start_s, PHRASE_CHANNEL)
    events.append(midi.program(start_s, PHRASE_CHANNEL, number))
    send = generator.uniform(20, 110) if reverb else 0
    events.append(midi.control(start_s, PHRASE_CHANNEL, 91, send))
    events.append(midi.bend(start_s, PHRASE_CHANNEL, 0))
    if family.name == "piano" and generator.random() < 0.5:
        events.append(midi.control(start_s, PHRASE_CHANNEL, 64, 127))
    if family.is_sustained:
        events += expression(generator, start_s, part.seconds, notes)
    level = generator.uniform(50, 120)
    for note_s, length_s, key, loudness in notes:
        velocity = int(level * loudness + generator.normal(0, 6)) + 15
        events += midi.note(start_s + note_s, length_s, PHRASE_CHANNEL, key, velocity)
    stop_s = start_s + part.seconds + 0.1
    events += [midi.control(stop_s, PHRASE_CHANNEL, number, 0) for number in (64, 120)]
    return [event for event in events if event[0] <= stop_s]


def render(parts: list[Part]) -> list[npt.NDArray[np.float64]]:
    """All parts in one fluidsynth run, then cut apart; mono at 48 kHz, `part.frames` each."""
    reverb = bool(parts[0].generator().random() < 0.25)
    events: list[midi.Event] = []
    starts: list[float] = []
    now_s = 0.0
    for part in parts:
        starts.append(now_s)
        events += _phrase_events(part, now_s, reverb=reverb)
        now_s += part.seconds + GAP_S
    sound = midi.play(events, now_s, reverb=reverb)
    firsts = [round(start * SAMPLE_RATE_HZ) for start in starts]
    return [sound[first : first + part.frames] for first, part in zip(firsts, parts, strict=True)]
