"""Runs single steps of the native executor, without a model."""

import ctypes
from math import prod

import numpy as np
from numpy.typing import NDArray

from rtvae.model.native.arena import lay_out
from rtvae.model.native.compile import compiler
from rtvae.model.native.pool import aligned_bytes
from rtvae.model.native.program import records
from rtvae.model.native.steps import Steps
from rtvae.model.native.views import View


def run_steps(steps: Steps, result: View) -> NDArray[np.float32]:
    """Run steps and return a view's numbers (it must have no gaps)."""
    for buffer in steps.buffers:
        buffer.last = 1 << 30
    arena = aligned_bytes(lay_out(steps.buffers, 0) + 64)
    pool = steps.pool.finish()
    machine = compiler()
    program = records(steps.steps, machine, {"scratch": arena, "pool": pool})
    machine.run(ctypes.c_void_p(program.ctypes.data))
    start = result.buffer.place + 4 * result.offset
    numbers = arena[start : start + 4 * prod(result.shape)].view(np.float32)
    return numbers.reshape(result.shape).copy()
