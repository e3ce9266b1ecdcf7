"""A million MIDI messages: the last value counts, nothing piles up."""

import gc
import random
import sys

from rtvae.control.routes import Route
from rtvae.host.midi_loop import MidiLoop
from rtvae.host.notes import Note

MESSAGES = 1_000_000
A_MILLISECOND = 100  # of 100,000 messages a second


class FloodedPort:
    """Delivers a hundred messages each time it is asked, good ones and broken ones."""

    name = "flood"
    queue_overflows = 0

    def __init__(self) -> None:
        self.left = MESSAGES
        self._random = random.Random(4)

    def receive(self) -> list[list[int]]:
        count = min(A_MILLISECOND, self.left)
        self.left -= count
        packets = [[0xB0, 16, k % 128] for k in range(count)]
        if count > 3:
            packets[0] = [0xB0, 1]
            packets[1] = [self._random.randrange(256) for _ in range(5)]
            packets[2] = [0xF0, *[0x55] * 20]
        return packets

    def present(self, thoroughly: bool = False) -> bool:
        return True

    def close(self) -> None:
        self.left = 0


def test_a_million_messages_end_on_the_last_value_and_leave_nothing_behind() -> None:
    port = FloodedPort()
    values: dict[str, float] = {}
    notes: list[Note] = []
    now_s = 0.0

    def clock() -> float:
        return now_s

    loop = MidiLoop(
        lambda name: port,
        (Route("latent.1.offset", 0.0, 127.0, number=16),),
        values.update,
        notes.append,
        clock=clock,
    )
    loop._port, loop._name = port, port.name
    for _ in range(100):
        loop.step()
    gc.collect()
    before = sys.getallocatedblocks()
    while port.left:
        now_s += 0.001
        loop.step()
    gc.collect()  # empties what the interpreter keeps for its next tuples
    kept = sys.getallocatedblocks() - before
    assert loop.messages == MESSAGES
    assert values == {"latent.1.offset": float((A_MILLISECOND - 1) % 128)}
    assert notes == []
    assert kept < 500
