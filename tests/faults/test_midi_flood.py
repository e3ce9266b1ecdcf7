"""Two seconds of a hundred thousand MIDI messages each: the last value counts, nothing piles up."""

import gc
import random
import sys

import numpy as np

from rtvae.control.midi_moves import Move
from rtvae.control.routes import Route
from rtvae.host.console import Console
from rtvae.host.midi_desk import MidiDesk
from rtvae.host.midi_keeper import OpenPort
from rtvae.host.settings import Settings
from rtvae.link.control_block import ControlWriter
from rtvae.link.layout import CONTROL
from tests.support.midi_ports import FakeInput

MESSAGES = 200_000
A_MILLISECOND = 100  # of 100,000 messages a second


class FloodedPort(FakeInput):
    """Delivers a hundred messages each time it is asked, good ones and broken ones."""

    def __init__(self) -> None:
        super().__init__("flood")
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


def test_a_flood_of_messages_ends_on_the_last_value_and_leaves_nothing_behind() -> None:
    port = FloodedPort()
    now_s = 0.0
    console = Console(Settings(ControlWriter(np.zeros((), CONTROL))))
    route = Route("mod.1.rate_hz", 0.01, 50.0, number=16)
    desk = MidiDesk(console, lambda: [OpenPort(port)], [route])
    for _ in range(100):
        desk.step(now_s)
    gc.collect()
    before = sys.getallocatedblocks()
    while port.left:
        now_s += 0.001
        desk.step(now_s)
        list(console.asked())  # random program changes
    gc.collect()  # empties what the interpreter keeps for its next tuples
    kept = sys.getallocatedblocks() - before
    assert desk.messages == MESSAGES
    last = route.value(Move("cc", 1, 16, A_MILLISECOND - 1).position)
    assert console.values()["mod.1.rate_hz"] == np.float32(last)
    assert kept < MESSAGES // 2000
