"""The recording chain every clip passes: microphone colour, room, noise floor, level, fades."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corpus.noises import coloured
from corpus.part import SAMPLE_RATE_HZ

Signal = npt.NDArray[np.float64]
FADE_FRAMES = 240


def microphone(generator: np.random.Generator, signal: Signal) -> Signal:
    """A random gentle equaliser: three broad bells of +-8 dB, and low and high cuts."""
    hertz = np.maximum(np.fft.rfftfreq(signal.size, 1 / SAMPLE_RATE_HZ), 1)
    gain_db = np.zeros(hertz.size)
    for _ in range(3):
        centre_hz, octaves = 60 * 2 ** generator.uniform(0, 8), generator.uniform(0.5, 2)
        bell = np.exp(-((np.log2(hertz / centre_hz) / octaves) ** 2))
        gain_db += generator.uniform(-8, 8) * bell
    low_hz, high_hz = generator.uniform(20, 120), generator.uniform(7000, 30000)
    gain = 10 ** (gain_db / 20) / np.sqrt(
        (1 + (low_hz / hertz) ** 4) * (1 + (hertz / high_hz) ** 4)
    )
    return np.asarray(np.fft.irfft(np.fft.rfft(signal) * gain, signal.size), dtype=np.float64)


def room(generator: np.random.Generator, signal: Signal) -> Signal:
    """Convolve with decaying noise, RT60 0.1..0.8 s, wetter noise for lower direct sound."""
    rt60_s = generator.uniform(0.1, 0.8)
    frames = int(rt60_s * SAMPLE_RATE_HZ)
    time = np.arange(frames) / SAMPLE_RATE_HZ
    tail = coloured(generator, frames, 0.6) * 10 ** (-3 * time / rt60_s)
    tail[: int(generator.uniform(0.001, 0.02) * SAMPLE_RATE_HZ)] = 0  # the first reflection is late
    tail *= generator.uniform(0.2, 1.2) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    size = signal.size + frames
    wet = np.fft.irfft(np.fft.rfft(signal, size) * np.fft.rfft(tail, size), size)
    return np.asarray(wet[: signal.size], dtype=np.float64)


def record(generator: np.random.Generator, signal: Signal, *, peak_limit_db: float) -> Signal:
    """The clip as it will be stored: float64 within +-1, same length, faded at both ends."""
    signal = signal - signal.mean()
    scale = np.abs(signal).max()
    signal = signal / scale if scale > 0 else signal
    if generator.random() < 0.4:
        signal = microphone(generator, signal)
    if generator.random() < 0.3:
        signal = room(generator, signal)
    signal = signal / max(1e-9, np.abs(signal).max())
    if generator.random() < 0.08:  # an overdriven preamplifier
        drive = generator.uniform(1.5, 6)
        signal = np.tanh(drive * signal) / np.tanh(drive)
    if generator.random() < 0.5:
        floor_db = generator.uniform(-85, -40)
        floor = coloured(generator, signal.size, generator.uniform(0, 1.5))
        signal = signal + 10 ** (floor_db / 20) * floor
    usual = generator.random() < 0.75
    peak_db = min(
        peak_limit_db, generator.uniform(-12, -3) if usual else generator.uniform(-30, -1)
    )
    signal = signal * (10 ** (peak_db / 20) / max(1e-9, np.abs(signal).max()))
    fade = np.linspace(0, 1, FADE_FRAMES)
    signal[:FADE_FRAMES] *= fade
    signal[-FADE_FRAMES:] *= fade[::-1]
    return signal
