"""Onsets: where they are, which of them come back, and how late.

An onset is a peak of the spectral flux of log-mel bands with a maximum filter over neighbouring
bands, which vibrato does not set off (Boeck and Widmer 2013, SuperFlux). Bands count down to
60 dB below the loudest moment, so that the level of a recording does not matter. Peaks are
placed to a fraction of the analysis hop.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.distance import mel_bank
from rtvae.evaluation.frames import Floats, Track, spectra

WINDOW_FRAMES = 1024
HOP_FRAMES = 64
BANDS = 40
LAG_HOPS = 8  # half a window: far enough apart to see the rise, near enough to place it
RANGE_DB = 60.0
QUIETEST = 0.002  # mel magnitude below which there is nothing: a sine at about -100 dBFS
RISE_DB = 1.5  # mean rise over the bands, above the local mean: noise and vibrato stay below
FAINT_RISE_DB = 1.0  # enough to be recognised where the other sound has an onset
APART_MS = 40.0
AROUND_MS = 100.0
TOLERANCE_MS = 50.0  # as in MIREX


@dataclass(frozen=True)
class Onsets:
    """Places in samples, rising, and which of them are more than faint."""

    places: Track
    clear: NDArray[np.bool_]


@dataclass(frozen=True)
class OnsetMatch:
    """The onsets of an input and of its output.

    `recall` is the share of the input's clear onsets that the output has within 50 ms,
    `precision` the share of the output's clear ones that the input has: faint ones count as
    there, so that one on the edge is not lost by a hair. `delay_ms` and `delay_frames` are the
    median of how much later they come in the output. None where there are no onsets.
    """

    onsets: int
    recall: float | None
    precision: float | None
    delay_ms: float | None
    delay_frames: float | None


def find_onsets(sound: Floats, sample_rate_hz: int) -> Onsets:
    """Return the onsets of mono `sound` `(frames,)`."""
    if sound.shape[0] < WINDOW_FRAMES or not sound.any():
        return Onsets(np.zeros(0), np.zeros(0, bool))
    # Silence ahead: a sound that starts at once has its onset there.
    flux = _flux(np.pad(sound, (WINDOW_FRAMES, 0)), sample_rate_hz)
    hops_ms = 1e3 * HOP_FRAMES / sample_rate_hz
    reach, around = round(APART_MS / hops_ms), round(AROUND_MS / hops_ms)
    padded = np.pad(flux, around)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * around + 1)
    highest = windows[:, around - reach : around + reach + 1].max(axis=1)
    rise = flux - windows.mean(axis=1)
    peaks = np.flatnonzero((flux == highest) & (rise > FAINT_RISE_DB))
    peaks = peaks[(peaks > 0) & (peaks < flux.shape[0] - 1)]
    peaks = peaks[np.diff(peaks, prepend=-reach - 1) > reach]
    before, at, after = flux[peaks - 1], flux[peaks], flux[peaks + 1]
    curve = before - 2.0 * at + after
    aside = np.where(curve < 0.0, 0.5 * (before - after) / np.minimum(curve, -1e-12), 0.0)
    # The rise is greatest from the window that ends just before the onset: its end is the place,
    # and the silence ahead was as long as it is.
    places = np.maximum((peaks + aside) * HOP_FRAMES, 0.0)
    return Onsets(places, rise[peaks] > RISE_DB)


def match_onsets(wanted: Onsets, played: Onsets, sample_rate_hz: int) -> OnsetMatch:
    """Pair the onsets of two aligned sounds, nearest first, each at most once."""
    tolerance = TOLERANCE_MS * 1e-3 * sample_rate_hz
    clear_wanted, clear_played = (each.places[each.clear] for each in (wanted, played))
    late = _pairs(clear_wanted, played.places, tolerance)
    justified = _pairs(clear_played, wanted.places, tolerance)
    delay = float(np.median(late)) if late.size else None
    return OnsetMatch(
        clear_wanted.size,
        late.size / clear_wanted.size if clear_wanted.size else None,
        justified.size / clear_played.size if clear_played.size else None,
        None if delay is None else 1e3 * delay / sample_rate_hz,
        delay,
    )


def _flux(sound: Floats, sample_rate_hz: int) -> Track:
    bank = mel_bank(sample_rate_hz, WINDOW_FRAMES, BANDS)
    mel = np.concatenate(
        [(rows @ bank.T).astype(np.float32) for rows in spectra(sound, WINDOW_FRAMES, HOP_FRAMES)]
    )
    floor = max(mel.max() * 10.0 ** (-RANGE_DB / 20.0), QUIETEST)
    level_db = 20.0 * np.log10(np.maximum(mel, floor))
    if level_db.shape[0] <= LAG_HOPS:
        return np.zeros(0)
    earlier = np.pad(level_db[:-LAG_HOPS], ((0, 0), (1, 1)), mode="edge")
    loudest = np.maximum(np.maximum(earlier[:, :-2], earlier[:, 1:-1]), earlier[:, 2:])
    flux: Track = np.maximum(level_db[LAG_HOPS:] - loudest, 0.0).mean(axis=1, dtype=np.float64)
    return flux


def _pairs(wanted: Track, played: Track, tolerance: float) -> NDArray[np.float64]:
    """Return how much later each matched onset is."""
    near = np.abs(played[None, :] - wanted[:, None])
    order = np.argwhere(near <= tolerance)
    order = order[np.argsort(near[order[:, 0], order[:, 1]], kind="stable")]
    free_wanted, free_played = np.ones(wanted.size, bool), np.ones(played.size, bool)
    late = []
    for a, b in order:
        if free_wanted[a] and free_played[b]:
            free_wanted[a] = free_played[b] = False
            late.append(played[b] - wanted[a])
    return np.array(late)
