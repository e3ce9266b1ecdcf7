"""One recording: played through the model, aligned by the model's delay, and compared."""

from dataclasses import dataclass, field

import numpy as np

from rtvae.dsp.distance import log_mel_distance_db
from rtvae.errors import ModelError
from rtvae.evaluation.attributes import Attributes, measure_attributes
from rtvae.evaluation.frames import Floats, Track
from rtvae.evaluation.loudness import LoudnessMatch, match_loudness
from rtvae.evaluation.onsets import OnsetMatch, find_onsets, match_onsets
from rtvae.evaluation.pitch import PitchMatch, PitchTracker, cents_apart, match_pitch
from rtvae.evaluation.stft_distance import StftDistance, stft_distance
from rtvae.evaluation.waveform import WaveformMatch, match_waveform
from rtvae.model.live import LiveModel
from rtvae.model.offline import Take, take


@dataclass(frozen=True)
class Row:
    """The figures of one recording; the parts say what theirs mean.

    `level_db` is the difference of rms level, output against input. `pitch` is None without a
    tracker. `cut` says that the recording goes on beyond what was measured.
    """

    file: str
    seconds: float
    log_mel_db: float
    level_db: float
    stft: StftDistance
    waveform: WaveformMatch
    loudness: LoudnessMatch
    pitch: PitchMatch | None
    onsets: OnsetMatch
    cut: bool = False


@dataclass(frozen=True)
class Measured:
    """A row, and what the sums over the folder need of its recording."""

    row: Row
    take: Take
    heard: Attributes
    cents: Track = field(default_factory=lambda: np.zeros(0))


def measure(
    model: LiveModel, sound: Floats, name: str, tracker: PitchTracker | None, *, cut: bool = False
) -> Measured:
    """Play mono `sound` `(frames,)` through the model and compare.

    Both are aligned by `model.delay_frames`, the latency that the card states, and by nothing
    else. Raises ModelError if the output holds values that are not numbers.
    """
    rate = model.card.sample_rate_hz
    played = take(model, sound)
    output = played.output
    if not np.isfinite(output).all():
        raise ModelError(
            f"The model {model.card.name} answers {name} with values that are not numbers; "
            "train it on, or export it from another checkpoint."
        )
    heard, answered = (measure_attributes(each, rate, tracker) for each in (sound, output))
    row = Row(
        file=name,
        seconds=sound.shape[0] / rate,
        log_mel_db=log_mel_distance_db(sound, output, rate),
        level_db=20.0 * float(np.log10((_rms(output) + 1e-9) / (_rms(sound) + 1e-9))),
        stft=stft_distance(sound, output),
        waveform=match_waveform(sound, output),
        loudness=match_loudness(heard.loudness, answered.loudness),
        pitch=match_pitch(heard.pitch_hz, answered.pitch_hz) if tracker else None,
        onsets=match_onsets(find_onsets(sound, rate), find_onsets(output, rate), rate),
        cut=cut,
    )
    return Measured(row, played, heard, cents_apart(heard.pitch_hz, answered.pitch_hz))


def _rms(sound: Floats) -> float:
    return float(np.sqrt(np.mean(sound.astype(np.float64) ** 2)))
