"""The way round through a JACK server, from what the server knows of its ports. Pure.

JACK counts a capture port's latency from the moment the sound arrived until the period in which it
is heard, and a playback port's from the period in which it is played until it sounds. Their sum is
the round trip of the device, converters included where the server was told about them.

PortAudio does not say so: it takes one period off each side, so that what it reports is two
periods short on a sound card. It also never looks again, and a player may patch while it plays.
"""

from collections.abc import Collection
from typing import Protocol


class Graph(Protocol):
    """As much of a JACK graph as the latency depends on. Ports are named CLIENT:PORT."""

    @property
    def period(self) -> int:
        """Frames per period."""

    def ports(self) -> list[str]:
        """All audio ports."""

    def connections(self, port: str) -> list[str]:
        """The ports that a port is connected to."""

    def is_input(self, port: str) -> bool:
        """Whether sound flows into the port."""

    def is_physical(self, port: str) -> bool:
        """Whether the port is a socket of the sound card."""

    def capture_latency(self, port: str) -> int:
        """Frames from the sound's arrival at the device to this port."""

    def playback_latency(self, port: str) -> int:
        """Frames from this port to the sound's leaving the device."""


def round_trip_frames(graph: Graph, ours: Collection[str]) -> int:
    """Return the frames from the input device through our ports to the output device.

    What comes in on our inputs is either the device's, then the latencies of both ends count, or
    it is our own output over cables in the graph: such a loop goes through at the next period.
    A side that is not connected adds nothing.
    """
    inputs = [port for port in ours if graph.is_input(port)]
    outputs = [port for port in ours if not graph.is_input(port)]
    if _hears_only_itself(graph, inputs, set(outputs)):
        return graph.period
    captures = [graph.capture_latency(port) for port in inputs if graph.connections(port)]
    playbacks = [graph.playback_latency(port) for port in outputs if graph.connections(port)]
    return max(captures, default=0) + max(playbacks, default=0)


def _hears_only_itself(graph: Graph, inputs: list[str], outputs: set[str]) -> bool:
    """Follow the cables back from our inputs, through other programs, to where sound begins."""
    todo, seen, found = list(inputs), set(inputs), False
    while todo:
        for source in graph.connections(todo.pop()):
            if source in outputs:
                found = True
            elif graph.is_physical(source):
                return False
            else:
                through = _inputs_beside(graph, source) - seen
                seen |= through
                todo += through
    return found


def _inputs_beside(graph: Graph, port: str) -> set[str]:
    """Return where sound goes into the program that has this port."""
    program = port.rpartition(":")[0]
    beside = (other for other in graph.ports() if other.rpartition(":")[0] == program)
    return {other for other in beside if graph.is_input(other)}
