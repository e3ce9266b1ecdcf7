"""Latent control: what the player's knobs do to the latents, between encoder and decoder.

    out = mean * scale + offset + variation * std * noise

Offset, scale and variation glide to the newest values with a time constant of 10 ms, one step
each hop. The noise is seeded: the same input with the same settings gives the same sound.
"""

import math

import numpy as np

from rtvae.control.parameters import PARAMETER_COUNT, index_of, latent_bank, parameter_at
from rtvae.model.live import Floats

TIME_CONSTANT_MS = 10.0
ARRIVED = 1e-4  # of a unit: nearer than this the glide ends on the target itself
NOISE_ROWS = 256


class LatentControl:
    """The knobs of `latents` dimensions, gliding."""

    def __init__(
        self, latents: int, hop_frames: int = 64, sample_rate_hz: int = 48_000, seed: int = 0
    ) -> None:
        hop_ms = 1e3 * hop_frames / sample_rate_hz
        self._pull = 1.0 - math.exp(-hop_ms / TIME_CONSTANT_MS)
        self._random = np.random.Generator(np.random.PCG64(seed))
        self._first_noise = self._random.bit_generator.state
        self._noise = np.empty((NOISE_ROWS, latents), np.float32)
        # Columns: every offset, every scale, the variation.
        size = 2 * latents + 1
        self._now = np.zeros(size, np.float32)
        self._now[latents : 2 * latents] = 1.0
        self._offset, self._scale = self._now[:latents], self._now[latents : 2 * latents]
        self._target = self._now.copy()
        self._away = np.empty(size, np.float32)
        self._sane = np.empty(size, bool)
        every = range(PARAMETER_COUNT)
        places = [*every[latent_bank("offset", latents)], *every[latent_bank("scale", latents)]]
        places.append(index_of("variation"))
        self._aimed_at = b""
        self._neutral = self._now.copy()
        self._resting = self._untouched = False
        self._places = np.array(places, np.intp)
        self._low = np.array([parameter_at(k).low for k in places], np.float32)
        self._high = np.array([parameter_at(k).high for k in places], np.float32)

    def apply(self, mean: Floats, std: Floats, values: Floats, out: Floats) -> None:
        """Bend one block's latents: `mean`, `std`, `out` float32 `(n, latents)`, n >= 0.

        `values` is the control block's float32 `(PARAMETER_COUNT,)`: held inside each
        parameter's range, and where it is NaN the last sane value holds. A mean that is NaN
        passes through, so that the guard sees it and the engine resets the model.
        Real-time: no allocation that stays; while a knob glides, some ten NumPy calls each hop.
        """
        self._aim(values)
        row = 0
        while row < mean.shape[0] and not self._resting:
            self._glide()
            self._bend(mean[row : row + 1], std[row : row + 1], out[row : row + 1])
            self._arrive()
            row += 1
        while row < mean.shape[0]:
            end = min(row + NOISE_ROWS, mean.shape[0])
            self._bend(mean[row:end], std[row:end], out[row:end])
            row = end

    def land(self, values: Floats) -> None:
        """Be where `values` point to, without a glide, and begin the noise anew.

        What is played from here on depends on nothing that was before. Real-time safe, but not
        meant for every block.
        """
        self._aim(values)
        self._now[:] = self._target
        self._arrive()
        self._random.bit_generator.state = self._first_noise

    def _aim(self, values: Floats) -> None:
        # Six NumPy calls on a processor that has just woken cost more than the model's knobs may.
        turned = values.tobytes()
        if turned == self._aimed_at:
            return
        self._aimed_at = turned
        wanted = self._away
        np.take(values, self._places, out=wanted, mode="clip")
        np.maximum(wanted, self._low, out=wanted)
        np.minimum(wanted, self._high, out=wanted)
        np.isfinite(wanted, out=self._sane)
        np.copyto(self._target, wanted, where=self._sane)
        self._arrive()

    def _arrive(self) -> None:
        """Find out whether every knob is where it points, and whether that changes anything."""
        self._resting = bool(np.equal(self._now, self._target, out=self._sane).all())
        np.equal(self._now, self._neutral, out=self._sane)
        self._untouched = self._resting and bool(self._sane.all())

    def _glide(self) -> None:
        away = self._away
        np.subtract(self._target, self._now, out=away)
        away *= self._pull
        self._now += away
        # Near enough: land on the target itself, so that a knob at rest is exactly at rest.
        np.abs(away, out=away)
        np.less(away, ARRIVED * self._pull, out=self._sane)
        np.copyto(self._now, self._target, where=self._sane)

    def _bend(self, mean: Floats, std: Floats, out: Floats) -> None:
        if self._untouched:
            out[:] = mean
            return
        np.multiply(mean, self._scale, out=out)
        out += self._offset
        variation = float(self._now[-1])
        if variation > 0.0:
            noise = self._noise[: mean.shape[0]]
            self._random.standard_normal(dtype=np.float32, out=noise)
            noise *= std
            noise *= variation
            out += noise
