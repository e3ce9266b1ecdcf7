"""Sounds whose pitch, loudness and onsets are known."""

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000

Sound = NDArray[np.float32]
Curve = NDArray[np.float64]


def seconds(length_s: float, rate_hz: int = RATE_HZ) -> Curve:
    """The time of every sample."""
    return np.arange(round(length_s * rate_hz)) / rate_hz


def tone(f0_hz: Curve, rate_hz: int = RATE_HZ, harmonics: int = 6, level: float = 0.1) -> Sound:
    """A harmonic tone whose fundamental follows `f0_hz`, one value for each sample."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / rate_hz
    parts = [np.sin(k * phase) / k for k in range(1, harmonics + 1)]
    return (level * np.sum(parts, axis=0)).astype(np.float32)


def steady(f0_hz: float, length_s: float, rate_hz: int = RATE_HZ, harmonics: int = 6) -> Sound:
    """A harmonic tone of one pitch."""
    return tone(np.full(round(length_s * rate_hz), f0_hz), rate_hz, harmonics)


def vibrato(length_s: float = 2.0, f0_hz: float = 220.0, depth_cents: float = 60.0) -> Curve:
    """A fundamental that swings five times a second."""
    swing = depth_cents / 1200.0 * np.sin(2 * np.pi * 5.0 * seconds(length_s))
    curve: Curve = f0_hz * 2.0**swing
    return curve


def notes(places: list[int], frames: int, delay_frames: int = 0) -> Sound:
    """Plucked notes that begin at the given samples, over a faint noise floor."""
    random = np.random.default_rng(3)
    sound = 1e-5 * random.standard_normal(frames)
    for k, place in enumerate(places):
        start = place + delay_frames
        time = np.arange(frames - start) / RATE_HZ
        pluck = np.sin(2 * np.pi * (330.0 + 110.0 * (k % 5)) * time) * np.exp(-time / 0.08)
        sound[start:] += 0.2 * pluck
    return sound.astype(np.float32)
