"""What goes wrong with the sound is told once, in a sentence, however often it happens."""

from collections.abc import Callable

import numpy as np
import pytest

from rtvae.host.incidents import RUNGS, Incidents
from rtvae.link.layout import TELEMETRY
from rtvae.link.telemetry import TelemetryReader, TelemetryWriter


class Watched:
    """Telemetry under watch, on a clock."""

    def __init__(self) -> None:
        memory = np.zeros((), TELEMETRY)
        self.writer = TelemetryWriter(memory)
        self.incidents = Incidents(TelemetryReader(memory))
        self.now_s = 0.0
        self.said: list[str] = []

    def look(self, seconds: float = 0.02) -> None:
        self.now_s += seconds
        self.said += [note.sentence for note in self.incidents.look(self.now_s)]

    def lose(self) -> None:
        self.writer.add("input_overflows")
        self.writer.add("output_underflows")


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_a_single_loss_is_counted_and_not_told(watched: Watched) -> None:
    for _ in range(20):
        watched.lose()
        watched.look()
        watched.look(6.0)
    assert watched.said == []


def test_a_storm_is_told_once_and_summed_up_when_it_is_over(watched: Watched) -> None:
    for _ in range(3000):
        watched.lose()
        watched.look()
    assert watched.said == ["Sound is being lost: the machine is too busy."]
    watched.look(4.9)
    assert len(watched.said) == 1
    watched.look(0.2)
    assert watched.said[1:] == ["Sound was lost 3000 times in 60.0 s."]
    watched.look(60.0)
    assert len(watched.said) == 2


def test_a_storm_between_two_looks_is_told_too(watched: Watched) -> None:
    for _ in range(10):
        watched.lose()
    watched.look()
    assert len(watched.said) == 1


def test_each_rung_has_its_sentence(watched: Watched) -> None:
    for rung in (1, 2, 3, 2, 0):
        watched.writer.set("rung", rung)
        watched.writer.add("rung_changes")
        watched.look()
        watched.look()
    assert watched.said == [RUNGS[rung][0] for rung in (1, 2, 3, 2, 0)]


def test_a_howl_is_told(watched: Watched) -> None:
    watched.writer.add("howls")
    watched.look()
    watched.look()
    assert len(watched.said) == 1
    assert "Feedback" in watched.said[0]


@pytest.mark.parametrize("count", [lambda w: w.lose(), lambda w: w.writer.add("howls")])
def test_what_was_there_before_is_not_told_again(count: Callable[[Watched], None]) -> None:
    watched = Watched()
    for _ in range(5):
        count(watched)
    memory = watched.incidents._telemetry
    assert Incidents(memory).look(1.0) == []
