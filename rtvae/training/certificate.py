"""The latency certificate: how late the exported graphs answer, measured and not promised.

Each measurement runs the graphs one hop at a time, with the event at every place within a hop.
*Impulse*: where the energy of the answer to a click is centred. *Onset*: when a tone burst after
silence passes half of its steady level. *Delay*: the lag of the best correlation between input
and output below a few kHz, which is what the dry path must wait for; a model that plays an
oscillator of its own keeps no waveform to line up with, and delays nothing by measure.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rtvae.model.live import LiveModel
from rtvae.model.offline import play
from rtvae.spec import LatencyCertificate

Sound = NDArray[np.float32]

PLACES = 8
LEAD_HOPS = 40
TAIL_HOPS = 40
REACH_FRAMES = 512
ENVELOPE_FRAMES = 32


def measure(
    live: LiveModel,
    receptive_field_frames: int,
    test_sound: Sound,
    keeps_waveform: bool = True,
) -> LatencyCertificate:
    """Measure a model's latency in frames at its rate.

    `algorithmic_frames` is one hop, which must be collected, plus the largest of the delays
    found, rounded up. Jitter is the spread of the onset delay over the places within a hop.
    """
    hop = live.hop_frames
    places = [k * hop // PLACES for k in range(PLACES)]
    impulses = [_impulse_delay(live, place) for place in places]
    onsets = [_onset_delay(live, place) for place in places]
    delay = 0
    if keeps_waveform:
        delay = max(0, correlation_lag(test_sound, play(live, test_sound)))
    late = max(float(np.mean(impulses)), float(np.mean(onsets)), float(delay), 0.0)
    return LatencyCertificate(
        delay_frames=delay,
        algorithmic_frames=hop + int(np.ceil(round(late, 1))),
        onset_frames=round(float(np.mean(onsets)), 1),
        impulse_frames=round(float(np.mean(impulses)), 1),
        jitter_frames=round(float(np.max(onsets) - np.min(onsets)), 1),
        receptive_field_frames=receptive_field_frames,
    )


def correlation_lag(heard: Sound, played: Sound) -> int:
    """Return by how many frames `played` lies behind `heard`, within +-REACH_FRAMES."""
    size = 2 * heard.shape[0]
    cross = np.fft.irfft(np.fft.rfft(played, size) * np.conj(np.fft.rfft(heard, size)))
    lags = np.r_[0:REACH_FRAMES, -REACH_FRAMES:0]
    return int(lags[np.argmax(cross[lags])])


def _impulse_delay(live: LiveModel, place: int) -> float:
    answer, at = _answer(live, place, lambda time: (time == 0) * 0.8)
    reach = slice(max(at - REACH_FRAMES, 0), at + REACH_FRAMES)
    energy = answer[reach].astype(np.float64) ** 2
    # The centre of the loudest stretch: a faint tail far away must not pull it.
    smooth = np.convolve(energy, np.ones(ENVELOPE_FRAMES), "same")
    near = smooth > 0.1 * smooth.max()
    frames = np.arange(reach.start, reach.start + energy.shape[0])[near]
    return float(np.average(frames, weights=energy[near] + 1e-12) - at)


def _onset_delay(live: LiveModel, place: int) -> float:
    rate = live.card.sample_rate_hz
    tone = lambda time: (time >= 0) * 0.3 * np.sin(2 * np.pi * 1500 * time / rate)  # noqa: E731
    answer, at = _answer(live, place, tone)
    return float(_half_level(answer, at) - at)


def _answer(
    live: LiveModel, place: int, sound: Callable[[NDArray[np.int64]], NDArray[np.float64]]
) -> tuple[Sound, int]:
    at = LEAD_HOPS * live.hop_frames + place
    time = np.arange((LEAD_HOPS + TAIL_HOPS) * live.hop_frames) - at
    return play(live, sound(time).astype(np.float32)), at


def _half_level(answer: Sound, at: int) -> int:
    """Return the first frame whose short-time rms reaches half of the steady level."""
    energy = np.convolve(answer.astype(np.float64) ** 2, np.ones(ENVELOPE_FRAMES))
    envelope = np.sqrt(energy[: answer.shape[0]] / ENVELOPE_FRAMES)
    steady = np.median(envelope[at + 10 * ENVELOPE_FRAMES :])
    # A window that looks back by itself reaches half of a step after a quarter of its length.
    return int(np.argmax(envelope >= 0.5 * steady)) - ENVELOPE_FRAMES // 4
