"""Settings: a sane copy of the control block's values, laid out as the features need them."""

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

_NAMES = tuple(parameter.name for parameter in SCALARS)
_LOW = np.array([parameter_at(k).low for k in range(PARAMETER_COUNT)], np.float32)
_HIGH = np.array([parameter_at(k).high for k in range(PARAMETER_COUNT)], np.float32)
_DEPTH = next(k for k, parameter in enumerate(MODULATOR) if parameter.name == "depth")


class Settings:
    """The newest values for a model of `latents` latents; its arrays stay the same ones.

    scalars                         the scalar parameters by name
    offset, scale, invert, freeze, clamp    `(latents,)`
    modulators                      `(len(MODULATOR), MODULATORS)`
    depth                           `(MODULATORS,)`
    steps                           `(MODULATORS, STEPS)`
    routes                          `(MODULATORS, latents)`
    """

    def __init__(self, latents: int) -> None:
        values = np.array(defaults(), np.float32)
        self._values = values
        self._wanted = np.empty_like(values)
        self._sane = np.empty(PARAMETER_COUNT, bool)
        self.offset, self.scale, self.invert, self.freeze, self.clamp = (
            values[latent_bank(name, latents)]
            for name in ("offset", "scale", "invert", "freeze", "clamp")
        )
        self.modulators = values[FIRST_MODULATOR:FIRST_STEP].reshape(len(MODULATOR), MODULATORS)
        self.depth = self.modulators[_DEPTH]
        self.steps = values[FIRST_STEP:FIRST_ROUTE].reshape(MODULATORS, STEPS)
        self.routes = values[FIRST_ROUTE:].reshape(MODULATORS, MAX_LATENTS)[:, :latents]
        self.scalars = {name: float(values[place]) for place, name in enumerate(_NAMES)}

    def take(self, values: Floats) -> None:
        """Take over float32 `(PARAMETER_COUNT,)`, held inside each parameter's range.

        Where it is NaN the last sane value holds. Real-time: no allocation that stays.
        """
        wanted = self._wanted
        np.maximum(values, _LOW, out=wanted)
        np.minimum(wanted, _HIGH, out=wanted)
        np.isfinite(wanted, out=self._sane)
        np.copyto(self._values, wanted, where=self._sane)
        self.scalars.update(zip(_NAMES, self._values[: len(_NAMES)].tolist(), strict=True))
