"""Noises and test-like sounds made of formulas: what a model must survive besides music."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from corpus.part import SAMPLE_RATE_HZ, Part

Signal = npt.NDArray[np.float64]


def slow_curve(generator: np.random.Generator, frames: int, per_second: float) -> Signal:
    """A random curve in 0..1 with about `per_second` corners."""
    knots = generator.random(max(2, int(frames / SAMPLE_RATE_HZ * per_second) + 2))
    return np.interp(np.linspace(0, knots.size - 1, frames), np.arange(knots.size), knots)


def coloured(generator: np.random.Generator, frames: int, slope: float) -> Signal:
    """Noise whose power falls as 1 / f**slope (0 white, 1 pink, 2 brown), RMS 1."""
    hertz = np.fft.rfftfreq(frames, 1 / SAMPLE_RATE_HZ)
    spectrum = np.fft.rfft(generator.standard_normal(frames))
    noise = np.fft.irfft(spectrum * np.maximum(hertz, 20) ** (-slope / 2), frames)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)), dtype=np.float64)


def _white(generator: np.random.Generator, frames: int) -> Signal:
    return coloured(generator, frames, 0) * (0.3 + 0.7 * slow_curve(generator, frames, 1))


def _pink(generator: np.random.Generator, frames: int) -> Signal:
    return coloured(generator, frames, generator.uniform(0.7, 1.3))


def _brown(generator: np.random.Generator, frames: int) -> Signal:
    return coloured(generator, frames, generator.uniform(1.7, 2.3))


def _bands(generator: np.random.Generator, frames: int) -> Signal:
    out = np.zeros(frames)
    hertz = np.fft.rfftfreq(frames, 1 / SAMPLE_RATE_HZ)
    for _ in range(int(generator.integers(1, 4))):
        centre_hz, octaves = 60 * 2 ** generator.uniform(0, 8), generator.uniform(0.05, 1)
        distance = np.log2(np.maximum(hertz, 1) / centre_hz) / octaves
        shaped = np.fft.rfft(generator.standard_normal(frames)) * np.exp(-(distance**2))
        band = np.fft.irfft(shaped, frames)
        out += band / np.abs(band).max() * slow_curve(generator, frames, 3) ** 2
    return out


def _wind(generator: np.random.Generator, frames: int) -> Signal:
    out = 0.2 * coloured(generator, frames, 2)
    for slope in (0.5, 1.0, 1.5):
        out += coloured(generator, frames, slope) * slow_curve(generator, frames, 1.5) ** 3
    return out


def _scattered(generator: np.random.Generator, frames: int, per_second: float) -> Signal:
    out = np.zeros(frames)
    count = max(3, int(per_second * frames / SAMPLE_RATE_HZ))
    sizes = generator.lognormal(0, 0.8, count) * generator.choice([-1, 1], count)
    np.add.at(out, generator.integers(0, frames, count), sizes)
    return out


def _crackle(generator: np.random.Generator, frames: int) -> Signal:
    ticks = _scattered(generator, frames, generator.uniform(10, 300))
    grain = generator.standard_normal(96) * np.exp(-np.arange(96) / generator.uniform(4, 30))
    return np.convolve(ticks, grain)[:frames] + 0.003 * coloured(generator, frames, 1)


def _clicks(generator: np.random.Generator, frames: int) -> Signal:
    ticks = _scattered(generator, frames, generator.uniform(1, 8))
    ring_hz = generator.uniform(300, 8000)
    time = np.arange(4800) / SAMPLE_RATE_HZ
    ring = np.sin(2 * np.pi * ring_hz * time) * np.exp(-time / generator.uniform(0.0005, 0.02))
    ring[0] += 1
    return np.convolve(ticks, ring)[:frames]


def _phase(hertz: Signal) -> Signal:
    return 2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE_HZ


def _sweep(generator: np.random.Generator, frames: int) -> Signal:
    ends = np.log(generator.uniform(30, 20000, 2))
    return np.sin(_phase(np.exp(np.linspace(ends[0], ends[1], frames))))


def _chirps(generator: np.random.Generator, frames: int) -> Signal:
    out = np.zeros(frames)
    first = 0
    while first < frames:
        length = int(generator.uniform(0.03, 0.4) * SAMPLE_RATE_HZ)
        ends = np.log(200 * 2 ** generator.uniform(0, 6, 2))
        chirp = np.sin(_phase(np.exp(np.linspace(ends[0], ends[1], length)))) * np.hanning(length)
        out[first : first + length] += chirp[: frames - first] * generator.uniform(0.2, 1)
        first += length + int(generator.uniform(0, 0.4) * SAMPLE_RATE_HZ)
    return out


def _steps(generator: np.random.Generator, frames: int, low_hz: float, octaves: float) -> Signal:
    length = int(generator.uniform(0.1, 0.8) * SAMPLE_RATE_HZ)
    pitches = low_hz * 2 ** generator.uniform(0, octaves, frames // length + 1)
    return np.repeat(pitches, length)[:frames]


def _fm(generator: np.random.Generator, frames: int) -> Signal:
    carrier = _phase(_steps(generator, frames, 60, 4))
    ratio = float(generator.choice([0.5, 1, 1.41, 2, 3, 3.5, 7]))
    index = slow_curve(generator, frames, 4) * generator.uniform(0.5, 8)
    return np.sin(carrier + index * np.sin(ratio * carrier)) * slow_curve(generator, frames, 6)


def _pulses(generator: np.random.Generator, frames: int) -> Signal:
    phase = _phase(_steps(generator, frames, 40, 4)) / (2 * np.pi)
    partials = np.arange(1, 40)
    tilt = partials ** -generator.uniform(0.3, 1.5)
    out = sum(
        (
            gain * np.cos(2 * np.pi * number * phase)
            for number, gain in zip(partials, tilt, strict=True)
        ),
        start=np.zeros(frames),
    )
    return out * (0.2 + slow_curve(generator, frames, 3))


def _plucked(generator: np.random.Generator, frames: int) -> Signal:
    """Karplus-Strong: a burst in a comb whose loop averages neighbours, one period at a time."""
    out = np.zeros(frames)
    first = 0
    while first < frames:
        period = int(SAMPLE_RATE_HZ / (70 * 2 ** generator.uniform(0, 3.5)))
        loss = generator.uniform(0.985, 0.999)
        lap = generator.uniform(-1, 1, period)
        length = min(frames - first, int(generator.uniform(0.3, 2.0) * SAMPLE_RATE_HZ))
        laps = []
        for _ in range(length // period + 1):
            laps.append(lap)
            lap = loss * 0.5 * (lap + np.roll(lap, 1))
        out[first : first + length] += np.concatenate(laps)[:length]
        first += int(generator.uniform(0.12, 0.9) * SAMPLE_RATE_HZ)
    return out


def _room_tone(generator: np.random.Generator, frames: int) -> Signal:
    time = np.arange(frames) / SAMPLE_RATE_HZ
    mains_hz = float(generator.choice([50, 60]))
    hum = sum(
        (np.sin(2 * np.pi * mains_hz * k * time + k) / k**1.5 for k in range(1, 9)),
        start=np.zeros(frames),
    )
    return coloured(generator, frames, 1.2) + generator.uniform(0, 0.6) * hum


def _near_silence(generator: np.random.Generator, frames: int) -> Signal:
    floor = 1e-3 * coloured(generator, frames, generator.uniform(0, 1))
    return floor + 0.2 * _scattered(generator, frames, 0.3)


# name: (split, weight, recipe, peak limit in dBFS)
RECIPES: dict[str, tuple[str, int, Callable[[np.random.Generator, int], Signal], float]] = {
    "white": ("train", 1, _white, -1),
    "pink": ("train", 1, _pink, -1),
    "wind": ("train", 2, _wind, -1),
    "clicks": ("train", 1, _clicks, -1),
    "sweep": ("train", 2, _sweep, -3),
    "fm": ("train", 2, _fm, -1),
    "plucked": ("train", 3, _plucked, -1),
    "room-tone": ("train", 2, _room_tone, -35),
    "near-silence": ("train", 1, _near_silence, -20),
    "bands": ("train", 2, _bands, -1),
    "brown": ("validation", 1, _brown, -1),
    "chirps": ("validation", 1, _chirps, -3),
    "crackle": ("test", 1, _crackle, -1),
    "pulses": ("test", 1, _pulses, -1),
}


def sources(split: str) -> list[str]:
    """Recipe names of a split, each as often as its weight."""
    return [
        name for name, (role, weight, _, _) in RECIPES.items() if role == split
        for _ in range(weight)
    ]  # fmt: skip


def peak_limit_db(source: str) -> float:
    """The loudest peak that still suits the recipe: room tone is quiet."""
    return RECIPES[source][3]


def render(parts: list[Part]) -> list[Signal]:
    """Each recipe, mono at 48 kHz, `part.frames` long, at any level."""
    return [RECIPES[part.source][2](part.generator(), part.frames) for part in parts]
