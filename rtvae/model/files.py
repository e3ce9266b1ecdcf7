"""Files: the first look at a model folder, before anything in it is parsed.

Every file that the card names must be there as a regular file of its own, and hold exactly the
bytes whose checksum the card gives; all together are at most 200 MB.
"""

import hashlib
import os
import stat
from pathlib import Path

from rtvae.errors import ModelError
from rtvae.model.archive import MAX_TOTAL_BYTES
from rtvae.spec import ModelCard

_PIECE = 1 << 20


def check_files(folder: Path, card: ModelCard, label: str = "") -> None:
    """Raise ModelError with one sentence unless the folder holds what its card promises.

    `label` names the model in it, if not the folder's own name.
    """
    label = label or folder.name
    left = MAX_TOTAL_BYTES
    for name, expected in card.files.items():
        size = _regular_size(folder / name, label)
        left -= size
        if left < 0:
            raise ModelError(
                f"The model {label} is refused: it is larger than "
                f"{MAX_TOTAL_BYTES // 1_000_000} MB; export a smaller one."
            )
        if sha256_of(folder / name, size) != expected:
            raise ModelError(
                f"The model {label} is damaged: {name} does not match its checksum; "
                "copy or export it again."
            )


def sha256_of(path: Path, most_bytes: int = MAX_TOTAL_BYTES) -> str:
    """Return the sha256 of a file's first `most_bytes` bytes, in hex. Raises ModelError."""
    digest = hashlib.sha256()
    try:
        # Not to wait for ever, should the name turn into a pipe meanwhile.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(handle, "rb") as file:
            while most_bytes > 0 and (piece := file.read(min(_PIECE, most_bytes))):
                digest.update(piece)
                most_bytes -= len(piece)
    except OSError as error:
        raise ModelError(
            f"The model file {path} cannot be read ({error.strerror}); check its permissions."
        ) from error
    return digest.hexdigest()


def _regular_size(path: Path, model: str) -> int:
    try:
        status = path.lstat()
    except OSError as error:
        raise ModelError(
            f"The model {model} is incomplete: {path.name} is missing; copy or export it again."
        ) from error
    if not stat.S_ISREG(status.st_mode):
        raise ModelError(
            f"The model {model} is refused: {path.name} is a link or no regular file; "
            "copy the whole model."
        )
    return status.st_size
