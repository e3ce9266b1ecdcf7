"""What the engine's process is like while it plays: no collector, no denormals, no strangers."""

import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from rtvae.engine.main import AudioThread

_PR_CAPBSET_DROP, _CAP_IPC_LOCK, _CAP_SYS_NICE = 24, 14, 23

PROBE = """
import gc, json, sys, threading
from rtvae.model.ort import prepare_process
from rtvae.engine import realtime

kept = []
def probe():
    kept.append(realtime.denormals_are_kept())

before = threading.Thread(target=probe); before.start(); before.join()
if sys.argv[1] == "prepared":
    prepare_process()
after = threading.Thread(target=probe); after.start(); after.join()
notices = realtime.settle_process(True)
print(json.dumps({
    "denormals": kept, "collector": gc.isenabled(), "switch": sys.getswitchinterval(),
    "priority": realtime.raise_priority(), "notices": notices,
}))
"""


def _probe(*arguments: str, **options: object) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        capture_output=True,
        text=True,
        check=True,
        **options,  # type: ignore[call-overload]
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_threads_begun_after_the_preparation_take_denormals_for_zero() -> None:
    assert _probe("prepared")["denormals"] == [True, False]


def test_the_probe_sees_denormals_where_nothing_was_prepared() -> None:
    assert _probe("bare")["denormals"] == [True, True]


def test_the_process_is_settled() -> None:
    found = _probe("prepared")
    assert found["collector"] is False
    assert found["switch"] == pytest.approx(1e-4, rel=0.01)


def _poor() -> None:
    """Take away what lets root, or a user with high limits, have real time."""
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (65_536, 65_536))
    resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0))
    libc = ctypes.CDLL(None)
    for capability in (_CAP_IPC_LOCK, _CAP_SYS_NICE):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def test_refused_priority_and_memory_are_said_and_nothing_else_happens() -> None:
    found = _probe("prepared", preexec_fn=_poor)
    assert found["priority"] is False
    assert "memlock" in str(found["notices"])


def _on_a_thread(act: Callable[[], object]) -> object:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(act()))
    thread.start()
    thread.join()
    return found[0]


def test_the_audio_thread_stays_on_the_processor_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted, allowed = max(os.sched_getaffinity(0)), os.sched_getaffinity(0)
    monkeypatch.setenv("RTVAE_PROCESSOR", str(wanted))

    def begin() -> tuple[str, set[int]]:
        thread = AudioThread()
        thread.begin()
        return thread.unplaced, os.sched_getaffinity(0)

    assert _on_a_thread(begin) == ("", {wanted})
    assert os.sched_getaffinity(0) == allowed, "only that thread"


@pytest.mark.parametrize("name", ["99999", "-1", "first", "1e9", "9" * 40])
def test_a_processor_that_is_not_there_is_one_sentence(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTVAE_PROCESSOR", name)

    def begin() -> tuple[str, set[int]]:
        thread = AudioThread()
        thread.begin()
        return thread.unplaced, os.sched_getaffinity(0)

    said, processors = _on_a_thread(begin)  # type: ignore[misc]
    assert processors == os.sched_getaffinity(0)
    assert name[:20] in said and "RTVAE_PROCESSOR" in said and said.count(".") == 1
