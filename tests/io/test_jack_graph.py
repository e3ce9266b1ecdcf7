"""The way round a JACK graph, on graphs of paper."""

from dataclasses import dataclass, field

import pytest

from rtvae.io.jack_graph import round_trip_frames

OURS = ("PortAudio:in_0", "PortAudio:out_0", "PortAudio:out_1")
CARD_IN, CARD_OUT = "system:capture_1", "system:playback_1"


@dataclass
class PaperGraph:
    """Cables between named ports; `system` is the card; what is named in_ or playback_ is input."""

    cables: list[tuple[str, str]]
    period: int = 128
    capture: dict[str, int] = field(default_factory=lambda: {"PortAudio:in_0": 150})
    playback: dict[str, int] = field(
        default_factory=lambda: {"PortAudio:out_0": 300, "PortAudio:out_1": 310}
    )

    def ports(self) -> list[str]:
        return sorted({port for cable in self.cables for port in cable})

    def connections(self, port: str) -> list[str]:
        there = [destination for source, destination in self.cables if source == port]
        return there + [source for source, destination in self.cables if destination == port]

    def is_input(self, port: str) -> bool:
        return port.partition(":")[2].startswith(("in", "playback"))

    def is_physical(self, port: str) -> bool:
        return port.startswith("system:")

    def capture_latency(self, port: str) -> int:
        return self.capture.get(port, 0)

    def playback_latency(self, port: str) -> int:
        return self.playback.get(port, 0)


CARD = [(CARD_IN, OURS[0]), (OURS[1], CARD_OUT)]


@pytest.mark.parametrize(
    ("cables", "frames"),
    [
        (CARD, 450),
        ([*CARD, (OURS[2], "system:playback_2")], 460),
        ([], 0),
        (CARD[:1], 150),
        (CARD[1:], 300),
        ([(OURS[1], OURS[0])], 128),
        # Through a meter or an effect and back to us.
        ([(OURS[1], "meter:in"), ("meter:out", OURS[0])], 128),
        ([(OURS[1], "a:in"), ("a:out", "b:in"), ("b:out", OURS[0])], 128),
        # Two programs in a circle of their own must not keep us looking for ever.
        ([("a:out", OURS[0]), ("a:out", "b:in"), ("b:out", "a:in")], 150),
        # A microphone beside the loop: then the card's way is the musician's.
        ([*CARD, (OURS[1], OURS[0])], 450),
        # A program between the card and us is no loop.
        ([(CARD_IN, "mixer:in"), ("mixer:out", OURS[0]), (OURS[1], CARD_OUT)], 450),
        # A program that makes sound of its own: the card is not heard, only played.
        ([("synth:out", OURS[0]), (OURS[1], CARD_OUT)], 450),
    ],
)
def test_the_way_round(cables: list[tuple[str, str]], frames: int) -> None:
    assert round_trip_frames(PaperGraph(cables), OURS) == frames


def test_without_inputs_of_ours_only_the_way_out_counts() -> None:
    assert round_trip_frames(PaperGraph(CARD), OURS[1:]) == 300
