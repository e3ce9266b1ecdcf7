"""Work is done on one other thread, whoever asks, and what it raises comes back."""

import os
import threading

import pytest

from rtvae.model.ort.own_thread import OwnThread


def test_all_work_is_done_on_one_thread_that_is_not_the_callers() -> None:
    own, seen = OwnThread(), []

    def look() -> None:
        seen.append(threading.get_ident())

    own.do(look)
    other = threading.Thread(target=lambda: own.do(look))
    other.start()
    other.join()
    own.do(look)
    assert len(seen) == 3
    assert len(set(seen)) == 1
    assert threading.get_ident() not in seen


def test_what_work_raises_is_raised_here_and_the_thread_goes_on() -> None:
    own, done = OwnThread(), []

    def fail() -> None:
        raise ZeroDivisionError("on the other side")

    with pytest.raises(ZeroDivisionError, match="other side"):
        own.do(fail)
    own.do(lambda: done.append(True))
    assert done == [True]


def test_it_has_the_scheduling_of_whoever_waits() -> None:
    own, seen = OwnThread(), []

    def ask() -> None:
        # Idle scheduling is lower than the usual one, so everybody may take it.
        for policy in (os.SCHED_BATCH, os.SCHED_IDLE):
            os.sched_setscheduler(0, policy, os.sched_param(0))
            own.do(lambda: seen.append(os.sched_getscheduler(0)))

    asker = threading.Thread(target=ask)
    asker.start()
    asker.join()
    assert seen == [os.SCHED_BATCH, os.SCHED_IDLE]
