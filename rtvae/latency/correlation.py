"""By how many frames one recording lags behind another, exact to the frame. Pure NumPy.

The test signal is a burst of white noise: its correlation with itself is one sharp peak, so the
frame with the largest correlation is the lag, and a lag of a fraction of a frame cannot hide.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]

BURST_FRAMES = 512
BURST_LEVEL = 0.25
SILENT_DB = -150.0


@dataclass(frozen=True)
class Lag:
    """How late a signal comes, and how much of what came is that signal (0 to 1)."""

    frames: int
    clarity: float


def burst(seed: int = 0) -> Audio:
    """Return the test signal, float32 `(BURST_FRAMES,)`, without a mean."""
    noise = np.random.default_rng(seed).choice([-BURST_LEVEL, BURST_LEVEL], BURST_FRAMES)
    noise[: BURST_FRAMES // 2] = -noise[BURST_FRAMES // 2 :][::-1]
    return noise.astype(np.float32)


def find_lag(sent: Audio, came: Audio) -> Lag:
    """Return where `sent`, float32 `(n,)`, lies in `came`, float32 `(m,)`, m >= n.

    Lags from 0 to m - n are looked at. Polarity does not matter. Silence has no clarity.
    """
    longest = came.shape[0] - sent.shape[0]
    size = 1 << math.ceil(math.log2(came.shape[0] + sent.shape[0]))
    spectrum = np.fft.rfft(came.astype(np.float64), size)
    spectrum *= np.conj(np.fft.rfft(sent.astype(np.float64), size))
    matches = np.abs(np.fft.irfft(spectrum, size)[: longest + 1])
    frames = int(np.argmax(matches))
    found = came[frames : frames + sent.shape[0]].astype(np.float64)
    energy = math.sqrt(float(np.dot(found, found)) * float(np.dot(sent, sent)))
    return Lag(frames, float(matches[frames]) / energy if energy > 0.0 else 0.0)


def find_onset(came: Audio, start: int) -> int | None:
    """Return how many frames after `start` a sound begins in `came`, float32 `(m,)`.

    It begins where it first reaches a tenth of its peak. None if it was there before `start`.
    """
    level = np.abs(came)
    begin = 0.1 * float(level[start:].max())
    if begin == 0.0 or float(level[:start].max(initial=0.0)) >= begin:
        return None
    return int(np.argmax(level[start:] >= begin))


def difference_db(first: Audio, second: Audio) -> float:
    """Return how loud the difference of two recordings is, in dB below the first one."""
    level = float(np.sqrt(np.mean(np.square(first, dtype=np.float64))))
    apart = float(np.sqrt(np.mean(np.square(first - second, dtype=np.float64))))
    if apart == 0.0 or level == 0.0:
        return SILENT_DB
    return max(SILENT_DB, 20.0 * math.log10(apart / level))
