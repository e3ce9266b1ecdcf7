"""The beginning of a recording at the model's rate: memory stays bounded, however long it is."""

from pathlib import Path

import numpy as np

from rtvae.errors import AudioFileError
from rtvae.evaluation.frames import Floats
from rtvae.io.audio_file import AudioReader, RateConverter


def read_beginning(path: Path, sample_rate_hz: int, longest_s: float) -> tuple[Floats, bool]:
    """Return the first `longest_s` seconds, mono float32 `(frames,)`, and whether there is more.

    Channels are averaged. Raises AudioFileError for a file that cannot be read, holds no sound,
    holds samples that are not numbers, or has a name that is no text.
    """
    if not str(path).isprintable():
        shown = str(path).encode("ascii", "backslashreplace").decode("ascii")
        raise AudioFileError(f"{shown} has a name that cannot be printed; rename it.")
    wanted = max(1, round(longest_s * sample_rate_hz))
    parts: list[Floats] = []
    frames = 0
    with AudioReader(path) as reader:
        converter = RateConverter(reader.sample_rate_hz, sample_rate_hz)
        for piece in reader.pieces(reader.sample_rate_hz):
            parts.append(converter.convert(piece.mean(axis=1, dtype=np.float32)))
            frames += parts[-1].shape[0]
            if frames > wanted:
                break
        else:
            parts.append(converter.finish())
    sound = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    if sound.shape[0] == 0:
        raise AudioFileError(f"{path} holds no sound; record it again or choose another file.")
    if not np.isfinite(sound).all():
        raise AudioFileError(f"{path} holds samples that are not numbers; write it again.")
    return np.ascontiguousarray(sound[:wanted], np.float32), sound.shape[0] > wanted
