"""A file written whole or not at all, and the version before it kept as NAME.bak.

write NAME.part, flush it to the disk     a crash leaves the old file
copy the old file to NAME.bak             (the same way)
rename NAME.part to NAME                  the old file or the new one, never a part
flush the folder                          the new one, whatever happens now
"""

import contextlib
import os
import shutil
from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """What is done to a disk; tests put one in that fails."""

    def write(self, path: Path, content: bytes) -> None:
        """Write a file and flush it to the disk."""

    def copy(self, source: Path, target: Path) -> None:
        """Copy a file and flush the copy to the disk."""

    def replace(self, source: Path, target: Path) -> None:
        """Give a file another file's place, in one step."""

    def remove(self, path: Path) -> None:
        """Remove a file if it is there."""

    def flush_folder(self, folder: Path) -> None:
        """Flush a folder's names to the disk, where the system can."""


class Disk:
    """The machine's own files."""

    def write(self, path: Path, content: bytes) -> None:
        """See Files."""
        with open(path, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def copy(self, source: Path, target: Path) -> None:
        """See Files."""
        with open(source, "rb") as old, open(target, "wb") as new:
            shutil.copyfileobj(old, new)
            new.flush()
            os.fsync(new.fileno())

    def replace(self, source: Path, target: Path) -> None:
        """See Files."""
        os.replace(source, target)

    def remove(self, path: Path) -> None:
        """See Files."""
        path.unlink(missing_ok=True)

    def flush_folder(self, folder: Path) -> None:
        """See Files."""
        with contextlib.suppress(OSError):  # Windows has no such thing
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


DISK = Disk()


def write_whole(path: Path, text: str, *, keep_last: bool = False, files: Files = DISK) -> None:
    """Write a text file: afterwards `path` holds the new text, or what it held before.

    With `keep_last` what it held before is kept as NAME.bak. Raises OSError.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    last = path.with_name(f".{path.name}.{os.getpid()}.bak")
    try:
        files.write(part, text.encode("utf-8"))
        if keep_last and path.exists():
            files.copy(path, last)
            files.replace(last, path.with_name(f"{path.name}.bak"))
        files.replace(part, path)
    except BaseException:
        for left in (part, last):
            with contextlib.suppress(OSError):
                files.remove(left)
        raise
    files.flush_folder(path.parent)
