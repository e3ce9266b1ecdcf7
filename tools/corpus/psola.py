"""Pitch and time of speech, moved: time-domain pitch-synchronous overlap-add.

After Moulines and Charpentier 1990: two-period windows are cut at pitch marks and laid out again
at other periods, more often where time is stretched. Formants, breath and consonants stay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

Signal = npt.NDArray[np.float64]
HOP_S = 0.005
LOWEST_HZ, HIGHEST_HZ = 65.0, 420.0
VOICED = 0.55  # normalised autocorrelation from here on
UNVOICED_PERIOD_S = 0.006
LONGEST_JUMP = 0.12  # of the period between neighbouring frames, for the tracker's path


@dataclass(frozen=True)
class Pitch:
    """Period in frames of the signal and voicing, one value each HOP_S."""

    period_frames: Signal
    is_voiced: npt.NDArray[np.bool_]


def track(signal: Signal, rate_hz: int) -> Pitch:
    """Pitch of clean speech by normalised autocorrelation and the best path through its peaks."""
    low_hz = 8000
    slow = soxr.resample(signal, rate_hz, low_hz)
    hop, lag_low, lag_high = int(HOP_S * low_hz), int(low_hz / HIGHEST_HZ), int(low_hz / LOWEST_HZ)
    window = lag_high
    padded = np.pad(slow, (window, window + lag_high + hop))
    count = max(1, slow.size // hop)
    starts = np.arange(count) * hop + window // 2
    here = padded[starts[:, None] + np.arange(window)]
    lags = np.arange(lag_low, lag_high)
    size = 1 << int(np.ceil(np.log2(2 * window + lag_high)))
    longer = padded[starts[:, None] + np.arange(window + lag_high)]
    product = np.fft.rfft(longer, size) * np.conj(np.fft.rfft(here, size))
    correlation = np.fft.irfft(product, size)[:, lag_low:lag_high]
    power = np.cumsum(np.pad(longer**2, ((0, 0), (1, 0))), axis=1)
    lagged = power[:, lags + window] - power[:, lags]
    strength = correlation / np.sqrt(np.maximum(lagged * power[:, [window]], 1e-9))
    score = strength - 0.0006 * np.arange(lags.size)  # the shortest of equally good periods
    reach = np.log(lags)
    best = score[0].copy()
    back = np.zeros((count, lags.size), dtype=np.int64)
    cost = np.abs(reach[:, None] - reach[None, :])
    cost = np.where(cost < LONGEST_JUMP, 2.0 * cost, 0.6)
    for at in range(1, count):
        moves = best[None, :] - cost
        back[at] = moves.argmax(axis=1)
        best = moves.max(axis=1) + score[at]
    path = np.zeros(count, dtype=np.int64)
    path[-1] = int(best.argmax())
    for at in range(count - 1, 0, -1):
        path[at - 1] = back[at, path[at]]
    loud = power[:, window] > 1e-4 * power[:, window].max()
    chosen = np.arange(count)
    is_voiced = (strength[chosen, path] > VOICED) & loud
    return Pitch(lags[path] * rate_hz / low_hz, is_voiced)


def marks(signal: Signal, rate_hz: int, pitch: Pitch) -> tuple[npt.NDArray[np.int64], Signal]:
    """Places of pitch marks and the period at each; regular ones where nothing is voiced."""
    places: list[int] = []
    periods: list[float] = []
    hop = HOP_S * rate_hz
    unvoiced = UNVOICED_PERIOD_S * rate_hz
    place, was_voiced = 0, False
    while place < signal.size:
        frame = min(pitch.is_voiced.size - 1, int(place / hop))
        is_voiced = bool(pitch.is_voiced[frame])
        period = float(pitch.period_frames[frame]) if is_voiced else unvoiced
        if is_voiced:  # the strongest instant near where the next period should begin
            reach = period * (0.12 if was_voiced else 0.5)
            first = max(0, int(place - reach))
            near = signal[first : max(first + 1, int(place + reach) + 1)]
            place = first + int(near.argmax()) if near.size else place
            if places and place <= places[-1] + 0.4 * period:
                place = places[-1] + int(period)
        if place >= signal.size:
            break
        places.append(place)
        periods.append(period)
        was_voiced = is_voiced
        place += max(1, int(period))
    return np.array(places or [0], dtype=np.int64), np.array(periods or [unvoiced])


def resynthesise(
    signal: Signal, rate_hz: int, pitch: Pitch, times_s: Signal, hertz: Signal
) -> Signal:
    """Speech read at `times_s` (its own time, each HOP_S of the output), voiced at `hertz`."""
    places, periods = marks(signal, rate_hz, pitch)
    hop = HOP_S * rate_hz
    out = np.zeros(int(times_s.size * hop) + rate_hz // 10)
    longest = int(periods.max()) + 2
    padded = np.pad(signal, (longest, longest))
    place = 0.0
    turn = 1.0
    last = -1
    while place < times_s.size * hop - 1:
        at = min(times_s.size - 1, int(place / hop))
        read = times_s[at] * rate_hz
        nearest = int(np.searchsorted(places, read))
        if nearest > 0 and (
            nearest == places.size or read - places[nearest - 1] < places[nearest] - read
        ):
            nearest -= 1
        frame = min(pitch.is_voiced.size - 1, int(places[nearest] / hop))
        is_voiced = bool(pitch.is_voiced[frame])
        half = int(periods[nearest])
        centre = int(places[nearest]) + longest
        grain = padded[centre - half : centre + half] * np.hanning(2 * half)
        if not is_voiced and nearest == last:  # a noise read twice must not sound like a tone
            turn = -turn
            grain = grain[::-1] * turn
        first = int(place) - half
        skip = max(0, -first)
        room = out[first + skip : first + grain.size]
        step = rate_hz / hertz[at] if is_voiced else float(half)
        gain = np.sqrt(min(2.0, step / half)) if is_voiced else 1.0
        room += gain * grain[skip : skip + room.size]
        last = nearest
        place += step
    return out
