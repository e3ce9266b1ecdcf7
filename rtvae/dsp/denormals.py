"""Denormals: whether this very thread flushes numbers too small for full precision to zero.

A network that fades to silence computes with such numbers for seconds, up to a hundred times
slower each. Processors have a switch for that per thread; a new thread inherits it.
"""

import numpy as np

SUBNORMAL = 1e-40

_tiny = np.full(16, SUBNORMAL, np.float32)
_ones = np.ones(16, np.float32)


def denormals_are_flushed() -> bool:
    """Return whether arithmetic on the calling thread turns subnormal results into zero.

    Computes one such product and looks at its bits: no timing involved.
    Real-time: one small array comes and goes.
    """
    return not np.multiply(_tiny, _ones).view(np.int32).any()
