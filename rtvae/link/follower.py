"""Follower: reads the telemetry's rings in order, nothing twice and nothing missed unsaid.

What is taken ends with the last block that is complete: all rings are cut at the same frame. What
the engine has overwritten before it was taken is counted and comes as silence.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import PARAMETER_COUNT
from rtvae.link.layout import LATENT_ROWS, SCOPE_FRAMES, TIMING_ROWS, VALUE_ROWS

Floats = NDArray[np.float32]
Frames = NDArray[np.uint64]

# The engine may be in the middle of writing so much while we look.
_SCOPE_MARGIN = 8192
# A voice that begins writes a row for every parameter.
_ROW_MARGIN = {"latent_rows": 512, "timing_rows": 512, "value_rows": 2 * PARAMETER_COUNT}


@dataclass(frozen=True)
class Stretch:
    """What the rings held between two looks, from `first_frame` on.

    `dry` and `wet` (float32 `(frames,)`) begin with `lost_frames` frames of silence for what was
    overwritten. Rows carry the number of the first frame of their block: latents
    `(rows, latents)` as encoded and as played, turned values with their place in the parameter
    table (or a Mark), and the blocks' sizes. `lost_rows` counts rows that were overwritten.
    """

    first_frame: int
    lost_frames: int
    lost_rows: int
    dry: Floats
    wet: Floats
    latent_frame: Frames
    before: Floats
    after: Floats
    value_frame: Frames
    value_index: NDArray[np.uint32]
    value: Floats
    block_frame: Frames
    block_size: NDArray[np.uint32]

    @property
    def frames(self) -> int:
        """How many frames of sound it holds, lost ones included."""
        return int(self.dry.shape[0])


class Follower:
    """Takes one stretch after another from the frame `first_frame` on."""

    def __init__(self, telemetry: NDArray[Any], first_frame: int) -> None:
        self._block = telemetry
        self._lost_rows = 0
        self.next_frame = first_frame
        # Rows from before the first frame are passed over when they are met.
        self._rows = {
            name: max(0, self._count(name) - length + _ROW_MARGIN[name])
            for name, length in (
                ("latent_rows", LATENT_ROWS),
                ("value_rows", VALUE_ROWS),
                ("timing_rows", TIMING_ROWS),
            )
        }

    @property
    def engine_pid(self) -> int:
        """The process that writes."""
        return self._count("engine_pid")

    def take(self, until: int | None = None) -> Stretch:
        """Return what came since the last call, which may be nothing, up to the frame `until`."""
        self._lost_rows = 0
        end = self._count("frames") if until is None else min(self._count("frames"), until)
        first, end = self.next_frame, max(end, self.next_frame)
        dry, wet, lost = self._sound(first, end)
        width = self._count("latents")
        latent_frame, before, after = self._new_rows(
            "latent_rows", LATENT_ROWS, ("latent_frame", "latent_before", "latent_after"), end
        )
        value_frame, index, value = self._new_rows(
            "value_rows", VALUE_ROWS, ("value_frame", "value_index", "value"), end
        )
        block_frame, size = self._new_rows(
            "timing_rows", TIMING_ROWS, ("timing_start", "timing_frames"), end
        )
        self.next_frame = end
        return Stretch(
            first_frame=first,
            lost_frames=lost,
            lost_rows=self._lost_rows,
            dry=dry,
            wet=wet,
            latent_frame=latent_frame,
            before=before[:, :width],
            after=after[:, :width],
            value_frame=value_frame,
            value_index=index,
            value=value,
            block_frame=block_frame,
            block_size=size,
        )

    def _count(self, name: str) -> int:
        return int(self._block[name])

    def _sound(self, first: int, end: int) -> tuple[Floats, Floats, int]:
        places = np.arange(max(first, end - SCOPE_FRAMES), end) % SCOPE_FRAMES
        heard, played = self._block["scope_input"][places], self._block["scope_output"][places]
        # What was overwritten is known only after the copy.
        kept_from = self._count("scope_frames") + _SCOPE_MARGIN - SCOPE_FRAMES
        lost = min(max(0, kept_from - first), end - first)
        sounds = []
        for copied in (heard, played):
            sound = np.zeros(end - first, np.float32)
            sound[lost:] = copied[copied.shape[0] - (end - first - lost) :]
            sounds.append(sound)
        return sounds[0], sounds[1], lost

    def _new_rows(
        self, counter: str, length: int, columns: tuple[str, ...], end: int
    ) -> tuple[NDArray[Any], ...]:
        """Return the rows of blocks before `end`; the first column is their frame."""
        wanted, count = self._rows[counter], self._count(counter)
        start = max(wanted, count - length + _ROW_MARGIN[counter])
        places = np.arange(start, count) % length
        copied = [self._block[name][places] for name in columns]
        overwritten = max(0, self._count(counter) + _ROW_MARGIN[counter] - length - start)
        frame = copied[0]
        # Frames never fall from row to row, so that the rows of unfinished blocks come last.
        complete = int(np.searchsorted(frame, end))
        self._rows[counter] = start + complete
        # If older rows than those we want are still there, none of ours is gone.
        oldest = frame[overwritten] if overwritten < frame.shape[0] else end
        if oldest >= self.next_frame:
            self._lost_rows += start - wanted + overwritten
        begin = max(overwritten, int(np.searchsorted(frame, self.next_frame)))
        return tuple(column[begin:complete] for column in copied)
