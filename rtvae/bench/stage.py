"""The stage: a process set up as the engine sets up its own, for as long as the bench measures."""

import gc
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from rtvae.engine import realtime


@contextmanager
def stage(urgent: bool = True) -> Iterator[bool]:
    """Settle the process as the engine does, and give everything back at the end.

    Yields whether the system granted real-time priority; what runs without a pause must not be
    `urgent`, or nothing else would run. Memory is not locked: a bench that may
    hold torch would lock too much of it.
    """
    interval_s, collects = sys.getswitchinterval(), gc.isenabled()
    scheduled = _schedule()
    with warnings.catch_warnings():
        realtime.settle_process(paced=False)
        try:
            yield urgent and realtime.raise_priority()
        finally:
            if scheduled is not None:
                os.sched_setscheduler(0, *scheduled)
            sys.setswitchinterval(interval_s)
            gc.unfreeze()
            if collects:
                gc.enable()


def _schedule() -> tuple[int, "os.sched_param"] | None:
    if not hasattr(os, "sched_getscheduler"):
        return None
    return os.sched_getscheduler(0), os.sched_getparam(0)
