"""Freeze: latents that stay where they were played last; let go, they glide back."""

import numpy as np
from numpy.typing import NDArray

from rtvae.latents.glide import ARRIVED

Floats = NDArray[np.float32]


class Freeze:
    """Which latents are frozen, and where. `busy` says whether any is, or is on its way back."""

    def __init__(self, latents: int, pull: float) -> None:
        self._left = np.float32(1.0 - pull)
        self._held = np.zeros(latents, np.float32)
        self._share = np.zeros(latents, np.float32)
        self._on = np.zeros(latents, bool)
        self._wanted = np.zeros(latents, bool)
        self._fresh = np.zeros(latents, bool)
        self._way = np.zeros(latents, np.float32)
        self._catching = False
        self.busy = False

    def land(self) -> None:
        """Let everything go at once. Real-time safe."""
        self._share.fill(0.0)
        self._on.fill(False)
        self._fresh.fill(False)
        self._catching = self.busy = False

    def aim(self, switches: Floats, played: Floats | None) -> None:
        """Freeze what is switched on, `(latents,)`, at what was `played` last.

        None where nothing has been played: then at what is played next. Real-time safe.
        """
        np.greater_equal(switches, 0.5, out=self._wanted)
        if not (self.busy or np.count_nonzero(self._wanted)):
            return
        np.logical_not(self._on, out=self._on)
        np.logical_and(self._wanted, self._on, out=self._on)
        self._fresh |= self._on
        self._fresh &= self._wanted
        self._on[:] = self._wanted
        self._catching = bool(np.count_nonzero(self._fresh))
        if self._catching and played is not None:
            self._catch(played)
        np.copyto(self._share, 1.0, where=self._on)
        self.busy = True

    def apply(self, row: Floats) -> None:
        """Put float32 `(latents,)` where it is held, and go on by one hop. Real-time safe."""
        if self._catching:
            self._catch(row)
        np.subtract(self._held, row, out=self._way)
        self._way *= self._share
        row += self._way
        np.copyto(row, self._held, where=self._on)
        self._share *= self._left
        np.copyto(self._share, 1.0, where=self._on)
        if not np.count_nonzero(self._on) and float(self._share.max(initial=0.0)) < ARRIVED:
            self.land()

    def _catch(self, row: Floats) -> None:
        np.copyto(self._held, row, where=self._fresh)
        np.nan_to_num(self._held, copy=False, posinf=0.0, neginf=0.0)
        self._fresh.fill(False)
        self._catching = False
