"""What a model heard: the latents of stretches of recordings, with what lay in them by name.

The model plays itself as it streams live, so the latents are those that its knobs bend. Each
stretch begins after as long as the encoder looks back; hops below -60 dB are silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtvae.model.live import LiveModel
from rtvae.model.space import MAX_NAME
from rtvae.training.data import Recordings

Floats = NDArray[np.float32]

SILENCE = 1e-3
STRETCH_S = 20.0
LEAST_S = 0.5
LEAD_S = 0.35
STEP_HOPS = 512


@dataclass(frozen=True)
class Heard:
    """Latents `(hops, n)` of all stretches, end to end; stretch k is `starts[k]:starts[k + 1]`.

    `loud` says of each hop whether it is no silence; `labels` of each stretch what lay in it.
    """

    rows: Floats
    loud: NDArray[np.bool_]
    starts: tuple[int, ...]
    labels: tuple[str, ...]

    def stretches(self) -> Iterator[tuple[slice, str]]:
        """Each stretch's place in `rows`, and its label."""
        ends = (*self.starts, self.rows.shape[0])[1:]
        for start, end, label in zip(self.starts, ends, self.labels, strict=True):
            yield slice(start, end), label


def listen(live: LiveModel, recordings: Recordings, minutes: float) -> Heard:
    """Play stretches from all over the recordings, `minutes` in all, and keep the latents.

    Every file has its share, as far as it is long enough. Leaves the model reset.
    """
    hop, rate_hz = live.hop_frames, recordings.sample_rate_hz
    unit = STEP_HOPS * hop
    rows, loud, starts, labels, at = [], [], [], [], 0
    for name, first, frames in _stretches(recordings, minutes):
        hops = frames // hop
        audio = recordings.samples[first : first + hops * hop].astype(np.float32) / 32768.0
        mean = np.empty((hops, live.latents), np.float32)
        std = np.empty_like(mean)
        live.reset()
        for row in range(0, hops, STEP_HOPS):
            end = min(row + STEP_HOPS, hops)
            sound = audio[row * hop : row * hop + unit]
            live.encode(sound, mean[row:end], std[row:end])
        lead = round(LEAD_S * rate_hz / hop)
        level = np.sqrt(np.mean(audio.reshape(hops, hop) ** 2, axis=1))
        rows.append(mean[lead:])
        loud.append(level[lead:] > SILENCE)
        starts.append(at)
        labels.append(name)
        at += hops - lead
    live.reset()
    none = np.zeros((0, live.latents), np.float32)
    return Heard(
        np.concatenate([none, *rows]),
        np.concatenate([np.zeros(0, bool), *loud]),
        tuple(starts),
        tuple(labels),
    )


def _stretches(recordings: Recordings, minutes: float) -> Iterator[tuple[str, int, int]]:
    """Choose stretches: label, first frame, frames. The middle of short files, the same share of
    each; long files in several pieces."""
    rate_hz = recordings.sample_rate_hz
    total = recordings.samples.shape[0]
    share = min(1.0, 60.0 * minutes * rate_hz / max(total, 1))
    starts = (*recordings.starts, total)
    names = recordings.names or ("",) * len(recordings.starts)
    for k, name in enumerate(names):
        first, length = starts[k], starts[k + 1] - starts[k]
        pieces = max(1, round(length / (STRETCH_S * rate_hz)))
        piece = length // pieces
        frames = max(round(share * piece), round((LEAST_S + LEAD_S) * rate_hz))
        for p in range(pieces):
            if frames <= piece:
                yield label_of(name), first + p * piece + (piece - frames) // 2, frames


def label_of(name: str) -> str:
    """Return what a file is, from the folder it lies in: "corpus/speech/a.wav" is "speech"."""
    folder = name.replace("\\", "/").rpartition("/")[0].rpartition("/")[2]
    return "".join(c for c in folder if c.isprintable())[:MAX_NAME]
