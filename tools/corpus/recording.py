"""The recording chain a clip passes: microphone colour, room, noise floor, band, level, fades."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from corpus.noises import coloured
from corpus.part import SAMPLE_RATE_HZ

Signal = npt.NDArray[np.float64]
FADE_FRAMES = 240
NARROW_RATES_HZ = (16_000, 16_000, 22_050, 24_000, 32_000)


@dataclass(frozen=True)
class Chain:
    """How often (0..1) each step is taken, and how far it goes (ranges low..high)."""

    microphone: float
    bell_db: float
    room: float
    rt60_s: tuple[float, float]
    wetness: tuple[float, float]
    overdrive: float
    floor: float
    floor_db: tuple[float, float]
    quiet: float
    narrow: float


# Recordings as they are found: any microphone, any room.
FIELD = Chain(0.4, 8, 0.3, (0.1, 0.8), (0.2, 1.2), 0.08, 0.5, (-85, -40), 0.25, 0.1)
# Voices and drums at home: mostly close, rooms that do not drown them.
HOME = Chain(0.4, 6, 0.3, (0.1, 0.5), (0.05, 0.6), 0.03, 0.5, (-90, -50), 0.25, 0.06)
# As musicians record themselves for a model: close, quiet, a small room at most.
STUDIO = Chain(0.4, 4, 0.35, (0.08, 0.35), (0.05, 0.35), 0.0, 0.6, (-90, -60), 0.2, 0.0)


def microphone(generator: np.random.Generator, signal: Signal, bell_db: float) -> Signal:
    """A random gentle equaliser: three broad bells of +-`bell_db`, and low and high cuts."""
    hertz = np.maximum(np.fft.rfftfreq(signal.size, 1 / SAMPLE_RATE_HZ), 1)
    gain_db = np.zeros(hertz.size)
    for _ in range(3):
        centre_hz, octaves = 60 * 2 ** generator.uniform(0, 8), generator.uniform(0.5, 2)
        bell = np.exp(-((np.log2(hertz / centre_hz) / octaves) ** 2))
        gain_db += generator.uniform(-bell_db, bell_db) * bell
    low_hz, high_hz = generator.uniform(20, 120), generator.uniform(7000, 30000)
    gain = 10 ** (gain_db / 20) / np.sqrt(
        (1 + (low_hz / hertz) ** 4) * (1 + (hertz / high_hz) ** 4)
    )
    return np.asarray(np.fft.irfft(np.fft.rfft(signal) * gain, signal.size), dtype=np.float64)


def room(generator: np.random.Generator, signal: Signal, chain: Chain) -> Signal:
    """Convolve with decaying noise of the chain's RT60 and wetness (tail to direct, amplitude)."""
    rt60_s = generator.uniform(*chain.rt60_s)
    frames = int(rt60_s * SAMPLE_RATE_HZ)
    time = np.arange(frames) / SAMPLE_RATE_HZ
    tail = coloured(generator, frames, 0.6) * 10 ** (-3 * time / rt60_s)
    tail[: int(generator.uniform(0.001, 0.02) * SAMPLE_RATE_HZ)] = 0  # the first reflection is late
    tail *= generator.uniform(*chain.wetness) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    size = signal.size + frames
    wet = np.fft.irfft(np.fft.rfft(signal, size) * np.fft.rfft(tail, size), size)
    return np.asarray(wet[: signal.size], dtype=np.float64)


def narrow(generator: np.random.Generator, signal: Signal) -> Signal:
    """The band of a lower sample rate: recorded there, and brought to 48 kHz afterwards."""
    rate_hz = int(generator.choice(NARROW_RATES_HZ))
    low = soxr.resample(signal, SAMPLE_RATE_HZ, rate_hz)
    back = np.asarray(soxr.resample(low, rate_hz, SAMPLE_RATE_HZ), dtype=np.float64)
    return np.pad(back, (0, max(0, signal.size - back.size)))[: signal.size]


def record(
    generator: np.random.Generator, signal: Signal, chain: Chain, *, peak_limit_db: float
) -> Signal:
    """The clip as it will be stored: float64 within +-1, same length, faded at both ends."""
    signal = signal - signal.mean()
    scale = np.abs(signal).max()
    signal = signal / scale if scale > 0 else signal
    if generator.random() < chain.microphone:
        signal = microphone(generator, signal, chain.bell_db)
    if generator.random() < chain.room:
        signal = room(generator, signal, chain)
    signal = signal / max(1e-9, np.abs(signal).max())
    if generator.random() < chain.overdrive:
        drive = generator.uniform(1.5, 6)
        signal = np.tanh(drive * signal) / np.tanh(drive)
    if generator.random() < chain.floor:
        floor_db = generator.uniform(*chain.floor_db)
        floor = coloured(generator, signal.size, generator.uniform(0, 1.5))
        signal = signal + 10 ** (floor_db / 20) * floor
    if generator.random() < chain.narrow:
        signal = narrow(generator, signal)
    usual = generator.random() >= chain.quiet
    peak_db = min(
        peak_limit_db, generator.uniform(-12, -3) if usual else generator.uniform(-30, -1)
    )
    signal = signal * (10 ** (peak_db / 20) / max(1e-9, np.abs(signal).max()))
    fade = np.linspace(0, 1, FADE_FRAMES)
    signal[:FADE_FRAMES] *= fade
    signal[-FADE_FRAMES:] *= fade[::-1]
    return signal
