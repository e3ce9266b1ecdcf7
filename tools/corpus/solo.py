"""Solo instruments: strictly one voice, with slurs, slides, vibrato that sets in, and dynamics.

A phrase is a line of notes. Slurred notes are one sample bent from key to key, so that they join
as under one bow or one breath; new bows start a new sample on the next of four channels, whose
predecessor fades. Loudness is drawn as one curve over the phrase, and louder is brighter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus import midi
from corpus.noises import coloured
from corpus.part import SAMPLE_RATE_HZ, Part
from corpus.solo_line import (
    BEND_SEMITONES,
    CURVE_HZ,
    FADE_S,
    Note,
    bows,
    line,
    loudness_curve,
    pitch_curve,
)

Signal = npt.NDArray[np.float64]
GAP_S = 1.0
CHANNELS = 4


@dataclass(frozen=True)
class Instrument:
    """One preset of a soundfont, its keys, and how it is sounded."""

    font: midi.Soundfont
    bank: int
    programme: int
    low_key: int
    high_key: int
    way: str  # bowed, blown or plucked


_RANGES = {
    40: (55, 96), 41: (48, 84), 42: (36, 76), 43: (28, 58), 110: (55, 88), 64: (56, 87),
    65: (49, 81), 66: (44, 76), 67: (37, 69), 24: (40, 79), 25: (40, 79), 26: (40, 79),
    27: (40, 79), 56: (54, 84), 60: (41, 74), 68: (58, 88), 71: (50, 88), 73: (60, 96),
}  # fmt: skip
_FONTS = {"fluid": midi.FLUID, "musescore": midi.MUSESCORE, "timgm": midi.TIMGM}


def instrument(source: str) -> Instrument:
    """The instrument of a source name `font-bank-programme`."""
    name, bank, number = source.split("-")
    programme = int(number)
    low_key, high_key = _RANGES[programme]
    way = "bowed" if programme in (40, 41, 42, 43, 110) else "blown"
    way = "plucked" if programme in (24, 25, 26, 27) else way
    return Instrument(_FONTS[name], int(bank), programme, low_key, high_key, way)


STRINGS = (
    ["fluid-0-40"] * 4 + ["fluid-8-40"] * 2 + ["fluid-0-110"] * 2 + ["musescore-0-40"] * 2
    + ["fluid-0-41"] * 3 + ["musescore-0-41"] * 2
    + ["fluid-0-42"] * 4 + ["musescore-0-42"] * 2
    + ["fluid-0-43"] * 2 + ["musescore-0-43"]
)  # fmt: skip
UNHEARD_STRINGS = ["timgm-0-40", "timgm-0-41", "timgm-0-42", "timgm-0-43"]
SOLOS = {  # no programme in two splits, whatever the soundfont
    "train": ["fluid-0-40"] * 3 + ["fluid-8-40", "musescore-0-40", "fluid-0-110"]
    + ["fluid-0-42"] * 2 + ["musescore-0-42", "fluid-0-64", "musescore-0-64"]
    + ["fluid-0-65"] * 3 + ["musescore-0-65", "fluid-0-67", "musescore-0-67"]
    + ["fluid-0-24"] * 3 + ["fluid-0-25"] * 3 + ["musescore-0-24", "musescore-0-25"]
    + ["fluid-0-27", "fluid-0-56", "fluid-0-71", "fluid-0-73"],
    "validation": ["fluid-0-43", "fluid-0-68"],
    "test": ["fluid-0-41", "fluid-0-66", "fluid-0-26"],
}  # fmt: skip


def string_sources(split: str) -> list[str]:
    """Bowed strings: the same instruments in every split, other phrases."""
    return STRINGS


def unheard_string_sources(split: str) -> list[str]:
    """Bowed strings of a soundfont that only the test split hears."""
    return UNHEARD_STRINGS if split == "test" else []


def sources(split: str) -> list[str]:
    """Strings, reeds, guitars, winds: programmes that no other split hears."""
    return SOLOS[split]


def _bend(time_s: float, channel: int, semitones: float) -> midi.Event:
    return midi.bend(time_s, channel, semitones * 2 / BEND_SEMITONES)


def _channel_start(time_s: float, channel: int, player: Instrument) -> list[midi.Event]:
    """Silence, preset, and a bend range of BEND_SEMITONES (registered parameter 0)."""
    events = midi.reset(time_s, channel)
    events.append(midi.control(time_s, channel, 0, player.bank))
    events.append(midi.program(time_s, channel, player.programme))
    for number, value in ((101, 0), (100, 0), (6, BEND_SEMITONES), (38, 0)):
        events.append(midi.control(time_s, channel, number, value))
    events.append(midi.control(time_s, channel, 91, 0))
    return events


def _events(
    generator: np.random.Generator, player: Instrument, notes: list[Note], start_s: float
) -> list[midi.Event]:
    events: list[midi.Event] = []
    for channel in range(CHANNELS):
        events += _channel_start(start_s - 0.2, channel, player)
    vibrato = generator.uniform(0.05, 0.45) if generator.random() < 0.75 else 0.0
    vibrato *= {"bowed": 1.0, "blown": 0.6, "plucked": 0.3}[player.way]
    velocity = generator.uniform(60, 110)
    tuning = float(generator.uniform(-0.3, 0.3)) if generator.random() < 0.3 else 0.0
    for number, bow in enumerate(bows(notes)):
        channel = number % CHANNELS
        on_s = start_s + bow[0].start_s
        off_s = start_s + bow[-1].start_s + bow[-1].length_s
        events.append(midi.control(on_s - 0.002, channel, 120, 0))
        events.append(midi.control(on_s - 0.002, channel, 11, 127))
        last = None
        for place, semitones in enumerate(pitch_curve(generator, bow, vibrato, tuning)):
            if last is None or abs(semitones - last) > 0.01:
                events.append(_bend(on_s - 0.001 + place / CURVE_HZ, channel, float(semitones)))
                last = semitones
        strength = int(np.clip(velocity + generator.normal(0, 9), 25, 127))
        events += midi.note(on_s, off_s - on_s, channel, bow[0].key, strength)
        fade_s = 0.35 if player.way == "plucked" else FADE_S
        for place in range(1, 13):
            level = 127 * (1 - place / 12) ** 1.5
            events.append(midi.control(off_s + place / 12 * fade_s, channel, 11, level))
    return events


def _shaped(
    generator: np.random.Generator, sound: Signal, player: Instrument, notes: list[Note]
) -> Signal:
    """Loudness over the phrase; the treble follows it; breath or bow noise in proportion."""
    if player.way == "plucked":
        return sound
    curve_db = loudness_curve(generator, notes, sound.size / SAMPLE_RATE_HZ)
    places = np.arange(sound.size) / SAMPLE_RATE_HZ * CURVE_HZ
    level_db = np.interp(places, np.arange(curve_db.size), curve_db)
    hertz = np.fft.rfftfreq(sound.size, 1 / SAMPLE_RATE_HZ)
    treble_share = 1 / (1 + (generator.uniform(1200, 3500) / np.maximum(hertz, 1)) ** 2)
    treble = np.fft.irfft(np.fft.rfft(sound) * treble_share, sound.size)
    slope = generator.uniform(0.1, 0.5)
    brighter = 10 ** ((slope * (level_db + 6)) / 20) - 1
    out = (sound + brighter * treble) * 10 ** (level_db / 20)
    block = 480
    power = np.add.reduceat(out**2, np.arange(0, out.size, block)) / block
    envelope = np.interp(np.arange(out.size), np.arange(power.size) * block, np.sqrt(power))
    hiss = np.fft.irfft(np.fft.rfft(coloured(generator, out.size, 0.5)) * treble_share, out.size)
    hiss *= 10 ** (generator.uniform(-50, -26) / 20) / max(1e-9, np.sqrt(np.mean(hiss**2)))
    return np.asarray(out + envelope * hiss, dtype=np.float64)


def render(parts: list[Part]) -> list[Signal]:
    """One fluidsynth run for each soundfont, then cut apart; mono at 48 kHz, `part.frames`."""
    out: list[Signal] = [np.zeros(0)] * len(parts)
    for font in _FONTS.values():
        chosen = [at for at, part in enumerate(parts) if instrument(part.source).font is font]
        if chosen:
            for at, sound in zip(chosen, _render([parts[at] for at in chosen], font), strict=True):
                out[at] = sound
    return out


def _render(parts: list[Part], font: midi.Soundfont) -> list[Signal]:
    events: list[midi.Event] = []
    starts_s: list[float] = []
    lines: list[list[Note]] = []
    now_s = GAP_S
    for part in parts:
        generator = part.generator()
        player = instrument(part.source)
        low, high = player.low_key, player.high_key
        if generator.random() < 0.6:  # most phrases stay in one register
            centre = int(generator.integers(low + 6, high - 5))
            low, high = max(low, centre - 8), min(high, centre + 8)
        notes = line(generator, low, high, part.seconds)
        events += _events(generator, player, notes, now_s)
        starts_s.append(now_s)
        lines.append(notes)
        stop_s = now_s + part.seconds + 0.1
        events = [event for event in events if event[0] <= stop_s]
        events += [midi.control(stop_s, channel, 120, 0) for channel in range(CHANNELS)]
        now_s += part.seconds + GAP_S
    sound = midi.play(events, now_s, reverb=False, font=font)
    out: list[Signal] = []
    for part, start_s, notes in zip(parts, starts_s, lines, strict=True):
        first = round(start_s * SAMPLE_RATE_HZ)
        generator = np.random.default_rng((*part.key, 7))
        cut = sound[first : first + part.frames]
        out.append(_shaped(generator, cut, instrument(part.source), notes))
    return out
