"""Telemetry: the engine writes what it knows, any number of readers look.

The engine is the only writer. Rings are overwritten without waiting for anybody.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtvae.link.layout import LATENT_ROWS, SCOPE_FRAMES, TELEMETRY, TIMING_ROWS, State


class TelemetryWriter:
    """The engine's side. Real-time: every method only copies into mapped memory."""

    def __init__(self, block: NDArray[Any]) -> None:
        row = block.reshape(1)
        self._field = {name: row[name] for name in TELEMETRY.names or ()}
        self._latent_rows = int(self._field["latent_rows"][0])
        self._scope_frames = int(self._field["scope_frames"][0])
        self._timing_rows = int(self._field["timing_rows"][0])

    def set(self, name: str, value: float) -> None:
        """Write one scalar field of the TELEMETRY table."""
        self._field[name][0] = value

    def add(self, name: str, amount: int = 1) -> None:
        """Count in one scalar field of the TELEMETRY table."""
        self._field[name][0] += np.uint64(amount)

    def set_state(self, state: State) -> None:
        """Show what the engine is doing."""
        self._field["state"][0] = state

    def push_latents(self, before: NDArray[np.float32], after: NDArray[np.float32]) -> None:
        """Append rows of latents, float32 `(rows, latents)`, as encoded and as played."""
        for k in range(before.shape[0]):
            at = self._latent_rows % LATENT_ROWS
            self._field["latent_before"][0, at, : before.shape[1]] = before[k]
            self._field["latent_after"][0, at, : after.shape[1]] = after[k]
            self._latent_rows += 1
        self._field["latent_rows"][0] = self._latent_rows

    def push_scope(self, heard: NDArray[np.float32], played: NDArray[np.float32]) -> None:
        """Append mono input and output, float32 `(frames,)` each, frames <= SCOPE_FRAMES."""
        frames = heard.shape[0]
        at = self._scope_frames % SCOPE_FRAMES
        first = min(frames, SCOPE_FRAMES - at)
        for name, audio in (("scope_input", heard), ("scope_output", played)):
            ring = self._field[name][0]
            ring[at : at + first] = audio[:first]
            ring[: frames - first] = audio[first:]
        self._scope_frames += frames
        self._field["scope_frames"][0] = self._scope_frames

    def push_timing(
        self, frames: int, total: float, encoder: float, control: float, decoder: float
    ) -> None:
        """Append one block's cost in microseconds."""
        at = self._timing_rows % TIMING_ROWS
        row = self._field["timing_us"][0, at]
        row[0], row[1], row[2], row[3] = total, encoder, control, decoder
        row[4] = total - encoder - control - decoder
        self._field["timing_frames"][0, at] = frames
        self._timing_rows += 1
        self._field["timing_rows"][0] = self._timing_rows


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
