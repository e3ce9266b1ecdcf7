"""The control block: the host writes parameters, the engine reads them once a block.

A sequence counter guards it: odd while a write is under way. A reader that meets a write keeps
the values it had; the next block brings the new ones. Last value wins.

A scene is a change of models together with the values that belong to them. The engine is told the
values with the models, and takes them over when the new voice comes; the host writes them here when
it hears of that, together with the scene's number. Until then the reader puts them over what it
finds, so that no voice ever plays with the other's settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import PARAMETER_COUNT, clamp, index_of
from rtvae.dsp.address import address_of


@dataclass(frozen=True)
class Scene:
    """The values of one scene: float32 `(PARAMETER_COUNT,)`, used where `sets`, bool, is true."""

    number: int
    values: NDArray[np.float32]
    sets: NDArray[np.bool_]


def make_scene(number: int, values: Mapping[str, float]) -> Scene:
    """Return a scene of values by parameter name. Raises KeyError for a name that is none."""
    scene = Scene(number, np.zeros(PARAMETER_COUNT, np.float32), np.zeros(PARAMETER_COUNT, bool))
    for name, value in values.items():
        index = index_of(name)
        scene.values[index] = clamp(index, value)
        scene.sets[index] = True
    return scene


class ControlWriter:
    """The host's side. Only one thread of one process may write."""

    def __init__(self, block: NDArray[Any]) -> None:
        self._block = block
        self._values: NDArray[np.float32] = block["values"]

    @property
    def values(self) -> NDArray[np.float32]:
        """A copy of all parameters, float32 `(PARAMETER_COUNT,)`."""
        return self._values.copy()

    def set(self, index: int, value: float) -> None:
        """Set one parameter, held inside its range."""
        self.set_many({index: value})

    def set_many(self, changes: dict[int, float], scene: int | None = None) -> None:
        """Set several parameters at once: the engine sees all of them or none.

        `scene` is the number of the scene that they are the values of.
        """
        # A host killed inside a write leaves the counter odd; the next write mends it.
        start = int(self._block["sequence"]) | 1
        self._block["sequence"] = start
        for index, value in changes.items():
            self._values[index] = clamp(index, value)
        if scene is not None:
            self._block["scene"] = scene
        self._block["sequence"] = start + 1

    def panic(self) -> None:
        """Ask for silence and a model reset at once; the engine counts these requests."""
        self._block["panic_count"] += np.uint64(1)

    def beat(self) -> None:
        """Show that the host lives."""
        self._block["host_beat"] += np.uint64(1)


class ControlReader:
    """The engine's and the window's side: a private copy that is refreshed once a block.

    `serial` is a number that changes whenever `values` do, and `seen` what "sequence" was then.
    """

    def __init__(self, block: NDArray[Any]) -> None:
        # A number is read quicker through a memoryview than through an array.
        row: Any = block.reshape(1)
        self._sequence = memoryview(row["sequence"])
        self._panic = memoryview(row["panic_count"])
        self._scene_number = memoryview(row["scene"])
        self._places: dict[str, int] = {
            name: address_of(row[name]) for name in ("sequence", "panic_count")
        }
        self._scene: Scene | None = None
        self._shared: NDArray[np.float32] = block["values"]
        self._fresh = np.empty(PARAMETER_COUNT, np.float32)
        self.values: NDArray[np.float32] = self._shared.copy()
        self.seen = -1
        self.serial = 0

    def address(self, name: str) -> int:
        """Return where a field of the CONTROL table lies, for who looks at it directly."""
        return self._places[name]

    def refresh(self) -> bool:
        """Take over a finished write; return whether anything was taken.

        Real-time: no lock, no allocation that stays, two copies of about 8 KB only after a write.
        """
        before: int = self._sequence[0]
        if before == self.seen or before & 1:
            return False
        self._fresh[:] = self._shared
        written: int = self._scene_number[0]
        if self._sequence[0] != before:
            return False
        self.values[:] = self._fresh
        self.seen = before
        self.serial += 1
        if self._scene is not None:
            if written >= self._scene.number:
                self._scene = None
            else:
                np.copyto(self.values, self._scene.values, where=self._scene.sets)
        return True

    def enter(self, scene: Scene) -> None:
        """Have a scene's values over all others until the host has written them.

        Real-time: one copy.
        """
        self._scene = scene
        np.copyto(self.values, scene.values, where=scene.sets)
        self.serial += 1

    @property
    def panic_count(self) -> int:
        """How often panic was asked for. Real-time: one read."""
        count: int = self._panic[0]
        return count
