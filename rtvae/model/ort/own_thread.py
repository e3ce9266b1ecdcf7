"""A thread of its own for a device that wants to be spoken to from one thread only.

ONNX Runtime keeps CUDA's handles and recorded graphs for each thread: whoever runs a model for the
first time waits tens of milliseconds for new ones. So a model on a device is made, warmed up and
played on a thread that comes with it, and the audio thread waits for that one's answer.
"""

import contextlib
import os
import weakref
from collections.abc import Callable
from threading import Lock, Thread

Work = Callable[[], None]


class _Desk:
    """What the two threads share: a piece of work and what came of it. None ends the thread."""

    def __init__(self) -> None:
        self.asked, self.done = Lock(), Lock()
        self.asked.acquire()
        self.done.acquire()
        self.work: Work | None = None
        self.error: BaseException | None = None


class OwnThread:
    """Does work on a thread that lives as long as this object; one caller at a time."""

    def __init__(self) -> None:
        self._desk = _Desk()
        self._thread = Thread(target=_serve, args=(self._desk,), name="device", daemon=True)
        self._scheduling: tuple[int, int] | None = None
        self._thread.start()
        weakref.finalize(self, _dismiss, self._desk)

    def do(self, work: Work) -> None:
        """Return when `work` is done; raise what it raised.

        Real-time: waits for the other thread, which has the caller's scheduling; nothing stays
        allocated.
        """
        self._follow()
        desk = self._desk
        desk.work = work
        desk.asked.release()
        desk.done.acquire()
        if desk.error is not None:
            error, desk.error = desk.error, None
            raise error

    def _follow(self) -> None:
        """Give the thread the scheduling of the one that waits for it, where a system can."""
        if not hasattr(os, "sched_setscheduler") or self._thread.native_id is None:
            return
        policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
        scheduling = (policy, parameters.sched_priority)
        if scheduling != self._scheduling:
            self._scheduling = scheduling
            with contextlib.suppress(OSError):
                os.sched_setscheduler(self._thread.native_id, policy, parameters)


def _serve(desk: _Desk) -> None:
    while True:
        desk.asked.acquire()
        work, desk.work = desk.work, None
        if work is None:
            return
        try:
            work()
        except BaseException as error:  # whoever waits is the one to judge it
            desk.error = error
        del work  # or a model that has gone would be held until the next
        desk.done.release()


def _dismiss(desk: _Desk) -> None:
    desk.asked.release()
