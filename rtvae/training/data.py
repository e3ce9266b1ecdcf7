"""A folder of recordings, made ready once: mono int16 at the model's rate in one mapped file.

Every file is read in full before training starts, so that a damaged one is reported at once and
not in the middle of the night.
"""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtvae.errors import AudioFileError, CorpusError
from rtvae.io.audio_file import read_mono
from rtvae.io.recordings import find_recordings

SHORTEST_SECONDS = 0.5
SILENT_PEAK = 1e-4


@dataclass(frozen=True)
class Recordings:
    """All usable sound of a folder, end to end: int16 `(frames,)`, and what was left out."""

    samples: NDArray[np.int16]
    sample_rate_hz: int
    files: int
    left_out: tuple[str, ...]

    @property
    def minutes(self) -> float:
        """Length of it all."""
        return float(self.samples.shape[0] / self.sample_rate_hz / 60.0)


def prepare(
    folder: Path, cache: Path, sample_rate_hz: int, say: Callable[[str], None]
) -> Recordings:
    """Read a folder once and keep the result in `cache`; the next call only maps it.

    Files that are unreadable, silent or shorter than half a second are left out and named.
    Raises CorpusError if nothing usable remains or the disk is full.
    """
    paths = find_recordings(folder)
    key = _fingerprint(paths, sample_rate_hz)
    sound, facts = cache / f"{key}.int16", cache / f"{key}.json"
    if not facts.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _write(paths, sample_rate_hz, sound, facts, say)
    known = prepared(facts, sample_rate_hz)
    if known.files == 0:
        facts.unlink()
        raise CorpusError(
            f"None of the {len(paths)} files in {folder} can be used: {known.left_out[0]}; "
            f"put other recordings there."
        )
    return known


def prepared(facts: Path, sample_rate_hz: int) -> Recordings:
    """Map recordings that `prepare` has written, by the path of their facts."""
    known = json.loads(facts.read_text())
    sound = facts.with_suffix(".int16")
    empty = sound.stat().st_size == 0
    samples = np.zeros(0, np.int16) if empty else np.memmap(sound, np.int16, "r")
    return Recordings(samples, sample_rate_hz, known["files"], tuple(known["left_out"]))


def _fingerprint(paths: list[Path], sample_rate_hz: int) -> str:
    facts = [f"{p} {p.stat().st_size} {p.stat().st_mtime_ns}" for p in paths]
    return hashlib.sha256("\n".join([str(sample_rate_hz), *facts]).encode()).hexdigest()[:16]


def _write(
    paths: list[Path], rate: int, sound: Path, facts: Path, say: Callable[[str], None]
) -> None:
    left_out: list[str] = []
    frames = files = 0
    try:
        with open(sound, "wb") as out:
            for number, path in enumerate(paths, 1):
                if number % 50 == 0 or number == len(paths):
                    say(f"reading recordings: {number} of {len(paths)}")
                try:
                    audio = read_mono(path, rate)
                except AudioFileError as error:
                    left_out.append(str(error))
                    continue
                if audio.shape[0] < SHORTEST_SECONDS * rate:
                    left_out.append(f"{path.name} is shorter than {SHORTEST_SECONDS} s")
                    continue
                if float(np.max(np.abs(audio))) < SILENT_PEAK:
                    left_out.append(f"{path.name} is silent")
                    continue
                pcm = np.clip(np.round(audio * 32767.0), -32768, 32767).astype(np.int16)
                out.write(pcm.tobytes())
                frames, files = frames + pcm.shape[0], files + 1
        draft = facts.with_suffix(".part")
        draft.write_text(json.dumps({"frames": frames, "files": files, "left_out": left_out}))
        os.replace(draft, facts)
    except OSError as error:
        sound.unlink(missing_ok=True)
        raise CorpusError(
            f"The prepared recordings cannot be written to {sound.parent} ({error.strerror}); "
            f"free some space or choose another --run folder."
        ) from error
