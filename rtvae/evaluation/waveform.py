"""SI-SDR (Le Roux et al. 2019, "SDR - half-baked or well done?"), where it makes sense.

It compares waveforms. A model that keeps the sound but not its phases scores far below zero
whatever it sounds like, so it is stated only where the output follows the input's waveform.
"""

from dataclasses import dataclass

import numpy as np

from rtvae.evaluation.frames import Floats

FOLLOWS = 0.5
HIGHEST_DB = 100.0


@dataclass(frozen=True)
class WaveformMatch:
    """Correlation of two waveforms at lag 0, and the SI-SDR in dB where it exceeds FOLLOWS.

    Without SI-SDR, `reason` says in words why.
    """

    correlation: float
    si_sdr_db: float | None
    reason: str = ""


def match_waveform(wanted: Floats, played: Floats) -> WaveformMatch:
    """Compare two aligned mono sounds of equal length; equal ones score HIGHEST_DB."""
    a, b = wanted.astype(np.float64), played.astype(np.float64)
    size = float(np.sqrt((a @ a) * (b @ b)))
    if size == 0.0:
        return WaveformMatch(0.0, None, "silence has no waveform to follow")
    together = float(a @ b) / size
    if together < FOLLOWS:
        reason = f"the output does not follow the waveform (correlation {together:.2f})"
        return WaveformMatch(together, None, reason)
    # With the target a * <a, b> / <a, a>, the ratio of energies is r^2 / (1 - r^2).
    wrong = max(1.0 - together**2, 10.0 ** (-HIGHEST_DB / 10.0))
    return WaveformMatch(together, min(HIGHEST_DB, 10.0 * float(np.log10(together**2 / wrong))))
