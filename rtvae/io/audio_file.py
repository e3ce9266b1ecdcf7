"""Sound files: read whole or piece by piece, brought to the model's rate; written block by block.

This is the only importer of soundfile and soxr.
"""

import errno
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from rtvae.errors import AudioFileError

FORMATS = {
    ".wav": ("WAV", "FLOAT"),
    ".w64": ("W64", "FLOAT"),
    ".flac": ("FLAC", "PCM_24"),
}
"""What is written, by the end of the file's name. Only W64 outgrows 4 GB; only WAV and W64 are
readable up to the last block after the program was killed."""

_FULL_BYTES = 1 << 16


def read_audio(path: str | Path, sample_rate_hz: int) -> NDArray[np.float32]:
    """Read a sound file of any format that libsndfile knows, at the wanted rate.

    Returns float32 `(frames, channels)`, C-contiguous, frames > 0, full scale = 1. Another rate
    is converted by soxr (high quality, zero delay). Raises AudioFileError.
    """
    path = Path(path)
    _check_is_file(path)
    try:
        audio, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError) as error:
        raise _unreadable(path, error) from error
    if rate_hz != sample_rate_hz:
        audio = soxr.resample(audio, rate_hz, sample_rate_hz)
    if audio.shape[0] == 0:
        raise AudioFileError(f"{path} holds no sound; record it again or choose another file.")
    return np.ascontiguousarray(audio, np.float32)


def read_mono(path: str | Path, sample_rate_hz: int) -> NDArray[np.float32]:
    """Read a sound file as the mean of its channels, float32 `(frames,)`; as `read_audio`."""
    audio = read_audio(path, sample_rate_hz)
    return audio[:, 0].copy() if audio.shape[1] == 1 else audio.mean(axis=1, dtype=np.float32)


def flac_bytes(audio: NDArray[np.float32], sample_rate_hz: int) -> bytes:
    """Return mono float32 `(frames,)` as a FLAC file of 16 bits; beyond full scale it clips."""
    file = io.BytesIO()
    soundfile.write(file, audio, sample_rate_hz, format="FLAC", subtype="PCM_16")
    return file.getvalue()


