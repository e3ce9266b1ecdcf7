"""Singing: spoken sentences whose pitch is made to follow a melody, and whose vowels are held."""

from __future__ import annotations

from collections.abc import Callable
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt
import soxr

from corpus import human, speech
from corpus.music import MODES
from corpus.noises import slow_curve
from corpus.part import SAMPLE_RATE_HZ, Part
from corpus.psola import HOP_S, Pitch, resynthesise, track
from corpus.sentences import sentence

Signal = npt.NDArray[np.float64]


def melody(generator: np.random.Generator, pitch: Pitch, centre_hz: float) -> tuple[Signal, Signal]:
    """Where to read and at what pitch, each HOP_S: vowels held, notes with vibrato and slides."""
    voiced = np.convolve(pitch.is_voiced, np.ones(5) / 5, mode="same") > 0.5
    slower = float(generator.uniform(1.2, 3.2))
    pace = np.where(voiced, slower, 1.0)
    pace = np.convolve(np.pad(pace, 4, mode="edge"), np.ones(9) / 9, mode="valid")
    ends = np.cumsum(pace) * HOP_S
    size = int(ends[-1] / HOP_S)
    times_s = np.interp(np.arange(size) * HOP_S, ends, np.arange(ends.size) * HOP_S)
    sounding = voiced[np.minimum(voiced.size - 1, (times_s / HOP_S).astype(np.int64))]
    tonic, mode = generator.uniform(-6, 6), MODES[int(generator.integers(len(MODES)))]
    ladder = [12 * octave + step for octave in (-1, 0, 1) for step in mode]
    place = len(mode) + int(generator.integers(len(mode) // 2 + 1))
    keys = np.zeros(size)
    beat_s = generator.uniform(0.25, 0.8)
    starts = [0, *(np.flatnonzero(np.diff(sounding.astype(int)) > 0) + 1)]
    vibrato = np.zeros(size)
    depth = float(generator.uniform(0.1, 0.7)) if generator.random() < 0.8 else 0.0
    for first, after in zip(starts, [*starts[1:], size], strict=True):
        while first < after:  # a long syllable has several notes
            length = int(beat_s * float(generator.choice([0.5, 1, 1, 2])) / HOP_S)
            stop = after if after - first < 1.5 * length else first + length
            place = int(np.clip(place + round(generator.normal(0, 2)), 0, len(ladder) - 1))
            place += int(ladder[place] < -9) - int(ladder[place] > 14)
            keys[first:stop] = ladder[place]
            rise = np.clip(
                (np.arange(stop - first) * HOP_S - generator.uniform(0.1, 0.4)) / 0.3, 0, 1
            )
            vibrato[first:stop] = depth * rise
            first = stop
    slide = max(3, int(generator.uniform(0.04, 0.16) / HOP_S))
    shape = np.hanning(slide + 2)
    keys = np.convolve(np.pad(keys, slide, mode="edge"), shape / shape.sum(), mode="same")
    keys = keys[slide : slide + size]
    turns = np.cumsum(generator.uniform(4.5, 6.5) * HOP_S * np.ones(size))
    drift = 0.3 * (slow_curve(generator, size, 800) - 0.5)
    semitones = tonic + keys + vibrato * np.sin(2 * np.pi * turns) + drift
    return times_s, np.asarray(centre_hz * 2 ** (semitones / 12), dtype=np.float64)


def sing(generator: np.random.Generator, spoken: Signal, rate_hz: int) -> Signal:
    """A sentence as a song at the same rate; empty when nothing in it is voiced."""
    pitch = track(spoken, rate_hz)
    if pitch.is_voiced.sum() < 20:
        return np.zeros(0)
    usual_hz = rate_hz / float(np.median(pitch.period_frames[pitch.is_voiced]))
    centre_hz = usual_hz * 2 ** float(generator.uniform(-0.05, 0.5))
    times_s, hertz = melody(generator, pitch, centre_hz)
    return resynthesise(spoken, rate_hz, pitch, times_s, np.clip(hertz, 60, 1000))


def sources(split: str) -> list[str]:
    """The speakers of the split, those of flite and festival more often than espeak-ng's."""
    synthetic = speech.sources(split)
    recorded = [name for name in human.sources(split) for _ in range(3)]
    return [f"human {name}" for name in recorded] + [
        f"espeak {name}" for name in synthetic[: len(recorded) // 2]
    ]


def render(parts: list[Part]) -> list[Signal]:
    """Each part sung, mono at 48 kHz, exactly `part.frames` long."""
    return [_song(part) for part in parts]


def _song(part: Part) -> Signal:
    generator = part.generator()
    family, _, name = part.source.partition(" ")
    say: Callable[[], tuple[Signal, int]] = _espeak(generator, name)
    if family == "human":
        say = _human(generator, name)
    pieces = [np.zeros(int(generator.uniform(0, 0.3) * SAMPLE_RATE_HZ))]
    total = pieces[0].size
    while total < part.frames:
        spoken, rate_hz = say()
        sung = sing(generator, spoken, rate_hz)
        if sung.size and generator.random() < 0.5:
            sung, rate_hz = speech.unfold(sung, generator.uniform(0.05, 0.25)), 2 * rate_hz
        sung = soxr.resample(sung, rate_hz, SAMPLE_RATE_HZ) if sung.size else np.zeros(0)
        pause = np.zeros(int(generator.uniform(0.1, 0.8) * SAMPLE_RATE_HZ))
        pieces += [sung / max(1e-9, np.abs(sung).max(initial=0)), pause]
        total += sung.size + pause.size
    signal = np.concatenate(pieces)[: part.frames]
    swell = 10 ** (-12 * slow_curve(generator, signal.size, 0.7) / 20)
    return np.asarray(signal * swell, dtype=np.float64)


def _human(generator: np.random.Generator, name: str) -> Callable[[], tuple[Signal, int]]:
    voice = human.VOICES[name]
    return lambda: human.say(voice, sentence(generator, voice.language), stretch=1.0)


def _espeak(generator: np.random.Generator, name: str) -> Callable[[], tuple[Signal, int]]:
    language = name.split("+")[0]
    pitch = int(generator.integers(25, 75))

    def say() -> tuple[Signal, int]:
        text = escape(sentence(generator, language))
        spoken = speech.utterance(name, text, pitch=pitch, words_per_minute=130)
        return spoken, speech.ESPEAK_RATE_HZ

    return say
