"""The MIDI loop with a port and a clock that do as the test says."""

import random

from rtvae.control.routes import Route
from rtvae.errors import MidiError
from rtvae.host.midi_loop import MidiLoop
from rtvae.host.notes import Note

ROUTES = (
    Route("latent.1.offset", -3.0, 3.0, number=16),
    Route("latent.2.offset", -3.0, 3.0, number=17, channel=2),
)


class FakePort:
    def __init__(self, name: str = "nanoKONTROL2") -> None:
        self.name = name
        self.queue_overflows = 0
        self.waiting: list[list[int]] = []
        self.plugged = True
        self.closed = False

    def receive(self) -> list[list[int]]:
        waiting, self.waiting = self.waiting, []
        return waiting

    def present(self, thoroughly: bool = False) -> bool:
        return self.plugged

    def close(self) -> None:
        self.closed = True


class Rig:
    def __init__(self, *ports: FakePort) -> None:
        self.now_s = 0.0
        self.plugged = list(ports)
        self.asked: list[str] = []
        self.values: dict[str, float] = {}
        self.notes: list[Note] = []
        self.loop = MidiLoop(
            self._open, ROUTES, self.values.update, self.notes.append, clock=lambda: self.now_s
        )
        # Stepped by hand instead of by a thread.
        self.loop._port = self._open("")
        self.loop._name = self.plugged[0].name
        self.asked.clear()

    def _open(self, name: str) -> FakePort:
        self.asked.append(name)
        if not self.plugged:
            raise MidiError("There is none.")
        return self.plugged[0]

    def step(self, seconds: float = 0.001) -> None:
        self.now_s += seconds
        self.loop.step()


def test_a_knob_moves_its_parameter_and_only_it() -> None:
    port = FakePort()
    rig = Rig(port)
    port.waiting = [[0xB0, 16, 127]]
    rig.step()
    assert rig.values == {"latent.1.offset": 3.0}
    port.waiting = [[0xB0, 17, 127], [0xB1, 17, 0]]
    rig.step()
    assert rig.values == {"latent.1.offset": 3.0, "latent.2.offset": -3.0}


def test_a_flood_ends_on_the_last_value() -> None:
    port = FakePort()
    rig = Rig(port)
    values = random.Random(3)
    port.waiting = [[0xB0, 16, values.randrange(128)] for _ in range(100_000)] + [[0xB0, 16, 0]]
    rig.step()
    assert rig.values == {"latent.1.offset": -3.0}
    assert rig.loop.messages == 100_001


def test_broken_messages_move_nothing() -> None:
    port = FakePort()
    rig = Rig(port)
    port.waiting = [[0xB0, 16], [0xB0, 16, 200], [16, 5], [], [0xF0, *[0x20] * 5000, 0xF7]]
    rig.step()
    assert rig.values == {}
    assert rig.notes == []


def test_a_port_that_goes_is_told_once_and_taken_up_again_by_its_name() -> None:
    port = FakePort()
    rig = Rig(port)
    port.waiting = [[0xB0, 16, 127]]
    rig.step()
    port.plugged = False
    rig.plugged.clear()
    for _ in range(5):
        rig.step(seconds=1.0)
    assert port.closed
    assert [note.sentence for note in rig.notes] == [
        "MIDI input nanoKONTROL2 is gone; it is taken up again when it is back."
    ]
    assert rig.loop.status == "nanoKONTROL2 (gone)"
    assert rig.values == {"latent.1.offset": 3.0}

    back = FakePort()
    rig.plugged.append(back)
    back.waiting = [[0xB0, 16, 0]]
    rig.step(seconds=1.0)
    rig.step()
    assert set(rig.asked) == {"nanoKONTROL2"}
    assert rig.values == {"latent.1.offset": -3.0}
    assert rig.notes[-1].sentence == "MIDI input nanoKONTROL2 is back."


def test_lost_messages_are_counted_over_every_port_of_the_session() -> None:
    port = FakePort()
    rig = Rig(port)
    port.queue_overflows = 2
    port.plugged = False
    rig.plugged[:] = [FakePort()]
    rig.step(seconds=1.0)
    rig.step(seconds=1.0)
    rig.plugged[0].queue_overflows = 1
    assert rig.loop.queue_overflows == 3