class AudioReader:
    """Reads one sound file piece by piece: an hour takes no more memory than a second.

    A context manager. `sample_rate_hz` and `channels` are the file's own, `frames` what its
    header promises. Raises AudioFileError throughout.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        _check_is_file(self.path)
        try:
            self._file: Any = soundfile.SoundFile(self.path)
        except (soundfile.SoundFileError, OSError) as error:
            raise _unreadable(self.path, error) from error
        self.sample_rate_hz = int(self._file.samplerate)
        self.channels = int(self._file.channels)
        self.frames = int(self._file.frames)

    def pieces(self, frames: int) -> Iterator[NDArray[np.float32]]:
        """Yield the file in float32 `(frames, channels)`, the last piece shorter, none empty."""
        while True:
            try:
                piece = self._file.read(frames, dtype="float32", always_2d=True)
            except (soundfile.SoundFileError, OSError) as error:
                raise _unreadable(self.path, error) from error
            if piece.shape[0] == 0:
                return
            yield piece

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class RateConverter:
    """Brings mono sound to another rate piece by piece: the same as soxr does in one go."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._stream: Any = None
        if from_hz != to_hz:
            self._stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32")

    def convert(self, piece: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take in float32 `(frames,)`; return what is ready, which may be nothing yet."""
        if self._stream is None:
            return piece
        return np.asarray(self._stream.resample_chunk(piece), np.float32)

    def finish(self) -> NDArray[np.float32]:
        """Return the rest, float32 `(frames,)`; nothing may follow."""
        nothing = np.zeros(0, np.float32)
        if self._stream is None:
            return nothing
        return np.asarray(self._stream.resample_chunk(nothing, last=True), np.float32)


class AudioWriter:
    """Writes one sound file; nothing half-written is ever left under its name.

    Blocks go to a file beside it, which takes the name when `finish` is called; `discard` (or an
    exception inside the `with` block) removes it. With `in_place` the file itself grows, so that
    a recording survives even the kill of the program. Raises AudioFileError throughout.
    """

    def __init__(
        self, path: str | Path, sample_rate_hz: int, channels: int, *, in_place: bool = False
    ) -> None:
        self.path = Path(path)
        _check_name(self.path)
        suffix = self.path.suffix.lower()
        if suffix not in FORMATS:
            raise AudioFileError(
                f"{self.path} cannot be written: its name must end in {', '.join(FORMATS)}."
            )
        if os.path.isdir(self.path):
            raise AudioFileError(f"{self.path} is a folder; name a file to write.")
        if not os.path.isdir(self.path.parent):
            raise AudioFileError(f"There is no folder {self.path.parent}; make it first.")
        container, encoding = FORMATS[suffix]
        partial = self.path.with_name(f".{self.path.stem}.{os.getpid()}.part{suffix}")
        self._working = self.path if in_place else partial
        try:
            self._file: Any = soundfile.SoundFile(
                self._working, "w", sample_rate_hz, channels, encoding, format=container
            )
        except (soundfile.SoundFileError, OSError, ValueError) as error:
            raise self._fault(error) from error

    def write(self, audio: NDArray[np.float32]) -> None:
        """Append float32 `(frames, channels)`."""
        try:
            self._file.write(audio)
        except (soundfile.SoundFileError, OSError) as error:
            raise self._fault(error) from error

    def finish(self) -> None:
        """Complete the file and give it its name."""
        if self._file.closed:
            return
        try:
            self._file.close()
            if self._working != self.path:
                os.replace(self._working, self.path)
        except (soundfile.SoundFileError, OSError) as error:
            raise self._fault(error) from error

    def discard(self) -> None:
        """Drop what was written; a file written in place keeps what it has."""
        if self._file.closed:
            return
        self._file.close()
        if self._working != self.path:
            self._working.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.finish()
        else:
            self.discard()

    def _fault(self, error: Exception) -> AudioFileError:
        reason = _reason(error)
        if isinstance(error, soundfile.LibsndfileError):
            reason = _refusal(self._working) or reason
        return AudioFileError(
            f"{self.path} cannot be written ({reason}); "
            "check the folder's permissions and the free space."
        )


def _refusal(path: Path) -> str:
    """Return why the system lets nothing be written to a file, "" where it does.

    libsndfile says no more than "System error".
    """
    try:
        if shutil.disk_usage(path.parent).free < _FULL_BYTES:
            return os.strerror(errno.ENOSPC)
        is_new = not os.path.exists(path)
        with open(path, "ab"):
            pass
        if is_new:
            path.unlink()
    except OSError as error:
        return error.strerror or ""
    return ""


def _check_name(path: Path) -> None:
    """Refuse a name that other systems' encodings have left: nothing can show or pass it on."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        shown = str(path).encode("ascii", "backslashreplace").decode("ascii")
        raise AudioFileError(f"{shown} has a name that is no text; rename it.") from None


def _check_is_file(path: Path) -> None:
    _check_name(path)
    if not os.path.exists(path):
        raise AudioFileError(f"There is no file {path}; check the name.")
    if not os.path.isfile(path):
        raise AudioFileError(f"{path} is not a file; name a sound file.")
    if path.stat().st_size == 0:
        raise AudioFileError(f"{path} is empty; record it again or choose another file.")


def _unreadable(path: Path, error: Exception) -> AudioFileError:
    if isinstance(error, PermissionError) or not os.access(path, os.R_OK):
        return AudioFileError(f"{path} may not be read; change its permissions.")
    return AudioFileError(
        f"{path} is not a sound file that can be read ({_reason(error)}); convert it to WAV or "
        "FLAC."
    )


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    detail = getattr(error, "error_string", None) or str(error)
    return str(detail).rstrip(". ")
