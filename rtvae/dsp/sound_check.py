"""Sound check: what a recording suffers from, found in one pass over its samples, piece by piece.

    piece -> peak, energies, flat tops, digest
          -> one long-term spectrum -> where it ends

Nothing is kept but sums: an hour of sound takes as little memory as a second.
"""

import hashlib
import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]

FFT_FRAMES = 2048
MAX_SPECTRA = 64
"""Frames of each piece that go into the spectrum: enough to see an edge, and quick."""

FLAT_RUN_FRAMES = 3
LEVEL_TOLERANCE = 1e-3
# A slow tone in 16 bits stands still at its tops too, but comes there by one step of 2^-15.
LEAST_JUMP = 5e-5
FULL_SCALE = 0.999

LOWEST_EDGE_HZ = 2500.0
EDGE_DROP_DB = 25.0
EDGE_STEP_HZ = 50.0
BANDS_BELOW = 4


@dataclass(frozen=True)
class SoundFacts:
    """What one recording is like.

    `peak` is linear, full scale 1; `swing` is half the way from the lowest to the highest sample,
    which is the peak without a constant offset. `clipped_share` counts the samples that lie in
    flat tops or at full scale. `edge_hz` is where the spectrum ends as if cut off, 0 if it fades
    out by itself. `mono_loss_db` is by how much the mean of the channels is weaker than they are.
    `digest` names the content: equal samples give equal digests, in whatever format.
    """

    frames: int
    sample_rate_hz: int
    channels: int
    peak: float
    swing: float
    clipped_share: float
    edge_hz: float
    mono_loss_db: float
    digest: str
    finite: bool = True

    @property
    def seconds(self) -> float:
        """Length."""
        return self.frames / self.sample_rate_hz


class SoundCheck:
    """Takes in a recording, then tells about it."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._rate_hz, self._channels = sample_rate_hz, channels
        self._frames = 0
        self._low, self._high = math.inf, -math.inf
        self._full = 0
        self._tops = {1.0: (0.0, 0), -1.0: (0.0, 0)}
        self._energy, self._mono_energy = 0.0, 0.0
        self._power = np.zeros(FFT_FRAMES // 2 + 1)
        self._window = np.hanning(FFT_FRAMES)
        self._digest = hashlib.sha256(f"{sample_rate_hz} {channels}".encode())
        self._finite = True

    def add(self, piece: Sound) -> None:
        """Take in float32 `(frames, channels)`, C-contiguous."""
        self._digest.update(piece.data)
        if not math.isfinite(float(np.dot(piece.ravel(), piece.ravel()))):
            self._finite = bool(np.isfinite(piece).all()) and self._finite
            piece = np.nan_to_num(piece, posinf=0.0, neginf=0.0)
        self._frames += piece.shape[0]
        self._low = min(self._low, float(piece.min()))
        self._high = max(self._high, float(piece.max()))
        self._count_flat_tops(piece)
        mono = piece.mean(1, dtype=np.float64)
        self._energy += float(np.square(piece, dtype=np.float64).mean(1).sum())
        self._mono_energy += float(np.dot(mono, mono))
        self._add_spectra(piece)

    def facts(self) -> SoundFacts:
        """Return what was found in all that was added."""
        frames = max(self._frames, 1)
        peak = max(abs(self._low), abs(self._high)) if self._frames else 0.0
        tops = sum(count for _, count in self._tops.values())
        # What exceeds full scale, in files of floating point, has not been clipped there.
        full = self._full if peak <= 1.0 else 0
        loss = 10.0 * math.log10((self._energy + 1e-20) / (self._mono_energy + 1e-20))
        return SoundFacts(
            frames=self._frames,
            sample_rate_hz=self._rate_hz,
            channels=self._channels,
            peak=peak,
            swing=0.5 * (self._high - self._low) if self._frames else 0.0,
            clipped_share=max(tops, full) / (frames * self._channels),
            edge_hz=spectral_edge_hz(self._power, self._rate_hz),
            mono_loss_db=loss if self._channels > 1 else 0.0,
            digest=self._digest.hexdigest(),
            finite=self._finite,
        )

    def _count_flat_tops(self, piece: Sound) -> None:
        """Count neighbours that stand still at the highest or the lowest level so far.

        Where a level is surpassed it was no clipping, and its count begins anew.
        """
        self._full += int(np.count_nonzero(np.abs(piece) >= FULL_SCALE))
        for side, extreme in ((1.0, self._high), (-1.0, -self._low)):
            if extreme > self._tops[side][0] * (1.0 + LEVEL_TOLERANCE):
                self._tops[side] = (extreme, 0)
            level, count = self._tops[side]
            least = level * (1.0 - LEVEL_TOLERANCE)
            flat = sum(_flat_frames(side * piece[:, k], least) for k in range(self._channels))
            self._tops[side] = (level, count + flat)

    def _add_spectra(self, piece: Sound) -> None:
        many = piece.shape[0] // FFT_FRAMES
        if many == 0:
            return
        rows = piece[: many * FFT_FRAMES].reshape(many, FFT_FRAMES, -1)
        rows = rows[:: max(1, many // MAX_SPECTRA)]
        spectra = np.fft.rfft(rows * self._window[:, None], axis=1)
        self._power += (spectra.real**2 + spectra.imag**2).sum((0, 2))


def _flat_frames(sound: Sound, least: float) -> int:
    """Count the frames above `least` in runs of equal ones that begin or end with a jump."""
    top = sound >= least
    if not top.any():
        return 0
    step = np.diff(sound)
    # Each run of equal neighbours lies between two changes.
    changes = np.flatnonzero(step)
    starts = np.concatenate([[0], changes + 1])
    lengths = np.diff(np.concatenate([starts, [sound.shape[0]]]))
    jumps = np.concatenate([[0.0], np.abs(step[changes]), [0.0]])
    clipped = top[starts] & (lengths >= FLAT_RUN_FRAMES)
    clipped &= np.maximum(jumps[:-1], jumps[1:]) >= LEAST_JUMP
    return int(lengths[clipped].sum())


def spectral_edge_hz(power: NDArray[np.float64], sample_rate_hz: int) -> float:
    """Return where a long-term power spectrum `(bins,)` ends as if cut off, or 0.

    An edge is a place above which everything lies EDGE_DROP_DB under each of several bands just
    below it: sound that fades out towards the treble has none, nor has a single tone.
    """
    bins = power.shape[0]
    nyquist_hz = 0.5 * sample_rate_hz
    level = 10.0 * np.log10(power + 1e-20)
    # The loudest bin of all that lie above, each whistle of a tube monitor included.
    above = np.maximum.accumulate(level[::-1])[::-1]
    for hz in np.arange(0.96 * nyquist_hz, LOWEST_EDGE_HZ, -EDGE_STEP_HZ):
        start = math.ceil(1.03 * hz / nyquist_hz * (bins - 1))
        cuts = np.linspace(0.6, 0.97, BANDS_BELOW + 1) * hz / nyquist_hz * (bins - 1)
        edges = cuts.astype(int)
        below = [10.0 * math.log10(float(power[a:b].mean()) + 1e-20) for a, b in pairwise(edges)]
        floor = above[min(start, bins - 1)]
        if min(below) - floor >= EDGE_DROP_DB:
            last = int(np.flatnonzero(level >= 0.5 * (below[0] + floor))[-1])
            return float(last / (bins - 1) * nyquist_hz)
    return 0.0
