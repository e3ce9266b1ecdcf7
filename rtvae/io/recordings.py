"""Which files of a folder are recordings."""

from pathlib import Path

from rtvae.errors import CorpusError

SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".opus", ".aif", ".aiff", ".w64", ".mp3"})


def find_recordings(folder: Path) -> list[Path]:
    """Return every sound file under a folder, sorted by path.

    Raises CorpusError if the folder is missing or holds none.
    """
    if not folder.is_dir():
        raise CorpusError(f"There is no folder {folder}; name a folder that holds recordings.")
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if not found:
        kinds = ", ".join(sorted(SUFFIXES))
        raise CorpusError(f"The folder {folder} holds no recordings ({kinds}); put some there.")
    return found
