"""A folder of recordings, made ready once: mono int16 at the model's rate in one mapped file.

Every file is read in full before training starts, so that a damaged one is reported at once and
not in the middle of the night. What is held out to judge by lies at the end of the mapped file.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtvae.errors import CorpusError
from rtvae.io.recordings import find_foreign, find_recordings
from rtvae.training.corpus_words import held_out_line
from rtvae.training.judging import JUDGED_SHARE
from rtvae.training.preparation import Preparation

RULES = 2  # raise when the same files would be prepared differently


@dataclass(frozen=True)
class Recordings:
    """All usable sound of a folder, end to end: int16 `(frames,)`, and what was left out.

    `starts` are the frames at which the sound of one file ends and another's begins, the first
    is 0; `names` are these files. From `learn_frames` on it is sound to judge by.
    """

    samples: NDArray[np.int16]
    sample_rate_hz: int
    files: int
    left_out: tuple[str, ...]
    names: tuple[str, ...] = ()
    starts: tuple[int, ...] = (0,)
    learn_frames: int = 0

    @property
    def minutes(self) -> float:
        """Length of it all."""
        return float(self.samples.shape[0] / self.sample_rate_hz / 60.0)


def prepare(
    folder: Path, cache: Path, sample_rate_hz: int, say: Callable[[str], None]
) -> Recordings:
    """Check and read a folder once and keep the result in `cache`; the next call only maps it.

    Says what was found. Files that are unreadable, silent, doubled or shorter than half a second
    are left out and named. Stopped at any point, it goes on from there when called again; only
    one process at a time may prepare. Raises CorpusError if nothing usable remains or the disk
    is full.
    """
    paths = find_recordings(folder)
    facts = cache / f"{_fingerprint(folder, paths, sample_rate_hz)}.json"
    if not facts.exists():
        foreign = [str(path.relative_to(folder)) for path in find_foreign(folder)]
        Preparation(folder, paths, cache, facts.stem, sample_rate_hz).run(foreign, say)
        _forget_older(facts)
    for line in json.loads(facts.read_text(encoding="utf-8"))["summary"]:
        say(line)
    known = prepared(facts, sample_rate_hz)
    if known.files == 0:
        facts.unlink()
        raise CorpusError(
            f"None of the {len(paths)} files in {folder} can be used ({known.left_out[0]}); "
            f"put other recordings there."
        )
    return known


def prepared(facts: Path, sample_rate_hz: int) -> Recordings:
    """Map recordings that `prepare` has written, by the path of their facts."""
    known = json.loads(facts.read_text(encoding="utf-8"))
    sound = facts.with_suffix(".int16")
    empty = sound.stat().st_size == 0
    samples = np.zeros(0, np.int16) if empty else np.memmap(sound, np.int16, "r")
    return Recordings(
        samples,
        sample_rate_hz,
        known["files"],
        tuple(known["left_out"]),
        tuple(known.get("names", ())),
        tuple(known.get("starts", (0,))),
        known.get("learn_frames", round((1 - JUDGED_SHARE) * samples.shape[0])),
    )


def split(recordings: Recordings) -> tuple[Recordings, Recordings]:
    """Return what to learn from and what to judge by: whole files where there are enough."""
    cut = recordings.learn_frames
    at = sum(start < cut for start in recordings.starts)
    names, starts = recordings.names, recordings.starts
    learn = replace(
        recordings,
        samples=recordings.samples[:cut],
        files=len(set(names[:at])),
        names=names[:at],
        starts=starts[:at],
    )
    judge = replace(
        recordings,
        samples=recordings.samples[cut:],
        files=len(set(names[at:])),
        names=names[at:],
        starts=tuple(start - cut for start in starts[at:]),
        learn_frames=0,
    )
    return learn, judge


def held_out_words(judge: Recordings, learn: Recordings) -> str:
    """Return which recordings are held out, in words."""
    shared = set(judge.names) & set(learn.names)
    names = [f"the end of {name}" if name in shared else name for name in judge.names]
    return held_out_line(names, 60.0 * judge.minutes)


def _fingerprint(folder: Path, paths: list[Path], sample_rate_hz: int) -> str:
    facts = [f"{p.relative_to(folder)} {p.stat().st_size} {p.stat().st_mtime_ns}" for p in paths]
    whole = "\n".join([f"{RULES} {sample_rate_hz} {folder.resolve()}", *facts])
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def _forget_older(facts: Path) -> None:
    """Remove what was prepared from the same folder before its files changed."""
    folder = json.loads(facts.read_text(encoding="utf-8"))["folder"]
    for other in facts.parent.glob("*.json"):
        with contextlib.suppress(OSError, ValueError):
            same = json.loads(other.read_text(encoding="utf-8")).get("folder") == folder
            if same and other != facts:
                other.unlink()
                other.with_suffix(".int16").unlink()
