"""Which files of a folder are recordings."""

import os
from pathlib import Path

from rtvae.errors import CorpusError

SUFFIXES = frozenset(
    ".wav .wave .bwf .rf64 .w64 .flac .ogg .oga .opus .mp3 .aif .aiff .aifc .caf .au .snd "
    ".avr .iff .svx .paf .pvf .voc .sf .ircam .nist .sph .wve".split()
)
"""What libsndfile reads."""

FOREIGN_SUFFIXES = frozenset(
    ".m4a .mp4 .aac .wma .alac .ape .wv .mka .amr .3gp .webm .ac3 .dsf".split()
)
"""Sound all the same, in forms that it does not read."""


def find_recordings(folder: Path) -> list[Path]:
    """Return every sound file under a folder that can be read, sorted by path.

    Raises CorpusError if the folder is missing or holds none.
    """
    if folder.is_file():
        raise CorpusError(f"{folder} is a file; name the folder that holds it.")
    if not folder.is_dir():
        raise CorpusError(f"There is no folder {folder}; name a folder that holds recordings.")
    found = _files(folder, SUFFIXES)
    if found:
        return found
    foreign = find_foreign(folder)
    if foreign:
        raise CorpusError(
            f"The folder {folder} holds only files that cannot be read, such as "
            f"{foreign[0].name}; convert them to WAV or FLAC."
        )
    raise CorpusError(
        f"The folder {folder} holds no recordings (WAV, FLAC, AIFF, MP3, OGG and others); "
        "put some there."
    )


def find_foreign(folder: Path) -> list[Path]:
    """Return the sound files under a folder in forms that have to be converted first, sorted."""
    return _files(folder, FOREIGN_SUFFIXES)


def _files(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    found = []
    for place, folders, names in os.walk(folder):
        # What is hidden is no recording: other systems leave "._NAME.wav" beside NAME.wav.
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(place, name)
            if not name.startswith(".") and path.suffix.lower() in suffixes and path.is_file():
                found.append(path)
    return sorted(found)
