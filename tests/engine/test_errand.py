"""Who works beside the sound is lent a priority in parts, and gives it back."""

import os
import threading
import time
from collections.abc import Callable

import pytest

from rtvae.engine import errand
from rtvae.engine.errand import Errand

PATIENCE_S = 10.0
LEAST = 1


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Thread and priority of each call; 0 is an ordinary one."""
    calls: list[tuple[int, int]] = []

    def record(thread: int, policy: int, wanted: os.sched_param) -> None:
        assert policy & os.SCHED_RESET_ON_FORK, "what it starts would be as urgent"
        calls.append((thread, wanted.sched_priority))

    monkeypatch.setattr(os, "sched_setscheduler", record)
    monkeypatch.setattr(os, "setpriority", lambda which, who, nice: None)
    monkeypatch.setattr(errand, "LENT_S", 0.002)
    monkeypatch.setattr(errand, "REST_S", 0.001)
    return calls


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_a_working_thread_is_lent_the_least_priority_in_turns(given: list[tuple[int, int]]) -> None:
    me, work = threading.get_native_id(), Errand()
    with work:
        until(lambda: given.count((me, LEAST)) > 3)
    assert given[0] == (me, 0), "what is started before anything is lent is not urgent either"
    assert given[1] == (0, LEAST + 1), "who lends can always take it back"
    turns = [priority for thread, priority in given[2:] if thread == me]
    assert turns[:6] == [LEAST, 0] * 3


def test_nothing_is_lent_when_the_work_is_done(given: list[tuple[int, int]]) -> None:
    me, work = threading.get_native_id(), Errand()
    for _ in range(2):
        with work:
            until(lambda: (me, LEAST) in given)
        until(lambda: given[-1] == (me, 0))
        time.sleep(0.02)
        assert given[-1] == (me, 0)
        given.clear()


def test_where_the_system_refuses_the_work_is_done_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*arguments: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    monkeypatch.setattr(os, "setpriority", refuse)
    work, done = Errand(), 0
    for _ in range(3):
        with work:
            done += 1
    assert done == 3
    until(lambda: not work._lender.is_alive())
