"""What becomes of windows that die, close, hang or talk nonsense."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from rtvae.host.child import Child, Message
from rtvae.host.notes import Note
from rtvae.host.window_keeper import WindowKeeper

PATIENCE_S = 20.0
INFO = {"model": {"name": "first"}}


class Rig:
    """A keeper of stub windows, stepped until something has happened."""

    def __init__(self, folder: Path) -> None:
        self.heard = folder / "heard"
        os.environ["STUB_HEARD"] = str(self.heard)
        self.log = folder / "window.log"
        self.screens: list[dict[str, str]] = []
        self.keeper = WindowKeeper(self._spawn)
        self.messages: list[Message] = []
        self.notes: list[Note] = []

    def _spawn(self, screen: Mapping[str, str]) -> Child:
        self.screens.append(dict(screen))
        return Child("tests.support.stub_window", "nowhere", log=self.log)

    def until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not happened():
            assert time.monotonic() < deadline, (self.messages, self.notes)
            messages, notes = self.keeper.step()
            self.messages += messages
            self.notes += notes
            time.sleep(0.01)


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STUB_SAYS", "STUB_STATUS", "STUB_HEARD"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_what_the_player_does_in_the_window_arrives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "STUB_SAYS",
        '[{"set": {"mix": 0.5}}, {"do": "panic"}, {"do": "model.load", "name": "second"}]',
    )
    rig = Rig(tmp_path)
    rig.keeper.show(INFO)
    rig.until(lambda: len(rig.messages) == 4)
    assert rig.messages[1:] == [
        {"set": {"mix": 0.5}},
        {"do": "panic"},
        {"do": "model.load", "name": "second"},
    ]
    rig.keeper.stop()
    assert rig.keeper.pid is None
    assert rig.notes == []


def test_a_window_that_its_user_closes_is_not_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_SAYS", '[{"closed": true}]')
    monkeypatch.setenv("STUB_STATUS", "0")
    rig = Rig(tmp_path)
    rig.keeper.show(INFO)
    rig.until(lambda: rig.keeper.closed and rig.keeper.pid is None)
    assert rig.notes == []


def test_a_window_that_is_closed_alone_stays_away_until_it_is_called_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_SAYS", '[{"away": true}]')
    monkeypatch.setenv("STUB_STATUS", "0")
    rig = Rig(tmp_path)
    rig.keeper.show(INFO)
    rig.until(lambda: rig.keeper.pid is None)
    assert not rig.keeper.closed
    assert ["`rtvae window` opens it again" in note.sentence for note in rig.notes] == [True]
    for _ in range(20):
        rig.keeper.step()
    assert rig.keeper.pid is None
    monkeypatch.setenv("STUB_SAYS", "[]")
    monkeypatch.delenv("STUB_STATUS")
    rig.keeper.open({"DISPLAY": ":9"})
    rig.until(lambda: rig.heard.read_text().count("first") == 2)
    assert rig.screens == [{}, {"DISPLAY": ":9"}]
    assert rig.keeper.reopened == 0
    rig.keeper.open({"DISPLAY": ":10"})
    rig.until(lambda: '"front": true' in rig.heard.read_text())
    assert len(rig.screens) == 2
    rig.keeper.stop()


def test_a_window_that_died_too_often_can_be_called_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_STATUS", "1")
    rig = Rig(tmp_path)
    rig.until(lambda: rig.keeper.given_up)
    monkeypatch.delenv("STUB_STATUS")
    rig.keeper.open({})
    rig.keeper.show(INFO)
    rig.until(lambda: rig.heard.exists() and "first" in rig.heard.read_text())
    assert not rig.keeper.given_up
    rig.keeper.stop()


def test_a_window_that_dies_is_opened_again_and_told_everything_again(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.keeper.show(INFO)
    rig.until(lambda: rig.heard.exists() and "first" in rig.heard.read_text())
    first = rig.keeper.pid
    assert first is not None
    os.kill(first, 9)
    rig.until(lambda: rig.keeper.reopened == 1)
    rig.until(lambda: rig.heard.read_text().count("first") == 2)
    assert rig.keeper.pid != first
    assert [note.sentence for note in rig.notes] == [
        "The window died and is opened again; the sound went on."
    ]
    rig.keeper.stop()


def test_a_window_that_keeps_dying_stays_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_STATUS", "1")
    rig = Rig(tmp_path)
    rig.until(lambda: rig.keeper.given_up)
    assert rig.keeper.reopened == 2
    assert rig.keeper.pid is None
    assert not rig.keeper.closed
    assert rig.notes[-1].sentence == "The window died three times within a minute and stays closed."


def test_a_window_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.until(lambda: bool(rig.messages))
    assert rig.keeper.pid is not None
    os.kill(rig.keeper.pid, 19)
    start = time.monotonic()
    for k in range(5000):
        rig.keeper.show({"model": {"name": "x" * 1000 + str(k)}})
    assert time.monotonic() - start < PATIENCE_S
    rig.keeper.stop()
    assert rig.keeper.pid is None
