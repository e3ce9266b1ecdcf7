"""Drums: seeded grooves, fills and single hits, on soundfont kits and on kits made of formulas."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corpus import midi
from corpus.part import SAMPLE_RATE_HZ, Part

GAP_S = 1.0
DRUM_CHANNEL = 9
# General MIDI kit numbers (s = soundfont) and seeds of the synthetic ones (n = numpy)
KITS = {
    "train": ["s000", "s000", "s008", "s016", "s024", "s032", "s040", "s048", "s000", "s032"]
    + [f"n{number:03d}" for number in range(6)],
    "validation": ["s025", "n100"],
    "test": ["s014", "s042", "n200"],
}
KICK, SIDE, SNARE, CLAP, SNARE_2 = 36, 37, 38, 39, 40
CLOSED, PEDAL, OPEN, CRASH, RIDE, OPEN_CONGA, MARACAS = 42, 44, 46, 49, 51, 63, 70
TOMS = (50, 48, 47, 45, 43, 41)
# style: (steps in a beat, {key: pattern of one bar}); X accent, x hit, . rest
GROOVES: dict[str, tuple[int, dict[int, str]]] = {
    "rock": (4, {KICK: "X...x...X.x.x...", SNARE: "....X.......X...", CLOSED: "x.x.x.x.x.x.x.x."}),
    "funk": (4, {KICK: "X..x..x...x..x..", SNARE: "....X..x.x..X..x", CLOSED: "xxxxxxxxxxxxxx.x"}),
    "house": (4, {KICK: "X...X...X...X...", CLAP: "....X.......X...", OPEN: "..x...x...x...x."}),
    "ballad": (4, {KICK: "X.........x.....", SIDE: "....x.......x...", CLOSED: "x...x...x...x..."}),
    "swing": (3, {RIDE: "x..x.xx..x.x", PEDAL: "...x.....x..", KICK: "X.....x.....",
                  SNARE: "..x.....x..x"}),
    "waltz": (2, {KICK: "X.....", SNARE: "..x.x.", RIDE: "xxxxxx"}),
    "latin": (4, {SIDE: "x..x..x...x.x...", OPEN_CONGA: "x.xxx.xxx.xxx.xx",
                  MARACAS: "xxxxxxxxxxxxxxxx", KICK: "x..xx..xx..xx..x"}),
    "tribal": (4, {41: "X..x..X...x.x...", 45: "..x..x..xx...x.x", 47: "......x.......xx"}),
}  # fmt: skip

Hit = tuple[float, int, float]  # time in s, General MIDI drum key, loudness 0..1


def sources(split: str) -> list[str]:
    """Kit names of a split; a favoured kit may appear more than once."""
    return KITS[split]


def hits(generator: np.random.Generator, seconds: float) -> list[Hit]:
    """A groove with variations and fills, a run of single hits, or a roll."""
    draw = generator.random()
    if draw < 0.25:
        return _single_hits(generator, seconds)
    if draw < 0.33:
        return _rolls(generator, seconds)
    return _groove(generator, seconds)


def _single_hits(generator: np.random.Generator, seconds: float) -> list[Hit]:
    out: list[Hit] = []
    time_s = float(generator.uniform(0.02, 0.3))
    keys = [int(key) for key in generator.integers(35, 82, 6)]
    while time_s < seconds:
        out.append((time_s, keys[int(generator.integers(6))], float(generator.uniform(0.15, 1))))
        time_s += generator.uniform(0.2, 1.2)
    return out


def _rolls(generator: np.random.Generator, seconds: float) -> list[Hit]:
    key = int(generator.choice([SNARE, SNARE_2, CLOSED, RIDE, *TOMS]))
    every_s = generator.uniform(0.05, 0.1)
    times = np.arange(0.05, seconds, every_s)
    swell = 0.55 - 0.45 * np.cos(2 * np.pi * times * generator.uniform(0.1, 0.5))
    return [(float(t), key, float(v)) for t, v in zip(times, swell, strict=True)]


def _groove(generator: np.random.Generator, seconds: float) -> list[Hit]:
    per_beat, patterns = GROOVES[str(generator.choice(list(GROOVES)))]
    step_s = 60 / generator.uniform(70, 170) / per_beat
    bar_steps = len(next(iter(patterns.values())))
    human_s, thinned = generator.uniform(0, 0.008), generator.uniform(0, 0.2)
    out: list[Hit] = [(0.02, CRASH, 0.9)] if generator.random() < 0.4 else []
    for step in range(int(seconds / step_s)):
        bar, place = divmod(step, bar_steps)
        time_s = 0.02 + step * step_s + abs(generator.normal(0, human_s))
        if bar % 4 == 3 and place >= bar_steps // 2:
            key = TOMS[(place * len(TOMS) // bar_steps) % len(TOMS)]
            out.append((time_s, SNARE if generator.random() < 0.3 else key, 0.5 + place / 40))
            continue
        for key, pattern in patterns.items():
            if pattern[place] != "." and generator.random() > thinned:
                loudness = 0.95 if pattern[place] == "X" else generator.uniform(0.35, 0.75)
                out.append((time_s, key, float(loudness)))
    return out


def _envelope(frames: int, decay_s: float) -> npt.NDArray[np.float64]:
    return np.exp(-np.arange(frames) / (decay_s * SAMPLE_RATE_HZ))


def _band_noise(
    generator: np.random.Generator, frames: int, low_hz: float, high_hz: float
) -> npt.NDArray[np.float64]:
    spectrum = np.fft.rfft(generator.standard_normal(frames))
    hertz = np.fft.rfftfreq(frames, 1 / SAMPLE_RATE_HZ)
    spectrum *= 1 / (1 + (low_hz / np.maximum(hertz, 1)) ** 4) / (1 + (hertz / high_hz) ** 4)
    noise = np.fft.irfft(spectrum, frames)
    return np.asarray(noise / np.abs(noise).max(), dtype=np.float64)


def _sweep(frames: int, start_hz: float, end_hz: float, fall_s: float) -> npt.NDArray[np.float64]:
    hertz = end_hz + (start_hz - end_hz) * _envelope(frames, fall_s)
    return np.sin(2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE_HZ)


def strike(kit: np.random.Generator, key: int) -> npt.NDArray[np.float64]:
    """One synthetic drum for General MIDI `key`, drawn from the kit's own generator."""
    frames = SAMPLE_RATE_HZ
    if key in (35, 36):
        body = _sweep(frames, kit.uniform(120, 400), kit.uniform(38, 70), kit.uniform(0.01, 0.05))
        click = _band_noise(kit, frames, 1000, 8000) * _envelope(frames, 0.003)
        return body * _envelope(frames, kit.uniform(0.08, 0.3)) + kit.uniform(0, 0.5) * click
    if key in (37, 38, 39, 40):
        tone = _sweep(frames, kit.uniform(220, 400), kit.uniform(150, 210), 0.02)
        rattle = _band_noise(kit, frames, kit.uniform(600, 2500), kit.uniform(6000, 18000))
        ringing = tone * _envelope(frames, kit.uniform(0.03, 0.1))
        return kit.uniform(0.2, 0.8) * ringing + rattle * _envelope(frames, kit.uniform(0.05, 0.2))
    if key in (41, 43, 45, 47, 48, 50):
        pitch_hz = 70 * 2 ** ((key - 41) / 8) * kit.uniform(0.9, 1.2)
        body = _sweep(frames, pitch_hz * 1.6, pitch_hz, 0.05)
        return body * _envelope(frames, kit.uniform(0.1, 0.4))
    if key in (42, 44, 46, 49, 51, 52, 53, 55, 57, 59):
        decay_s = {42: 0.03, 44: 0.04, 46: 0.25}.get(key, 0.6) * kit.uniform(0.7, 1.5)
        hertz = kit.uniform(2500, 9000, 6)
        time = np.arange(frames) / SAMPLE_RATE_HZ
        metal = np.sign(np.sin(2 * np.pi * hertz[:, None] * time)).mean(axis=0)
        hiss = _band_noise(kit, frames, kit.uniform(4000, 8000), 20000)
        sound = (kit.uniform(0.1, 0.6) * metal + hiss) * _envelope(frames, decay_s)
        return np.asarray(sound, dtype=np.float64)
    hertz = kit.uniform(300, 2500) * np.array([1.0, kit.uniform(1.3, 1.7), kit.uniform(2.1, 2.9)])
    time = np.arange(frames) / SAMPLE_RATE_HZ
    ring = np.sin(2 * np.pi * hertz[:, None] * time).mean(axis=0)
    return np.asarray(ring * _envelope(frames, kit.uniform(0.02, 0.15)), dtype=np.float64)


