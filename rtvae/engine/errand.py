"""Errand: the priority of a thread that loads and measures while another plays.

The audio thread needs the interpreter, and may find it held by a thread of ordinary priority which
other programs have put aside in the middle: then it waits for as long as those compute. So whoever
works beside the sound is lent the least real-time priority, below every audio thread's. It is lent
for a part of the time only: where real-time threads leave nothing to others, Linux stops them all,
the audio thread too (sched(7), "Limiting the CPU usage of real-time and deadline processes").
"""

import contextlib
import os
import threading
import time

LENT_S, REST_S = 0.16, 0.04
"""Four fifths of the time: with an audio thread on the same processor 0.95 are not reached."""
MOST_NICE = -20
"""What is asked for in between: the largest share that an ordinary thread can have."""


class Errand:
    """A context for the one thread that works. Does nothing where the system refuses."""

    def __init__(self) -> None:
        self._working = threading.Event()
        self._worker = 0
        self._lender = threading.Thread(target=self._lend, name="errand", daemon=True)

    def __enter__(self) -> None:
        if self._lender.ident is None:
            self._worker = threading.get_native_id()
            # First, because it keeps what the worker starts from being as urgent as itself.
            if _give(self._worker, above_least=None):
                with contextlib.suppress(AttributeError, OSError):
                    os.setpriority(os.PRIO_PROCESS, self._worker, MOST_NICE)
            self._lender.start()
        self._working.set()

    def __exit__(self, *_: object) -> None:
        self._working.clear()

    def _lend(self) -> None:
        # Above the one that it lends to, to be able to take it back.
        if not _give(0, above_least=1):
            return
        while self._working.wait():
            _give(self._worker, above_least=0)
            time.sleep(LENT_S)
            _give(self._worker, above_least=None)
            time.sleep(REST_S)


def _give(thread: int, above_least: int | None) -> bool:
    """Give a thread (0: this one) a real-time priority, or with None take it; whether it worked."""
    try:
        if above_least is None:
            ordinary = os.SCHED_OTHER | os.SCHED_RESET_ON_FORK
            os.sched_setscheduler(thread, ordinary, os.sched_param(0))
        else:
            least = os.sched_get_priority_min(os.SCHED_RR)
            wanted = os.sched_param(least + above_least)
            os.sched_setscheduler(thread, os.SCHED_RR | os.SCHED_RESET_ON_FORK, wanted)
    except (AttributeError, OSError):
        return False
    return True
