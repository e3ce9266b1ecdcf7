"""What moves by itself in this frame: modulators, looper, leash and the beat."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import (
    FIRST_MODULATOR,
    FIRST_ROUTE,
    MODULATORS,
    index_of,
)
from rtvae.link.telemetry import TelemetryReader
from rtvae.spec import MAX_LATENTS

_KIND = slice(FIRST_MODULATOR, FIRST_MODULATOR + MODULATORS)
_ROUTES = slice(FIRST_ROUTE, FIRST_ROUTE + MODULATORS * MAX_LATENTS)
if index_of("mod.8.kind") != _KIND.stop - 1 or index_of("mod.8.to.128") != _ROUTES.stop - 1:
    raise ImportError("The table of parameters lies otherwise than this file reads it.")


@dataclass(frozen=True)
class Motion:
    """`outputs` are the modulators' now, `(8,)` from -1 to 1; `reach` how far, in sd, each moves
    each latent at most, `(8, 128)`, zero for one that is off.

    `looper` is 0 to 1 through the loop, NaN without one; `leash_pull` is in sd.
    """

    outputs: NDArray[np.float32]
    reach: NDArray[np.float32]
    looper: float
    leash_pull: float
    beat: float


def read_motion(telemetry: TelemetryReader, values: NDArray[np.float32]) -> Motion:
    """Return what moves; numbers that are none become 0, and none lies beyond its bounds."""
    outputs = np.clip(np.nan_to_num(telemetry.modulators(), nan=0.0), -1.0, 1.0)
    on = (values[_KIND] >= 0.5).astype(np.float32)
    reach = np.nan_to_num(values[_ROUTES]).reshape(MODULATORS, MAX_LATENTS) * on[:, None]
    rows = int(telemetry.scalar("looper_rows"))
    at = int(telemetry.scalar("looper_at"))
    return Motion(
        outputs=outputs,
        reach=reach,
        looper=at % rows / rows if rows else float("nan"),
        leash_pull=_bounded(telemetry.scalar("leash_pull"), 8.0),
        beat=_bounded(telemetry.scalar("beat"), 1e7),
    )


def _bounded(value: float, most: float) -> float:
    return min(max(value, 0.0), most) if np.isfinite(value) else 0.0
