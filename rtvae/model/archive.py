"""Archive: a model folder that travels as one zip file.

The files lie at the top of the archive or in one folder of it. Names never become paths: only
members directly in that place are taken, under their own plain names, as regular files.
"""

import re
import zipfile
from pathlib import Path
from zlib import error as ZlibError

from rtvae.errors import ModelError

MAX_TOTAL_BYTES = 200_000_000
MAX_MEMBERS = 200

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PIECE = 1 << 20
_BROKEN = (zipfile.BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError, OSError)


def read_member(path: Path, name: str, limit: int) -> bytes:
    """Return up to `limit + 1` bytes of one file of the zipped model. Raises ModelError."""
    try:
        with zipfile.ZipFile(path) as archive:
            with archive.open(_members(archive)[name]) as file:
                return file.read(limit + 1)
    except KeyError as error:
        raise _refusal(path, f"it holds no {name}") from error
    except _BROKEN as error:
        raise _refusal(path, "it is not a whole zip file") from error


def extract(path: Path, folder: Path) -> None:
    """Unpack the zipped model's files into an existing, empty folder. Raises ModelError."""
    try:
        with zipfile.ZipFile(path) as archive:
            _extract(archive, path, folder)
    except _BROKEN as error:
        raise _refusal(path, "it is not a whole zip file, or the disk is full") from error


def _extract(archive: zipfile.ZipFile, path: Path, folder: Path) -> None:
    left = MAX_TOTAL_BYTES
    for name, member in _members(archive).items():
        with archive.open(member) as source, open(folder / name, "xb") as target:
            while piece := source.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise _refusal(
                        path, f"it unpacks to more than {MAX_TOTAL_BYTES // 1_000_000} MB"
                    )
                target.write(piece)


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the members beside `model.toml` by plain name; others are left alone."""
    infos = archive.infolist()[: MAX_MEMBERS + 1]
    if len(infos) > MAX_MEMBERS:
        raise zipfile.BadZipFile("too many members")
    cards = [info.filename for info in infos if info.filename.split("/")[-1] == "model.toml"]
    prefix = min(cards, key=len, default="model.toml").removesuffix("model.toml")
    if prefix.count("/") > 1:
        return {}
    found = {info.filename[len(prefix) :]: info for info in infos if _lies_in(info, prefix)}
    return {name: info for name, info in found.items() if _PLAIN_NAME.fullmatch(name)}


def _lies_in(info: zipfile.ZipInfo, prefix: str) -> bool:
    return info.filename.startswith(prefix) and not info.is_dir()


def _refusal(path: Path, reason: str) -> ModelError:
    return ModelError(f"The model file {path} cannot be used: {reason}; copy or export it again.")
