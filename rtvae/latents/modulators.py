"""The eight modulators together, and the way from them to the latents."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import MODULATORS
from rtvae.latents.modulator import FOLLOWER, Modulator, level_of
from rtvae.latents.settings import Settings

Floats = NDArray[np.float32]


class Modulators:
    """Moves all that are on. `out`, float32 `(MODULATORS,)`, is where they are, before depth.

    busy    whether any is on, or on its way to rest
    """

    def __init__(self, latents: int, hop_s: float, seed: int) -> None:
        self._all = [Modulator(hop_s, MODULATORS * seed + k) for k in range(MODULATORS)]
        self.out = np.zeros(MODULATORS, np.float32)
        # A number is written quicker through a memoryview than through an array.
        self._numbers: Any = memoryview(self.out.data)
        self._moved = np.zeros(latents, np.float32)
        self._on: list[tuple[int, Modulator]] = []
        self._follows = False
        self.busy = False

    def land(self) -> None:
        """Begin anew. Real-time safe."""
        for modulator in self._all:
            modulator.land()
        self.out.fill(0.0)
        self._look()

    def aim(self, settings: Settings, *, jumped: bool) -> None:
        """Take over the settings; `jumped` says that the beat did. Real-time safe."""
        if settings.modulation_changed:
            for place, modulator in enumerate(self._all):
                column, steps = settings.modulators[:, place], settings.steps[place]
                modulator.tune(column.tolist(), steps.tolist())
            self._look()
        if jumped:
            for _, modulator in self._on:
                modulator.jump()

    def step(self, beat: float, heard: Floats | None) -> None:
        """Move on by one hop, whose sound is float32 `(hop,)`. Real-time: one NumPy call."""
        level = 0.0
        if self._follows and heard is not None:
            level = level_of(float(heard.dot(heard)) / heard.shape[0])
        resting = False
        for place, modulator in self._on:
            modulator.step(beat, level)
            self._numbers[place] = modulator.out
            resting = resting or not modulator.busy
        if resting:
            self._look()

    def move(self, row: Floats, routes: Floats) -> None:
        """Add to float32 `(latents,)` what they do to it by `(MODULATORS, latents)`. Real-time."""
        row += np.dot(self.out, routes, out=self._moved)

    def _look(self) -> None:
        self._on = [(k, modulator) for k, modulator in enumerate(self._all) if modulator.busy]
        self._follows = any(modulator.kind == FOLLOWER for _, modulator in self._on)
        self.busy = bool(self._on)
