"""Reading a performance: NAME.rtvp, and NAME.w64 beside it. The writer's docstring says the form.

A file that ends in the middle of a chunk is read up to there, and so is one in which a chunk has
been changed: `damage` says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtvae.errors import PerformanceError
from rtvae.io.performance_chunks import COLUMNS, FORMAT, Chunk, Damage, read_chunks
from rtvae.io.performance_facts import Gap, Head, Voice, read

SOUND_SUFFIX, ROWS_SUFFIX = ".w64", ".rtvp"

Table = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Performance:
    """What one recording holds, its sound aside.

    `turned` has the columns frame, index and value; `blocks` frame, size and count; `midi` frame,
    size and bytes; `latents` is one table for each width in turn, with frame, before and after.
    `ended` is how the recording ended, "" where it was broken off.
    """

    path: Path
    head: Head
    voices: tuple[Voice, ...]
    gaps: tuple[Gap, ...]
    turned: Table
    blocks: Table
    midi: Table
    latents: tuple[Table, ...]
    ended: str
    damage: str

    @property
    def sound(self) -> Path:
        """The file with the sound."""
        return self.path.with_suffix(SOUND_SUFFIX)

    @property
    def block_frames(self) -> int:
        """Up to which frame the blocks are known."""
        frame, size, count = (self.blocks[name] for name in ("frame", "size", "count"))
        return int(frame[-1]) + int(size[-1]) * int(count[-1]) if frame.size else 0

    def each_block(self) -> Iterator[tuple[int, int]]:
        """Yield each block's first frame and size."""
        columns = (self.blocks[name].tolist() for name in ("frame", "size", "count"))
        for frame, size, count in zip(*columns, strict=True):
            for k in range(count):
                yield frame + k * size, size

    def packets(self) -> Iterator[tuple[int, bytes]]:
        """Yield each MIDI packet with the frame at which it came."""
        at, data = 0, self.midi["bytes"].tobytes()
        for frame, size in zip(
            self.midi["frame"].tolist(), self.midi["size"].tolist(), strict=True
        ):
            yield frame, data[at : at + size]
            at += size


@dataclass
class _Found:
    """What has been read so far."""

    tables: dict[str, list[Table]] = field(default_factory=lambda: {tag: [] for tag in COLUMNS})
    objects: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, chunk: Chunk) -> None:
        if chunk.tag in COLUMNS:
            self.tables[chunk.tag].append(chunk.table())
        else:
            self.objects.setdefault(chunk.tag, []).append(chunk.object())

    def joined(self, tag: str) -> Table:
        tables = self.tables[tag]
        return {
            column.name: np.concatenate(
                [table[column.name] for table in tables] or [np.zeros(0, column.dtype)]
            )
            for column in COLUMNS[tag]
        }

    def latents(self) -> tuple[Table, ...]:
        """Join what lies in turn and has the same width."""
        runs: list[list[Table]] = []
        for table in self.tables["late"]:
            if not runs or runs[-1][-1]["before"].shape[1] != table["before"].shape[1]:
                runs.append([])
            runs[-1].append(table)
        return tuple(
            {name: np.concatenate([table[name] for table in run]) for name in run[0]}
            for run in runs
        )


def read_performance(path: Path) -> Performance:
    """Read NAME.rtvp; the name of the sound beside it does as well. Raises PerformanceError."""
    path = path.with_suffix(ROWS_SUFFIX) if path.suffix.lower() == SOUND_SUFFIX else path
    found = _Found()
    damage = ""
    try:
        with open(path, "rb") as file:
            for chunk in read_chunks(file):
                found.add(chunk)
    except FileNotFoundError:
        raise PerformanceError(f"There is no performance {path}; check the name.") from None
    except IsADirectoryError:
        raise PerformanceError(f"{path} is a folder; name the {ROWS_SUFFIX} in it.") from None
    except OSError as error:
        raise PerformanceError(
            f"The performance {path} cannot be read ({error.strerror}); check its permissions."
        ) from error
    except Damage as error:
        damage = str(error)
    heads = found.objects.get("head")
    if not heads:
        raise PerformanceError(
            f"{path} is not a performance that can be read ({damage or 'it has no head'}); name "
            f"another {ROWS_SUFFIX}, or take the sound from the {SOUND_SUFFIX} beside it."
        )
    made_by = heads[0].get("format")
    if isinstance(made_by, int) and made_by > FORMAT:
        raise PerformanceError(
            f"The performance {path} was recorded by a newer rtvae (format {made_by}, this one "
            f"reads {FORMAT}); update rtvae."
        )
    head = read(Head, heads[0])
    if not head.sample_rate_hz:
        raise PerformanceError(
            f"The performance {path} is damaged: it has no sample rate; take the sound from "
            "the file beside it."
        )
    ends = found.objects.get("end ", [])
    return Performance(
        path=path,
        head=head,
        voices=tuple(read(Voice, voice) for voice in found.objects.get("voic", [])),
        gaps=tuple(read(Gap, gap) for gap in found.objects.get("gap ", [])),
        turned=found.joined("turn"),
        blocks=found.joined("bloc"),
        midi=found.joined("midi"),
        latents=found.latents(),
        ended=str(ends[0].get("why", "")) if ends else "",
        damage=damage,
    )
