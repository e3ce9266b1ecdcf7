"""Settings: a sane copy of the control block's values, laid out as the features need them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import (
    FIRST_MODULATOR,
    FIRST_ROUTE,
    FIRST_STEP,
    MODULATOR,
    MODULATORS,
    PARAMETER_COUNT,
    SCALARS,
    STEPS,
    defaults,
    latent_bank,
    parameter_at,
)
from rtvae.spec import MAX_LATENTS

Floats = NDArray[np.float32]

_PLACES = {parameter.name: place for place, parameter in enumerate(SCALARS)}
_LOW = np.array([parameter_at(k).low for k in range(PARAMETER_COUNT)], np.float32)
_HIGH = np.array([parameter_at(k).high for k in range(PARAMETER_COUNT)], np.float32)
_DEPTH = next(k for k, parameter in enumerate(MODULATOR) if parameter.name == "depth")

_MODULATION = slice(FIRST_MODULATOR, PARAMETER_COUNT)


class Settings:
    """The newest values for a model of `latents` latents; its arrays stay the same ones.

    `settings["feedback"]` is a scalar parameter; banks are arrays:

    offset, scale, invert, freeze, clamp    `(latents,)`
    modulators                      `(len(MODULATOR), MODULATORS)`
    depth                           `(MODULATORS,)`
    steps                           `(MODULATORS, STEPS)`
    routes                          `(MODULATORS, latents)`

    `modulation_changed` says whether the last `take` changed any of the last four.
    """

    def __init__(self, latents: int) -> None:
        values = np.array(defaults(), np.float32)
        self._values = values
        self._wanted = np.empty_like(values)
        self._sane = np.empty(PARAMETER_COUNT, bool)
        self._other = np.empty(values[_MODULATION].shape, bool)
        self.modulation_changed = False
        self.offset, self.scale, self.invert, self.freeze, self.clamp = (
            values[latent_bank(name, latents)]
            for name in ("offset", "scale", "invert", "freeze", "clamp")
        )
        self.modulators = values[FIRST_MODULATOR:FIRST_STEP].reshape(len(MODULATOR), MODULATORS)
        self.depth = self.modulators[_DEPTH]
        self.steps = values[FIRST_STEP:FIRST_ROUTE].reshape(MODULATORS, STEPS)
        self.routes = values[FIRST_ROUTE:].reshape(MODULATORS, MAX_LATENTS)[:, :latents]
        # A number is read quicker through a memoryview than through an array.
        self._numbers: Any = memoryview(values.data)

    def __getitem__(self, name: str) -> float:
        number: float = self._numbers[_PLACES[name]]
        return number

    def take(self, values: Floats) -> None:
        """Take over float32 `(PARAMETER_COUNT,)`, held inside each parameter's range.

        Where it is NaN the last sane value holds. Real-time: no allocation that stays.
        """
        wanted = self._wanted
        np.maximum(values, _LOW, out=wanted)
        np.minimum(wanted, _HIGH, out=wanted)
        np.not_equal(wanted[_MODULATION], self._values[_MODULATION], out=self._other)
        self.modulation_changed = bool(np.count_nonzero(self._other))
        np.isfinite(wanted, out=self._sane)
        np.copyto(self._values, wanted, where=self._sane)
