"""The bench of changes: what its table says, and that a change is one that a session hears."""

import contextlib
import socket

import pytest

import changes
from changes import CHANGING, NOBODY, STILL, Turn, packet, rates, summary, told
from jack_stage import Trouble
from rtvae.io.osc import OscPort
from tests.support.jack import alone

TRIES = 3
"""A busy machine may keep a client from starting in time."""


def counted(lost: int, late: int = 0) -> dict[str, int]:
    return {"blocks": 4500, "lost": lost, "late": late}


TURNS = [
    Turn(NOBODY, 20.0, counted(1), None),
    Turn(STILL, 20.0, counted(2), counted(4)),
    Turn(CHANGING, 20.0, counted(3), counted(6, 2)),
    Turn(STILL, 20.0, counted(2), counted(8)),
    Turn(CHANGING, 20.0, counted(3), counted(30, 2)),
    Turn(STILL, 20.0, counted(2), counted(40)),
    Turn(CHANGING, 20.0, counted(3), counted(12, 2)),
]


def test_turns_of_any_length_are_counted_per_ten_seconds() -> None:
    assert rates(TURNS, STILL, "session", "lost") == [2.0, 4.0, 20.0]
    assert rates([Turn(STILL, 5.0, counted(0), counted(3))], STILL, "session", "lost") == [6.0]
    assert rates(TURNS, NOBODY, "idle", "lost") == [0.5]
    assert rates(TURNS, NOBODY, "session", "lost") == []


def test_the_table_has_medians_with_their_spread_and_the_ratio_of_them() -> None:
    nobody, still, changing, ratio = (line.split() for line in summary(TURNS).splitlines()[1:])
    assert nobody[3:5] == ["-", "-"]
    assert " ".join(still[3:7]) == "4.0 (2.0 to 20.0)"
    assert " ".join(changing[2:6]) == "6.0 (3.0 to 15.0)"
    # What is never late without changes has no ratio.
    assert ratio[-4:] == ["1.50", "-", "1.50", "-"]


def test_each_turn_is_told_as_it_was_counted() -> None:
    assert told(TURNS[0]) == "idle client alone: idle 1 lost, 0 late of 4,500"
    expected = "session, changes: session 6 lost, 2 late of 4,500; idle 3 lost, 0 late of 4,500"
    assert told(TURNS[2]) == expected


@pytest.mark.parametrize("address", ["/rtvae/do/preset/next", "/abc", "/abcd"])
def test_a_change_is_asked_for_in_osc(address: str) -> None:
    port = OscPort("127.0.0.1", 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(packet(address), ("127.0.0.1", port.port))
    heard = port.receive(5.0)
    port.close()
    assert [(one.address, one.arguments) for one in heard] == [(address, ())]


def test_a_real_session_hears_every_change_beside_an_idle_client(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(changes, "SETTLING_S", 0.5)
    changes.examine()
    for _ in range(TRIES):
        with alone(), contextlib.suppress(Trouble):
            turn = changes.beside(CHANGING, 2.0, 256)
            break
    assert turn.session is not None
    assert turn.session["blocks"] > 0 and turn.idle["blocks"] > 0


def test_a_change_that_is_not_heard_is_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "SETTLING_S", 0.5)
    monkeypatch.setattr(changes, "packet", lambda address: b"")
    with alone(), pytest.raises(Trouble, match="Sent changes: 1, heard: 0"):
        changes.beside(CHANGING, 2.0, 256)


def test_trouble_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert changes.main(["--turns", "1"]) == 1
    assert capsys.readouterr().err == (
        "changes.py: There is no jackd here; install the package jackd2.\n"
    )
