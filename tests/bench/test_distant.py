"""A peer in a process of its own: what it says is believed, what it does not say is refused."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from rtvae.bench.answers import Refusal, answer
from rtvae.bench.distant import Distant, distant_of, record_of
from rtvae.bench.pacing import DistantLane, Record, pace
from rtvae.errors import ModelError, UsageError
from rtvae.io.clocks import VirtualClock

STUB = """
import json, sys
print(json.dumps({"title": "Stub", "name": "stub"}), flush=True)
for line in sys.stdin:
    ask = json.loads(line)
    if ask["do"] == "blocks":
        refused = {} if ask["frames"] >= 128 else {"refused": "Stubs are never so short."}
        print(json.dumps(refused), flush=True)
    else:
        n = ask["blocks"]
        times = ("total_s", "encoder_s", "control_s", "decoder_s", "woke_late_s")
        costs = {name: [0.001 * k for k in range(n)] for name in times}
        print(json.dumps(costs | {"overruns": 2}), flush=True)
"""


def stub(folder: Path, text: str = STUB) -> Path:
    (folder / "stub.py").write_text(text)
    (folder / "peer.json").write_text(json.dumps({"command": [sys.executable, "stub.py"]}))
    return folder


class Steady:
    """Costs a quarter of a second of virtual time."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def prepare(self) -> None: ...

    def play(self) -> None:
        self._clock.advance(0.25)

    def parts_s(self) -> tuple[float, float, float]:
        return 0.125, 0.0, 0.125


def answers_to(*questions: dict[str, object]) -> list[dict[str, object]]:
    clock, out = VirtualClock(), io.StringIO()

    def lane_for(frames: int) -> Steady:
        if frames > 512:
            raise Refusal("Too long.")
        return Steady(clock)

    asked = io.StringIO("".join(json.dumps(q) + "\n" for q in questions))
    answer({"title": "steady"}, lane_for, asked, out, clock)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_lane_answers_with_what_its_blocks_cost() -> None:
    turn = {"do": "turn", "blocks": 3, "uncounted": 2, "period_s": 1.0}
    hello, prepared, costs = answers_to({"do": "blocks", "frames": 128}, turn)
    assert hello == {"title": "steady"} and prepared == {}
    assert costs["total_s"] == pytest.approx([0.25] * 3)
    assert costs["encoder_s"] == pytest.approx([0.125] * 3)
    assert costs["overruns"] == 0


def test_what_a_lane_cannot_do_it_says() -> None:
    turn = {"do": "turn", "blocks": 3, "uncounted": 2, "period_s": 1.0}
    _, early, refused = answers_to(turn, {"do": "blocks", "frames": 1024})
    assert "refused" in early
    assert refused == {"refused": "Too long."}


def test_a_peer_in_a_folder_is_started_asked_and_ended(tmp_path: Path) -> None:
    peer = distant_of(stub(tmp_path))
    try:
        assert (peer.title, peer.hello["name"]) == ("Stub", "stub")
        assert peer.blocks(64) == "Stubs are never so short."
        assert peer.blocks(128) == ""
        record = peer.turn(4, 3, 0.01)
        assert record.decoder_s == pytest.approx([0.0, 0.001, 0.002, 0.003])
        assert record.overruns == 2
    finally:
        peer.close()


def test_a_distant_lane_takes_its_turns_among_the_others(tmp_path: Path) -> None:
    peer = distant_of(stub(tmp_path))
    try:
        assert isinstance(peer, DistantLane)
        clock = VirtualClock()
        near, far = pace([Steady(clock), peer], 40, 0.5, clock)
        assert near.total_s == pytest.approx(np.full(40, 0.25))
        # Its turns are of 16, 16 and 8 blocks.
        assert far.total_s == pytest.approx(0.001 * np.r_[0:16, 0:16, 0:8])
        assert far.overruns == 6
    finally:
        peer.close()


def test_a_peer_that_dies_is_one_sentence_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no torch today") as caught:
        distant_of(stub(tmp_path, "import sys; sys.exit('no torch today')"))
    assert "stub.py" in str(caught.value)


def test_a_folder_without_a_peer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"tools/bench/peers\.py"):
        distant_of(tmp_path)
    (tmp_path / "peer.json").write_text('{"command": 5}')
    with pytest.raises(UsageError, match=r"tools/bench/peers\.py"):
        distant_of(tmp_path)
    with pytest.raises(ModelError, match="cannot be started"):
        Distant(["/no/such/program"])


@pytest.mark.parametrize(
    "words",
    [
        {"refused": "it is night"},
        {},
        {name: [0.0] * 3 for name in ("total_s", "encoder_s", "control_s", "decoder_s")},
    ],
)
def test_costs_that_are_not_those_of_the_turn_are_refused(words: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="did not play 3 blocks"):
        record_of(words, 3, "stub")


def test_blocks_in_which_the_model_only_waited_are_not_its_cost() -> None:
    record = Record.of(4)
    record.encoder_s[::2] = 1e-3
    assert record.played_s == pytest.approx([1e-3, 1e-3])
    record.encoder_s[:] = 0.0
    assert record.played_s == pytest.approx(np.zeros(4))
