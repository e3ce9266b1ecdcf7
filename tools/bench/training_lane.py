"""One loop of training in a process of its own, which takes a turn when it is asked to.

    python training_lane.py '{"loop": "rtvae", ...}'        the fields of Course

JSON lines on the standard streams, as the peers of the bench have them (`rtvae.bench.distant`):

    it says   {"title": ..., "parameters": ..., "multiply_adds_per_second": ...}   when it is ready
    we ask    {"do": "turn", "seconds": 3.0}
    it says   {"examples_per_second": 412.3}

A process of its own, because what a training sets up in its process, such as how memory is given
back, would be lent to whatever else runs there.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from interleaved import rate_of
from plain_loop import PlainLoop
from rave_network import count_parameters, multiply_adds_per_second, rave_network_with
from rtvae.bench.answers import claim_answers
from rtvae.io.audio_file import read_mono
from rtvae.paths import bundled_recording
from rtvae.training.distributed import make_fabric
from rtvae.training.shape import VaeConfig
from rtvae.training.vae import Vae
from rtvae_loop import Whole, rtvae_step

OURS = "rtvae"
BARE = "rtvae without augmentation"
SAME_PARAMETERS = "plain loop, RAVE network, as many parameters"
SAME_COST = "plain loop, RAVE network, as many multiply-adds"
SAME_NETWORK = "plain loop, rtvae's network"
LOOPS = (OURS, BARE, SAME_PARAMETERS, SAME_COST, SAME_NETWORK)
WARM_UP_STEPS = 3


@dataclass(frozen=True)
class Course:
    """What a lane is to train: the loop's name, our network's shape, and the batch.

    `shape` is groups, clips per group and frames; `device` is cpu or cuda; with `cpu_time` the
    process's own time counts and not the wall's.
    """

    loop: str
    config: dict[str, Any]
    shape: tuple[int, int, int]
    device: str
    threads: int
    workers: int
    cpu_time: bool

    def as_text(self) -> str:
        """Return what the process is told."""
        return json.dumps(asdict(self))


class Lane:
    """One loop, made and warmed up."""

    def __init__(self, course: Course) -> None:
        torch.set_num_threads(course.threads)
        config, place = VaeConfig.from_dict(course.config), torch.device(course.device)
        groups, clips, frames = course.shape
        rate = config.sample_rate_hz
        samples = np.round(read_mono(bundled_recording(), rate) * 32767.0).astype(np.int16)
        self._examples = groups * clips
        self._clock = time.process_time if course.cpu_time else time.perf_counter
        self._finish: Callable[[], None] = (
            torch.cuda.synchronize if place.type == "cuda" else lambda: None
        )
        network = _network(course.loop, Whole(Vae(config)), rate)
        self.facts = {
            "title": course.loop,
            "parameters": count_parameters(network),
            "multiply_adds_per_second": multiply_adds_per_second(network, rate),
        }
        if course.loop in (OURS, BARE):
            self._step = rtvae_step(
                make_fabric(course.device), config, samples, course.shape, course.loop == OURS
            )
        else:
            loop = PlainLoop(network, samples, self._examples, frames, course.workers, place)
            self._step = loop.step
        for _ in range(WARM_UP_STEPS):
            self._step()
        self._finish()

    def turn(self, seconds: float) -> float:
        """Train for at least so long; return examples per second."""
        return rate_of(self._step, self._examples, seconds, self._clock, self._finish)


def _network(loop: str, ours: nn.Module, rate: int) -> nn.Module:
    """Return the network that a loop trains."""
    if loop == SAME_PARAMETERS:
        return rave_network_with(count_parameters(ours), count_parameters)
    if loop == SAME_COST:
        wanted = multiply_adds_per_second(ours, rate)
        return rave_network_with(wanted, lambda each: multiply_adds_per_second(each, rate))
    return ours


def main() -> None:
    """Answer until nobody asks."""
    answers = claim_answers()
    told = json.loads(sys.argv[1])
    lane = Lane(Course(**told | {"shape": tuple(told["shape"])}))
    print(json.dumps(lane.facts), file=answers, flush=True)
    for line in sys.stdin:
        rate = lane.turn(float(json.loads(line)["seconds"]))
        print(json.dumps({"examples_per_second": rate}), file=answers, flush=True)


if __name__ == "__main__":
    main()
