"""A performance on its way to the disk: NAME.w64 with the sound, NAME.rtvp with what made it.

    NAME.w64    two channels, float32: dry (what the model heard) and wet (what was played)
    NAME.rtvp   which models played, latents, turned parameters, block sizes, MIDI
                (rtvae/io/performance_chunks.py)

Frame 0 is the first frame of the sound; every frame number counts from there. Both files only
grow, so that whatever ends the recording leaves all that was written before.
"""

import contextlib
import errno
import os
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtvae.errors import AudioFileError, PerformanceError
from rtvae.io.audio_file import AudioWriter
from rtvae.io.performance import ROWS_SUFFIX, SOUND_SUFFIX
from rtvae.io.performance_chunks import MAGIC, Table, object_chunk, rows_chunk
from rtvae.io.performance_facts import Gap, Head, Voice, written

Floats = NDArray[np.float32]

_BYTES_PER_FRAME = 8
_BYTES_PER_LATENT = 8
_FULL_BYTES = 1 << 20


def unused_stem(path: Path) -> Path:
    """Return `path` without a suffix, or NAME-2, NAME-3, ... where files of that name exist."""
    stem = path.with_suffix("") if path.suffix.lower() in (SOUND_SUFFIX, ROWS_SUFFIX) else path
    free, number = stem, 1
    while any(os.path.exists(_beside(free, suffix)) for suffix in (SOUND_SUFFIX, ROWS_SUFFIX)):
        number += 1
        free = stem.with_name(f"{stem.name}-{number}")
    return free


def minutes_free(folder: Path, sample_rate_hz: int, hop_frames: int, latents: int) -> float:
    """Return how many minutes of recording fit on the disk of a folder. Raises PerformanceError."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise _fault(folder, error) from error
    per_hop = hop_frames * _BYTES_PER_FRAME + 8 + latents * _BYTES_PER_LATENT
    return free / (per_hop * sample_rate_hz / hop_frames) / 60.0


class PerformanceWriter:
    """Appends to two new files, `stem`.w64 and `stem`.rtvp; raises PerformanceError throughout."""

    def __init__(self, stem: Path, head: Head) -> None:
        self.sound = _beside(stem, SOUND_SUFFIX)
        self.rows = _beside(stem, ROWS_SUFFIX)
        try:
            stem.parent.mkdir(parents=True, exist_ok=True)
            # "x": a file that came into being since the name was chosen is not written over.
            self._file = open(self.rows, "xb", buffering=0)
        except OSError as error:
            raise _fault(self.rows, error) from error
        try:
            self._audio = AudioWriter(self.sound, head.sample_rate_hz, 2, in_place=True)
        except AudioFileError as error:
            self._file.close()
            self.rows.unlink(missing_ok=True)
            raise PerformanceError(str(error)) from error
        self._append(MAGIC + object_chunk("head", written(head)))

    def add_sound(self, dry: Floats, wet: Floats) -> None:
        """Append mono sound, float32 `(frames,)` each."""
        try:
            self._audio.write(np.stack([dry, wet], axis=1))
        except AudioFileError as error:
            if _is_full(self.sound.parent):
                raise PerformanceError(
                    f"The disk is full, so {self.sound} cannot grow; make room and record again."
                ) from error
            raise PerformanceError(str(error)) from error

    def add_rows(self, tag: str, table: Table) -> None:
        """Append rows to one of the tables (COLUMNS); none are nothing."""
        if table["frame"].shape[0]:
            self._append(rows_chunk(tag, table))

    def add_blocks(self, frame: NDArray[np.uint64], size: NDArray[np.uint32]) -> None:
        """Append blocks, each with its first frame; those of one size in a row become one row."""
        if not frame.shape[0]:
            return
        follows = (size[1:] == size[:-1]) & (frame[1:] == frame[:-1] + size[:-1])
        starts = np.flatnonzero(np.concatenate([[True], ~follows]))
        count = np.diff(np.append(starts, frame.shape[0]))
        self.add_rows("bloc", {"frame": frame[starts], "size": size[starts], "count": count})

    def add_voice(self, voice: Voice) -> None:
        """Append what plays from a frame on."""
        self._append(object_chunk("voic", written(voice)))

    def add_gap(self, gap: Gap) -> None:
        """Append what is missing."""
        self._append(object_chunk("gap ", written(gap)))

    def finish(self, why: str) -> None:
        """Say that the recording has come to its end, and why."""
        self._append(object_chunk("end ", {"why": why}))
        self.close()

    def close(self) -> None:
        """Let go of the files as they are; never raises."""
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(AudioFileError):
            self._audio.finish()

    def _append(self, data: bytes) -> None:
        try:
            end = self._file.tell()
            if self._file.write(data) != len(data):
                # What is cut short would hide what comes after it.
                with contextlib.suppress(OSError):
                    os.ftruncate(self._file.fileno(), end)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except (OSError, ValueError) as error:
            raise _fault(self.rows, error) from error


def _is_full(folder: Path) -> bool:
    # The library that writes the sound only knows of "system errors".
    try:
        return shutil.disk_usage(folder).free < _FULL_BYTES
    except OSError:
        return False


def _beside(stem: Path, suffix: str) -> Path:
    return stem.with_name(stem.name + suffix)


def _fault(path: Path, error: Exception) -> PerformanceError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    return PerformanceError(
        f"{path} cannot be written ({reason}); check the folder's permissions and the free space."
    )
