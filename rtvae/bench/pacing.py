"""Pacing: call each lane once per period and sleep in between, as an audio device does.

    deadline ...|........|........|........|.....
                 sleep    call     sleep   call      each call finds the caches as cold as live

The lanes take turns of many blocks within one run, in a new order each round: so a slow moment of
the machine falls on all of them, and none always follows the greedy one. The first blocks of a
turn, in which the caches still hold another lane, do not count. A call that outlasts its period
loses the deadlines it has missed, and the next one is slept for all the same: no lane is ever
measured hot.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from rtvae.io.clocks import Clock

TURN_S = 0.25
LEAST_TURN_BLOCKS = 16
UNCOUNTED_BLOCKS = 3
TIMES = ("total_s", "encoder_s", "control_s", "decoder_s", "woke_late_s")
LATE_SHARE = 0.1
"""Waking later than this share of the period after the deadline counts as late."""


class Lane(Protocol):
    """What is measured."""

    def prepare(self) -> None:
        """Get the next block's input ready; not measured."""

    def play(self) -> None:
        """Play one block; measured."""

    def parts_s(self) -> tuple[float, float, float]:
        """Return what encoder, latent control and decoder took in the last block."""


@runtime_checkable
class DistantLane(Protocol):
    """What is measured in another process: it keeps the pace and the time itself."""

    def turn(self, blocks: int, uncounted: int, period_s: float) -> "Record":
        """Play `uncounted` and then `blocks` blocks, one per period; return the latter."""


@dataclass
class Record:
    """What one lane cost: seconds, `(blocks,)` each; `woke_late_s` counts from the deadline."""

    total_s: NDArray[np.float64]
    encoder_s: NDArray[np.float64]
    control_s: NDArray[np.float64]
    decoder_s: NDArray[np.float64]
    woke_late_s: NDArray[np.float64]
    overruns: int = 0

    @staticmethod
    def of(blocks: int) -> "Record":
        """Return an empty record for so many blocks."""
        total, encoder, control, decoder, late = (np.zeros(blocks) for _ in range(5))
        return Record(total, encoder, control, decoder, late)

    def put(self, at: int, turn: "Record") -> None:
        """Write the record of one turn from block `at` on."""
        for field in TIMES:
            getattr(self, field)[at : at + turn.total_s.shape[0]] = getattr(turn, field)
        self.overruns += turn.overruns

    @property
    def rest_s(self) -> NDArray[np.float64]:
        """Everything else in the callback."""
        return self.total_s - self.encoder_s - self.control_s - self.decoder_s

    @property
    def graphs_s(self) -> NDArray[np.float64]:
        """Encoder and decoder together."""
        return self.encoder_s + self.decoder_s

    @property
    def around_s(self) -> NDArray[np.float64]:
        """Everything in the callback that is not the model."""
        return self.total_s - self.graphs_s

    @property
    def played_s(self) -> NDArray[np.float64]:
        """Encoder and decoder together, in those blocks that held the end of a hop.

        A block shorter than a hop often only waits, which costs nothing.
        """
        worked = self.graphs_s[self.graphs_s > 0.0]
        return worked if worked.size else self.graphs_s

    def load(self, period_s: float, blocks_per_hop: int) -> float:
        """Return the median cost of a second of audio, in seconds.

        Taken over runs of blocks that make a whole hop: of short ones most only wait.
        """
        runs = max(1, self.total_s.shape[0] // blocks_per_hop)
        whole = self.total_s[: runs * blocks_per_hop].reshape(runs, -1)
        return float(np.median(whole.sum(1))) / (whole.shape[1] * period_s)

    def late_share(self, period_s: float) -> float:
        """Return the share of blocks that began late because the sleep ended late."""
        return float(np.mean(self.woke_late_s > LATE_SHARE * period_s))


def blocks_for(seconds: float, period_s: float) -> int:
    """Return how many blocks make so many seconds, at least one."""
    return max(1, round(seconds / period_s))


class Course(NamedTuple):
    """So many counted blocks of a lane, one each period."""

    lane: Lane | DistantLane
    blocks: int
    period_s: float


def pace(
    lanes: Sequence[Lane | DistantLane], blocks: int, period_s: float, clock: Clock
) -> list[Record]:
    """Play `blocks` counted blocks of each lane in turns; return a record for each."""
    return take_turns([Course(lane, blocks, period_s) for lane in lanes], clock)


def take_turns(courses: Sequence[Course], clock: Clock) -> list[Record]:
    """Play all courses in turns, each in periods of its own; return a record for each."""
    records = [Record.of(course.blocks) for course in courses]
    played = [0] * len(courses)
    order = np.random.default_rng(5)
    began_s = clock.now()
    while any(played[k] < course.blocks for k, course in enumerate(courses)):
        for which in order.permutation(len(courses)):
            lane, blocks, period_s = courses[which]
            most = max(LEAST_TURN_BLOCKS, round(TURN_S / period_s))
            turn = min(most, blocks - played[which])
            if not turn:
                continue
            if isinstance(lane, DistantLane):
                record = lane.turn(turn, UNCOUNTED_BLOCKS, period_s)
            else:
                record = play_turn(lane, turn, UNCOUNTED_BLOCKS, period_s, clock, began_s)
            records[which].put(played[which], record)
            played[which] += turn
    return records


def play_turn(
    lane: Lane, blocks: int, uncounted: int, period_s: float, clock: Clock, began_s: float
) -> Record:
    """Play one turn of a lane; deadlines are whole periods after `began_s`."""
    record = Record.of(blocks)
    due_s = began_s + math.floor((clock.now() - began_s) / period_s) * period_s
    for at in range(-uncounted, blocks):
        lane.prepare()
        due_s = _next_deadline(due_s, clock.now(), period_s)
        clock.sleep_until(due_s)
        woke_s = clock.now()
        lane.play()
        done_s = clock.now()
        if at >= 0:
            record.woke_late_s[at] = woke_s - due_s
            record.total_s[at] = done_s - woke_s
            record.encoder_s[at], record.control_s[at], record.decoder_s[at] = lane.parts_s()
            record.overruns += done_s - woke_s > period_s
    return record


def _next_deadline(due_s: float, now_s: float, period_s: float) -> float:
    """Return the first deadline after `due_s` that has not passed."""
    missed = max(0, int((now_s - due_s) // period_s))
    return due_s + (missed + 1) * period_s
