"""Answers: a lane in a process of its own, which plays paced blocks when it is asked to.

One JSON object per line, on the standard streams of the process:

    it says   {"title": "RAVE's TorchScript", "sample_rate_hz": 44100, ...}    when it is ready
    we ask    {"do": "blocks", "frames": 128}          it prepares blocks of this size
    it says   {}                                       or facts that it has just measured
    we ask    {"do": "turn", "blocks": 94, "uncounted": 3, "period_s": 0.00266}
    it says   {"total_s": [...], "encoder_s": [...], ..., "overruns": 0}

Whatever it cannot do it answers with {"refused": "a sentence"}. It ends when the questions end. So
a peer may bring its own interpreter, its own torch, or no Python at all. This file needs nothing
but the standard library and NumPy, and runs within such a peer.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any, TextIO

from rtvae.bench.pacing import TIMES, Lane, Record, play_turn
from rtvae.io.clocks import Clock, MonotonicClock

LaneFor = Callable[[int], Lane]


class Refusal(Exception):
    """What this process cannot do, as a sentence."""


def claim_answers() -> TextIO:
    """Return where to answer; whatever else this process prints goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def answer(
    hello: dict[str, Any],
    lane_for: LaneFor,
    questions: TextIO,
    answers: TextIO,
    clock: Clock | None = None,
    facts: Callable[[], dict[str, Any]] = dict,
) -> None:
    """Say hello, then answer each question until there are no more.

    `lane_for` makes the lane for a block size in frames and may raise Refusal; `facts` is told
    then.
    """
    clock = clock or MonotonicClock()
    lane: Lane | None = None
    _say(answers, hello)
    for line in questions:
        question = json.loads(line)
        try:
            if question["do"] == "blocks":
                lane = lane_for(int(question["frames"]))
                _say(answers, facts())
            elif question["do"] == "turn" and lane is not None:
                _say(answers, _turn(lane, question, clock))
            else:
                _say(answers, {"refused": f"There is no answer to {line.strip()}."})
        except Refusal as refusal:
            _say(answers, {"refused": str(refusal)})


def _turn(lane: Lane, question: dict[str, Any], clock: Clock) -> dict[str, Any]:
    record = play_turn(
        lane,
        int(question["blocks"]),
        int(question["uncounted"]),
        float(question["period_s"]),
        clock,
        clock.now(),
    )
    return as_answer(record)


def as_answer(record: Record) -> dict[str, Any]:
    """Return a record as plain data."""
    times = {name: getattr(record, name).tolist() for name in TIMES}
    return times | {"overruns": int(record.overruns)}


def _say(answers: TextIO, words: dict[str, Any]) -> None:
    answers.write(json.dumps(words) + "\n")
    answers.flush()