def _synthetic(part: Part) -> npt.NDArray[np.float64]:
    generator = part.generator()
    number = int(part.source[1:])
    out = np.zeros(part.frames + SAMPLE_RATE_HZ)
    drums: dict[int, npt.NDArray[np.float64]] = {}
    end = np.minimum(1, np.linspace(2, 0, SAMPLE_RATE_HZ))  # long cymbals must not stop dead
    for time_s, key, loudness in hits(generator, part.seconds):
        if key not in drums:
            drums[key] = strike(np.random.default_rng((number, key)), key) * end
        first = round(time_s * SAMPLE_RATE_HZ)
        room = out[first : first + SAMPLE_RATE_HZ]
        room += loudness**1.5 * drums[key][: room.size]
    return out[: part.frames]


def _soundfont(parts: list[Part]) -> list[npt.NDArray[np.float64]]:
    if not parts:
        return []
    reverb = bool(parts[0].generator().random() < 0.25)
    events: list[midi.Event] = []
    firsts: list[int] = []
    now_s = 0.0
    for part in parts:
        firsts.append(round(now_s * SAMPLE_RATE_HZ))
        events += midi.reset(now_s, DRUM_CHANNEL)
        events.append(midi.program(now_s, DRUM_CHANNEL, int(part.source[1:])))
        events.append(midi.control(now_s, DRUM_CHANNEL, 91, 60 if reverb else 0))
        for time_s, key, loudness in hits(part.generator(), part.seconds):
            events += midi.note(now_s + time_s, 0.1, DRUM_CHANNEL, key, int(127 * loudness))
        events.append(midi.control(now_s + part.seconds + 0.1, DRUM_CHANNEL, 120, 0))
        now_s += part.seconds + GAP_S
    sound = midi.play(events, now_s, reverb=reverb)
    return [sound[first : first + part.frames] for first, part in zip(firsts, parts, strict=True)]


def render(parts: list[Part]) -> list[npt.NDArray[np.float64]]:
    """Soundfont kits in one fluidsynth run, synthetic kits one by one; `part.frames` each."""
    played = iter(_soundfont([part for part in parts if part.source.startswith("s")]))
    return [next(played) if part.source.startswith("s") else _synthetic(part) for part in parts]
