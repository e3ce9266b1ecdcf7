"""Calls for a window: which session is meant, and what its host makes of the call."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rtvae.errors import EngineError, UsageError
from rtvae.host.session import PID_FILE, is_played_in, session
from rtvae.host.window_call import (
    CALL_FILE,
    LARGEST_BYTES,
    answered,
    call,
    choose,
    on_screen,
    running_sessions,
)
from rtvae.link.session_memory import create_session_folder, remove_session_folder


class Impatient:
    """A clock on which every look takes a second."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        self.now_s += 1.0
        return self.now_s


@pytest.fixture
def folder() -> Iterator[Path]:
    with session() as made:
        yield made


def test_a_session_that_plays_is_found_and_one_that_lost_its_host_is_not(folder: Path) -> None:
    assert running_sessions()[os.getpid()] == folder
    left = create_session_folder()
    (left / PID_FILE).write_text("1")
    try:
        assert not is_played_in(left)
        assert left not in running_sessions().values()
    finally:
        remove_session_folder(left)


def test_which_session_is_meant_is_said_or_asked() -> None:
    one, two = Path("one"), Path("two")
    assert choose({7: one}, None) == one
    assert choose({7: one, 8: two}, 8) == two
    with pytest.raises(UsageError, match="rtvae play"):
        choose({}, None)
    with pytest.raises(UsageError, match="7, 8"):
        choose({8: two, 7: one}, None)
    with pytest.raises(UsageError, match="No session 9"):
        choose({7: one}, 9)


def test_a_call_reaches_the_host_with_the_screen_and_nothing_else(folder: Path) -> None:
    heard: list[dict[str, str]] = []

    def host() -> None:
        while not heard:
            screen = answered(folder)
            if screen is not None:
                heard.append(screen)

    thread = threading.Thread(target=host)
    thread.start()
    call(folder, {"DISPLAY": ":7", "SECRET": "x", "WAYLAND_DISPLAY": ""})
    thread.join()
    assert heard == [{"DISPLAY": ":7"}]
    assert answered(folder) is None
    assert sorted(path.name for path in folder.glob("*call*")) == []


def test_a_host_that_does_not_answer_is_told_and_the_call_withdrawn(folder: Path) -> None:
    with pytest.raises(EngineError, match="does not answer"):
        call(folder, {"DISPLAY": ":7"}, clock=Impatient())
    assert answered(folder) is None


def test_a_session_that_has_just_ended_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="just ended"):
        call(tmp_path / "gone", {})


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"3", b"\xff", b'{"DISPLAY": 3}', b" " * LARGEST_BYTES + b"{}"]
)
def test_nonsense_is_a_call_from_nowhere(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CALL_FILE).write_bytes(content)
    assert answered(tmp_path) == {}
    assert answered(tmp_path) is None


def test_the_screen_of_a_call_takes_the_place_of_the_hosts_own() -> None:
    own = {"PATH": "/bin", "WAYLAND_DISPLAY": "wayland-0"}
    assert on_screen(own, {}) == own
    assert on_screen(own, {"DISPLAY": ":7"}) == {"PATH": "/bin", "DISPLAY": ":7"}
