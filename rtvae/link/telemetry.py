"""Telemetry: the engine writes what it knows, any number of readers look.

The engine is the only writer. Rings are overwritten without waiting for anybody.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import PARAMETER_COUNT
from rtvae.dsp.address import address_of
from rtvae.link.layout import (
    LATENT_ROWS,
    SCOPE_FRAMES,
    TELEMETRY,
    TIMING_ROWS,
    VALUE_ROWS,
    Mark,
    State,
)


class TelemetryWriter:
    """The engine's side. Real-time: every method only copies into mapped memory.

    The rings of sound count in the frames of the session: entry n of them is frame n of the
    counter "frames", over all engines that ever wrote here.
    """

    def __init__(self, block: NDArray[Any]) -> None:
        row = block.reshape(1)
        fields = {name: row[name] for name in TELEMETRY.names or ()}
        # One number through a memoryview costs a third of what it does through an array.
        self._number = {
            name: (_flat(field), float if field.dtype.kind == "f" else int)
            for name, field in fields.items()
            if field.ndim == 1
        }
        self._rows = {name: field[0] for name, field in fields.items() if field.ndim > 1}
        self._places = {name: address_of(field) for name, field in fields.items()}
        self._frames = self._number["frames"][0]
        self._in_block = self._number["in_block"][0]
        self._blocks = self._number["blocks"][0]
        self._scope_count = self._number["scope_frames"][0]
        self._latent_count = self._number["latent_rows"][0]
        self._timing_us = _flat(self._rows["timing_us"])
        self._timing_frames = _flat(self._rows["timing_frames"])
        self._timing_start = _flat(self._rows["timing_start"])
        self._latent_rows = self._count("latent_rows")
        self._scope_frames = self._count("scope_frames")
        self._timing_rows = self._count("timing_rows")
        self._value_rows = self._count("value_rows")
        # An engine that was killed inside a block left its sound and not its count.
        self._frames[0] = max(self._scope_frames, self._frames[0])
        self._values = np.full(PARAMETER_COUNT, np.nan, np.float32)
        self._turned = np.empty(PARAMETER_COUNT, bool)
        self._quiet = np.zeros(SCOPE_FRAMES, np.float32)

    @property
    def frame(self) -> int:
        """The number of the frame that is played next."""
        # Sound is counted part by part of a large block; a block that broke off left none.
        return max(self._scope_frames, self.frames)

    @property
    def frames(self) -> int:
        """How many frames have been played: the number of the next one."""
        frames: int = self._frames[0]
        return frames

    def address(self, name: str) -> int:
        """Return where a field of the TELEMETRY table lies, for who writes to it directly."""
        return self._places[name]

    def catch_up(self) -> None:
        """Somebody else has appended sound and latents, and counted them. Real-time safe."""
        self._scope_frames, self._latent_rows = self._scope_count[0], self._latent_count[0]

    def enter_block(self) -> None:
        """A block begins: if the block counter stands still now, it stands still in there."""
        self._in_block[0] = 1

    def leave_block(self, frames: int) -> None:
        """A block of so many frames has been played."""
        self._frames[0] += frames
        # Last, because a supervisor takes a moving block counter for a sign of life.
        self._blocks[0] += 1
        self._in_block[0] = 0

    def set(self, name: str, value: float) -> None:
        """Write one scalar field of the TELEMETRY table."""
        view, kind = self._number[name]
        view[0] = kind(value)

    def show(self, name: str, values: NDArray[np.float32]) -> None:
        """Write one row of the TELEMETRY table, as long as it is."""
        self._rows[name][:] = values

    def add(self, name: str, amount: int = 1) -> None:
        """Count in one scalar field of the TELEMETRY table."""
        view, _ = self._number[name]
        view[0] += amount

    def set_state(self, state: State) -> None:
        """Show what the engine is doing."""
        self.set("state", state)

    def push_latents(self, before: NDArray[np.float32], after: NDArray[np.float32]) -> None:
        """Append rows of latents, float32 `(rows, latents)`, as encoded and as played."""
        frame, rows = self.frame, self._rows
        start, count, width = 0, before.shape[0], before.shape[1]
        while start < count:
            at = self._latent_rows % LATENT_ROWS
            end = min(count, start + LATENT_ROWS - at)
            until = at + end - start
            rows["latent_frame"][at:until] = frame
            rows["latent_before"][at:until, :width] = before[start:end]
            rows["latent_after"][at:until, :width] = after[start:end]
            self._latent_rows += end - start
            start = end
        self.set("latent_rows", self._latent_rows)

    def push_scope(self, heard: NDArray[np.float32], played: NDArray[np.float32]) -> None:
        """Append mono input and output, float32 `(frames,)` each, frames <= SCOPE_FRAMES."""
        while (missing := self.frame - self._scope_frames) > 0:
            quiet = self._quiet[:missing]
            self._append_sound(quiet, quiet)
        self._append_sound(heard, played)

    def _append_sound(self, heard: NDArray[np.float32], played: NDArray[np.float32]) -> None:
        frames = heard.shape[0]
        at = self._scope_frames % SCOPE_FRAMES
        first = min(frames, SCOPE_FRAMES - at)
        for name, audio in (("scope_input", heard), ("scope_output", played)):
            ring = self._rows[name]
            if first == frames:
                ring[at : at + frames] = audio
            else:
                ring[at:] = audio[:first]
                ring[: frames - first] = audio[first:]
        self._scope_frames += frames
        self.set("scope_frames", self._scope_frames)

    def push_values(self, values: NDArray[np.float32]) -> None:
        """Append a row for each parameter that differs from its last row."""
        np.not_equal(values, self._values, out=self._turned)
        (turned,) = self._turned.nonzero()
        if turned.shape[0]:
            self._values[:] = values
            self._append_values(turned, values[turned])

    def push_mark(self, mark: Mark, value: float = 0.0) -> None:
        """Append one row that is no parameter."""
        self._append_values(np.array([mark]), np.array([value], np.float32))

    def start_voice(self, values: NDArray[np.float32]) -> None:
        """Say that a voice hears its first frame now, and append all parameters."""
        self.push_mark(Mark.VOICE)
        self._values.fill(np.nan)
        self.push_values(values)

    def _append_values(self, index: NDArray[Any], value: NDArray[np.float32]) -> None:
        at = np.arange(self._value_rows, self._value_rows + index.shape[0]) % VALUE_ROWS
        self._rows["value_frame"][at] = self.frame
        self._rows["value_index"][at] = index
        self._rows["value"][at] = value
        self._value_rows += index.shape[0]
        self.set("value_rows", self._value_rows)

    def push_timing(
        self, frames: int, total: float, encoder: float, control: float, decoder: float
    ) -> None:
        """Append one block's cost in microseconds."""
        at = self._timing_rows % TIMING_ROWS
        costs, first = self._timing_us, 5 * at
        costs[first], costs[first + 1] = total, encoder
        costs[first + 2], costs[first + 3] = control, decoder
        costs[first + 4] = total - encoder - control - decoder
        self._timing_frames[at] = frames
        self._timing_start[at] = self.frames
        self._timing_rows += 1
        self.set("timing_rows", self._timing_rows)

    def _count(self, name: str) -> int:
        count: int = self._number[name][0][0]
        return count


