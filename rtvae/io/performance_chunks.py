"""The bytes of a performance file (.rtvp): a magic word, then chunks, each sealed by a checksum.

    chunk = tag (4 bytes)  rows (u32)  size of the payload (u32)  crc32 (u32)  payload

All numbers are little-endian. A chunk of rows holds its columns one after the other, each for all
rows; other chunks hold one JSON object. Chunks are only ever appended: whatever ends the writing,
every chunk before the last is whole.
"""

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Literal

import numpy as np
from numpy.typing import NDArray

MAGIC = b"rtvp\r\n\x1a\n"
FORMAT = 1
MAX_PAYLOAD_BYTES = 1 << 26

_HEADER = struct.Struct("<4sIII")


@dataclass(frozen=True)
class Column:
    """One column: a number a row ("one"), the same count each row ("wide"), or bytes ("ragged").

    Ragged rows are as long as the column "size" says.
    """

    name: str
    dtype: str
    shape: Literal["one", "wide", "ragged"] = "one"


COLUMNS: dict[str, tuple[Column, ...]] = {
    # One row for each hop: the latents as encoded and as played.
    "late": (
        Column("frame", "<u8"),
        Column("before", "<f4", "wide"),
        Column("after", "<f4", "wide"),
    ),
    # Parameters as the engine took them over, and its marks (rtvae/link/layout.py).
    "turn": (Column("frame", "<u8"), Column("index", "<u4"), Column("value", "<f4")),
    # `count` blocks of `size` frames from `frame` on.
    "bloc": (Column("frame", "<u8"), Column("size", "<u4"), Column("count", "<u4")),
    # One row for each packet that came from the MIDI port.
    "midi": (Column("frame", "<u8"), Column("size", "<u4"), Column("bytes", "u1", "ragged")),
}

Table = Mapping[str, NDArray[Any]]


class Damage(Exception):
    """The bytes from here on are no chunk: cut short, changed, or of another kind of file."""


@dataclass(frozen=True)
class Chunk:
    """One chunk as it lies in the file."""

    tag: str
    rows: int
    payload: bytes

    def table(self) -> dict[str, NDArray[Any]]:
        """Return the columns of a chunk of rows. Raises Damage."""
        return _columns(self)

    def object(self) -> dict[str, Any]:
        """Return what a JSON chunk holds. Raises Damage."""
        try:
            found = json.loads(self.payload)
        except (ValueError, RecursionError) as error:
            raise Damage(f"{self.tag.strip()} is not JSON") from error
        if not isinstance(found, dict):
            raise Damage(f"{self.tag.strip()} is no JSON object")
        return found


def rows_chunk(tag: str, table: Table) -> bytes:
    """Return the bytes of a chunk of rows; `table` has the columns that COLUMNS names."""
    parts = [np.ascontiguousarray(table[c.name], c.dtype).tobytes() for c in COLUMNS[tag]]
    return _sealed(tag, table["frame"].shape[0], b"".join(parts))


def object_chunk(tag: str, content: Mapping[str, Any]) -> bytes:
    """Return the bytes of a JSON chunk."""
    return _sealed(tag, 1, json.dumps(content).encode())


def read_chunks(file: IO[bytes]) -> Iterator[Chunk]:
    """Yield the chunks from the start of a file; raises Damage where they stop being whole."""
    if file.read(len(MAGIC)) != MAGIC:
        raise Damage("it does not begin like one")
    while header := file.read(_HEADER.size):
        if len(header) < _HEADER.size:
            raise Damage("the last chunk is cut short")
        tag, rows, size, crc = _HEADER.unpack(header)
        if size > MAX_PAYLOAD_BYTES:
            raise Damage("a chunk is absurdly large")
        payload = file.read(size)
        if len(payload) < size:
            raise Damage("the last chunk is cut short")
        if _crc(tag, rows, payload) != crc:
            raise Damage("a checksum does not match")
        yield Chunk(tag.decode("latin-1"), rows, payload)


def _sealed(tag: str, rows: int, payload: bytes) -> bytes:
    name = tag.encode("latin-1")
    return _HEADER.pack(name, rows, len(payload), _crc(name, rows, payload)) + payload


def _crc(tag: bytes, rows: int, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(struct.pack("<4sII", tag, rows, len(payload))))


def _columns(chunk: Chunk) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {}
    width = _width(chunk)
    at = 0
    for column in COLUMNS[chunk.tag]:
        dtype = np.dtype(column.dtype)
        count = chunk.rows
        if column.shape == "wide":
            count *= width
        elif column.shape == "ragged":
            count = int(found["size"].sum(dtype=np.uint64))
        end = at + count * dtype.itemsize
        if end > len(chunk.payload):
            raise Damage(f"{chunk.tag} is shorter than its rows")
        values = np.frombuffer(chunk.payload, dtype, count, at)
        found[column.name] = values.reshape(chunk.rows, width) if column.shape == "wide" else values
        at = end
    if at != len(chunk.payload):
        raise Damage(f"{chunk.tag} is longer than its rows")
    return found


def _width(chunk: Chunk) -> int:
    """How many numbers a row of the wide columns has."""
    columns = COLUMNS[chunk.tag]
    wide = sum(np.dtype(c.dtype).itemsize for c in columns if c.shape == "wide")
    if not wide or not chunk.rows:
        return 0
    narrow = sum(np.dtype(c.dtype).itemsize for c in columns if c.shape == "one")
    return max(0, len(chunk.payload) // chunk.rows - narrow) // wide
