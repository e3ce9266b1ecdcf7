"""Settings: the one place through which knobs, window and presets set parameters.

The control block wants a single writer, and changes come from several threads: a lock keeps them
apart here, far from the audio thread, which only reads the block.
"""

import threading
from collections.abc import Mapping
from typing import Any

from rtvae.control.parameters import PARAMETER_COUNT, index_of, name_of
from rtvae.link.control_block import ControlWriter


class Settings:
    """Sets parameters by name and asks for panic. Safe to use from any thread of the host."""

    def __init__(self, writer: ControlWriter) -> None:
        self._writer = writer
        self._lock = threading.Lock()

    def set(self, values: Mapping[str, Any], scene: int | None = None) -> list[str]:
        """Set all the named values at once, each held inside its range.

        `scene` is the number of the scene that they are the values of (link/control_block.py).
        Returns the names that are no parameters or came without a number; these set nothing.
        """
        changes: dict[int, float] = {}
        refused = []
        for name, value in values.items():
            try:
                changes[index_of(name)] = float(value)
            except (KeyError, TypeError, ValueError, OverflowError):
                refused.append(name)
        if changes:
            with self._lock:
                self._writer.set_many(changes, scene)
        return refused

    def values(self) -> dict[str, float]:
        """Return every parameter's value by name."""
        with self._lock:
            values = self._writer.values
        return {name_of(k): float(values[k]) for k in range(PARAMETER_COUNT)}

    def panic(self) -> None:
        """Ask for silence and a reset of the model at once."""
        with self._lock:
            self._writer.panic()

    def beat(self) -> None:
        """Show that the host lives."""
        with self._lock:
            self._writer.beat()