def _flat(field: NDArray[Any]) -> Any:
    """Return the same memory as a memoryview of one number after the other."""
    numbers: Any = memoryview(field.reshape(-1).view(np.uint8).data)
    return numbers.cast(field.dtype.char)


class TelemetryReader:
    """Anybody's side: read-only views and copies of the newest ring entries."""

    def __init__(self, block: NDArray[Any]) -> None:
        self._block = block

    def scalar(self, name: str) -> float:
        """Return one scalar field of the TELEMETRY table."""
        return self._block[name].item()  # type: ignore[no-any-return]

    @property
    def state(self) -> State:
        """What the engine is doing."""
        return State(int(self._block["state"]))

    def modulators(self) -> NDArray[np.float32]:
        """Return what the modulators put out, `(8,)` from -1 to 1."""
        return np.array(self._block["modulator"])

    def latents(self, rows: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the newest rows as encoded and as played, each `(<= rows, latents)`."""
        take = _newest(int(self._block["latent_rows"]), rows, LATENT_ROWS)
        width = int(self._block["latents"])
        return (
            self._block["latent_before"][take, :width],
            self._block["latent_after"][take, :width],
        )

    def scope(self, frames: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the newest mono input and output, each `(<= frames,)`."""
        take = _newest(int(self._block["scope_frames"]), frames, SCOPE_FRAMES)
        return self._block["scope_input"][take], self._block["scope_output"][take]

    def timing(self, rows: int) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
        """Return the newest blocks' costs: `(<= rows, 5)` in us (TIMING_COLUMNS), and frames."""
        take = _newest(int(self._block["timing_rows"]), rows, TIMING_ROWS)
        return self._block["timing_us"][take], self._block["timing_frames"][take]


def dropouts(input_overflows: int, output_underflows: int) -> int:
    """Return how often sound was lost: a duplex stream flags one incident on both its sides."""
    return max(input_overflows, output_underflows)


def _newest(count: int, wanted: int, length: int) -> NDArray[np.int64]:
    return np.arange(count - min(count, wanted, length), count) % length
