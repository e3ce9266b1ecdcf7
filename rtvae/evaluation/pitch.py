"""Pitch frame by frame, by Praat's autocorrelation method (Boersma 1993), and how two differ.

Boersma, P. (1993): Accurate short-term analysis of the fundamental frequency and the
harmonics-to-noise ratio of a sampled sound. Proceedings of the Institute of Phonetic Sciences
17, 97-110. This is the only importer of parselmouth, which is Praat as a library.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from rtvae.evaluation.frames import Floats, Track, frame_count, frame_hop

PitchTracker = Callable[[Floats, int], Track]
"""Mono sound and sample rate in; f0 in Hz for each frame out, NaN where unvoiced."""

FLOOR_HZ, CEILING_HZ = 55.0, 1760.0  # A1 to A6
MARGIN_FRAMES = 4  # Praat gives none for the outermost three at this floor
FEWEST_FRAMES = 10
GROSS_RATIO = 1.2  # gross pitch error as in Rabiner et al. (1976): 20 % off
WITHOUT_TRACKER = (
    "pitch is left out because parselmouth is not installed; "
    "install the evaluate extra: pip install -e '.[evaluate]'"
)


@dataclass(frozen=True)
class PitchMatch:
    """How the pitch of an output follows that of its input; None where too little is voiced.

    Shares are of the frames voiced in the input: `kept_share` are voiced in the output too.
    Errors are over the frames voiced in both: `error_cents` is the median of the absolute
    error, `bias_cents` the median with its sign, `folded_cents` the median absolute error once
    whole octaves are forgiven, `gross_share` the share of frames more than 20 % off.
    """

    voiced_frames: int
    kept_share: float | None
    error_cents: float | None
    bias_cents: float | None
    folded_cents: float | None
    gross_share: float | None


def find_tracker() -> PitchTracker | None:
    """Return the tracker if its library is installed."""
    return praat_pitch_hz if find_spec("parselmouth") else None


def praat_pitch_hz(sound: Floats, sample_rate_hz: int) -> Track:
    """Return f0 in Hz for each frame of mono `sound`, 55 to 1760 Hz, NaN where unvoiced."""
    import parselmouth

    hop = frame_hop(sample_rate_hz)
    count = frame_count(sound.shape[0], sample_rate_hz)
    # Whole frames and a margin at both ends put Praat's own frames exactly on ours.
    padded = np.zeros((count - 1 + 2 * MARGIN_FRAMES) * hop)
    inside = min(sound.shape[0], padded.shape[0] - MARGIN_FRAMES * hop)
    padded[MARGIN_FRAMES * hop :][:inside] = sound[:inside]
    found = parselmouth.Sound(padded, sampling_frequency=sample_rate_hz).to_pitch_ac(
        time_step=hop / sample_rate_hz, pitch_floor=FLOOR_HZ, pitch_ceiling=CEILING_HZ
    )
    places = np.rint(found.xs() * sample_rate_hz / hop).astype(int) - MARGIN_FRAMES
    hz = np.asarray(found.selected_array["frequency"], np.float64)
    track = np.full(count, np.nan)
    there = (places >= 0) & (places < count) & (hz > 0.0)
    track[places[there]] = hz[there]
    return track


def cents_apart(wanted_hz: Track, played_hz: Track) -> Track:
    """Return the error in cents of the frames that are voiced in both, those frames only."""
    both = np.isfinite(wanted_hz) & np.isfinite(played_hz)
    return 1200.0 * np.log2(played_hz[both] / wanted_hz[both])


def match_pitch(wanted_hz: Track, played_hz: Track) -> PitchMatch:
    """Compare two tracks of equal length, frame by frame: no shift in time is tried."""
    voiced = int(np.isfinite(wanted_hz).sum())
    return match_cents(cents_apart(wanted_hz, played_hz), voiced)


def match_cents(cents: Track, voiced_frames: int) -> PitchMatch:
    """Summarise errors of `cents_apart` out of `voiced_frames`; also for many recordings."""
    if voiced_frames < FEWEST_FRAMES:
        return PitchMatch(voiced_frames, None, None, None, None, None)
    kept = cents.shape[0] / voiced_frames
    if cents.shape[0] < FEWEST_FRAMES:
        return PitchMatch(voiced_frames, kept, None, None, None, None)
    folded = (cents + 600.0) % 1200.0 - 600.0
    return PitchMatch(
        voiced_frames,
        kept,
        float(np.median(np.abs(cents))),
        float(np.median(cents)),
        float(np.median(np.abs(folded))),
        float(np.mean(np.abs(cents) > 1200.0 * np.log2(GROSS_RATIO))),
    )
