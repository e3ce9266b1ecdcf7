"""Knobs: scale, invert, offset and clamp of every latent, and how far each feature is turned up.

All of them glide together. How far a modulator moves a latent (its depth times `to`) glides as
well.
"""

from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import MODULATORS
from rtvae.latents.glide import Glide
from rtvae.latents.settings import Settings

Floats = NDArray[np.float32]

SHARES = ("variation", "diffusion", "feedback", "generate", "generate_spread", "leash")


class Knobs:
    """The gliding knobs of `low.shape[0]` latents, whose ranges are `low` to `high`.

    offset, scale   `(latents,)`, as they are in this hop
    routes          `(MODULATORS, latents)`, likewise
    share           what else glides, by name (SHARES)
    resting         whether nothing glides
    bends           whether scale or offset change anything
    clamps          whether any latent is held in its range
    routed          whether any modulator leads to a latent
    """

    def __init__(self, low: Floats, high: Floats, pull: float) -> None:
        latents = low.shape[0]
        self._low, self._high = low, high
        self._lowest, self._highest = np.full_like(low, -np.inf), np.full_like(high, np.inf)
        sizes = (latents, latents, latents, len(SHARES), MODULATORS * latents)
        slices = [slice(first, end) for first, end in pairwise(accumulate(sizes, initial=0))]
        start = np.zeros(sum(sizes), np.float32)
        start[slices[1]] = 1.0
        self._glide = Glide(start, pull)
        now, target = self._glide.now, self._glide.target
        self.offset, self.scale, self._clamp, self._shares, flat = (now[part] for part in slices)
        self.routes = flat.reshape(MODULATORS, latents)
        self._offset_to, self._scale_to, self._clamp_to, self._shares_to, flat = (
            target[part] for part in slices
        )
        self._routes_to = flat.reshape(MODULATORS, latents)
        self._bending = target[: 2 * latents]
        self._neutral = start[: 2 * latents].copy()
        self._turned = np.empty(2 * latents, bool)
        self._held = np.empty(latents, bool)
        self._other = np.empty(latents, np.float32)
        self.share = {name: 0.0 for name in SHARES}
        self._to_bend = self._to_clamp = self._to_route = False
        self.resting, self.bends, self.clamps, self.routed = True, False, False, False

    def aim(self, settings: Settings) -> None:
        """Point everything where the settings are. Real-time: some 15 NumPy calls."""
        self._offset_to[:] = settings.offset
        np.multiply(settings.invert, -2.0, out=self._scale_to)
        self._scale_to += 1.0
        self._scale_to *= settings.scale
        self._clamp_to[:] = settings.clamp
        for place, name in enumerate(SHARES):
            self._shares_to[place] = settings[name]
        if settings.modulation_changed:
            np.multiply(settings.depth[:, None], settings.routes, out=self._routes_to)
            self._to_route = bool(np.count_nonzero(self._routes_to))
        np.not_equal(self._bending, self._neutral, out=self._turned)
        self._to_bend = bool(np.count_nonzero(self._turned))
        self._to_clamp = bool(np.count_nonzero(self._clamp_to))
        self._glide.look()
        self._look()

    def land(self) -> None:
        """Be where everything points at once. Real-time safe."""
        self._glide.land()
        self._look()

    def step(self) -> None:
        """Glide on by one hop. Real-time: some 15 NumPy calls."""
        self._glide.step()
        self._look()

    def bend(self, rows: Floats, out: Floats) -> None:
        """Scale and shift float32 `(n, latents)` or `(latents,)`; `out` may be `rows`."""
        np.multiply(rows, self.scale, out=out)
        out += self.offset

    def hold_in_range(self, rows: Floats) -> None:
        """Clamp float32 `(n, latents)` in place where that is switched on; NaN stays NaN."""
        np.maximum(rows, self._lowest, out=rows)
        np.minimum(rows, self._highest, out=rows)
        if not self.resting and rows.ndim == 1:
            inside = self._other
            np.maximum(rows, self._low, out=inside)
            np.minimum(inside, self._high, out=inside)
            inside -= rows
            inside *= self._clamp
            rows += inside

    def _look(self) -> None:
        """Work out what is at work in this hop; what glides counts as turned up."""
        resting = self.resting = self._glide.arrived
        self.share.update(zip(SHARES, self._shares.tolist(), strict=True))
        self.bends = self._to_bend or not resting
        self.routed = self._to_route or (self.routed and not resting)
        clamped = self.clamps
        self.clamps = self._to_clamp or (clamped and not resting)
        if self.clamps or clamped:
            np.equal(self._clamp, 1.0, out=self._held)
            self._lowest.fill(-np.inf)
            self._highest.fill(np.inf)
            np.copyto(self._lowest, self._low, where=self._held)
            np.copyto(self._highest, self._high, where=self._held)
