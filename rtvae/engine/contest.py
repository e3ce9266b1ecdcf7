"""The contest: the processor or a CUDA device, whichever plays a model faster in these blocks.

Once the size of the blocks is known, a model that could also be played elsewhere is measured in
both places, in turns and paced as a callback is, and the better one (see `plays_better`) plays.
That is said once. Where there is no such device, nothing is measured and nothing said.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np

from rtvae.engine.governor import Cost, plays_better
from rtvae.engine.lineup import Lineup
from rtvae.engine.shelf import Shelf, identify
from rtvae.io.drivers import DEFAULT_BLOCK_SIZE
from rtvae.model.live import LiveModel
from rtvae.spec import StreamSpec

Rival = Callable[[Path], LiveModel | None]
"""Loads the same model to be played elsewhere, or gives None where it cannot be."""

TURNS = 10
TURN_BLOCKS = 50
UNCOUNTED_BLOCKS = 3
LONGEST_PAUSE_S = 1.5e-3
LEVEL = np.float32(0.1)
HIGH = 0.999


class Contest:
    """A Loader for a stream: gives what `shelf` gives, or what won against it.

    `say` is told what was found, one sentence for each model.
    """

    def __init__(
        self, shelf: Shelf, rival: Rival, stream: StreamSpec, say: Callable[[str], None]
    ) -> None:
        self.say = say
        self._shelf, self._rival = shelf, rival
        self._block_size = stream.block_size or DEFAULT_BLOCK_SIZE
        self._rate_hz = stream.sample_rate_hz
        self._won: dict[str, bool] = {}

    def __call__(self, path: Path) -> LiveModel:
        """Return a model that nobody plays. Raises what the shelf's loader raises."""
        return self._better(path, self._shelf(path))

    def settle(self, lineup: Lineup, models: tuple[LiveModel, ...]) -> tuple[LiveModel, ...]:
        """Return the better ones for a lineup whose models were loaded before the stream."""
        paths = (lineup.model, lineup.beside)
        return tuple(
            model if path is None else self._better(path, model)
            for path, model in zip(paths, models, strict=False)
        )

    def _better(self, path: Path, model: LiveModel) -> LiveModel:
        identity = identify(path)
        if self._won.get(identity, True) is False:
            return model
        rival = self._rival(path)
        if rival is None:
            self._won[identity] = False
            return model
        if identity not in self._won:
            playing, other = costs_in_turns((model, rival), self._block_size, self._rate_hz)
            won = plays_better(other, playing, self._block_size / self._rate_hz)
            self._won[identity] = won
            self.say(sentence(model, rival, self._block_size, playing, other, won))
        if not self._won[identity]:
            return model
        self._shelf.put(model)
        return rival


def costs_in_turns(models: Sequence[LiveModel], block_size: int, sample_rate_hz: int) -> list[Cost]:
    """Measure the busiest blocks of this size, paced, in turns; leave the models reset."""
    pause_s = min(LONGEST_PAUSE_S, block_size / sample_rate_hz)
    taken: list[list[float]] = [[] for _ in models]
    for _ in range(TURNS):
        for model, costs in zip(models, taken, strict=True):
            costs += _turn(model, block_size, pause_s)
    for model in models:
        model.reset()
    return [
        Cost(float(np.median(costs)), float(np.quantile(costs, HIGH, method="higher")))
        for costs in taken
    ]


def _turn(model: LiveModel, block_size: int, pause_s: float) -> list[float]:
    hops = -(-block_size // model.hop_frames)
    random = np.random.default_rng(0)
    heard = LEVEL * random.standard_normal(hops * model.hop_frames, np.float32)
    mean = np.zeros((hops, model.latents), np.float32)
    std, played = np.zeros_like(mean), np.zeros_like(heard)
    costs = []
    for _ in range(UNCOUNTED_BLOCKS + TURN_BLOCKS):
        time.sleep(pause_s)
        start = perf_counter()
        model.encode(heard, mean, std)
        model.decode(mean, played)
        costs.append(perf_counter() - start)
    return costs[UNCOUNTED_BLOCKS:]


def sentence(
    model: LiveModel, rival: LiveModel, block_size: int, playing: Cost, other: Cost, won: bool
) -> str:
    """Return what was found, with the figures of both."""
    figures = " and ".join(
        f"{who.executor} {1e6 * cost.usual_s:.0f} us (99.9th percentile {1e6 * cost.high_s:.0f})"
        for who, cost in ((model, playing), (rival, other))
    )
    winner = (rival if won else model).executor
    return (
        f"A {block_size}-frame block of model {model.card.name} takes {figures}, "
        f"so {winner} plays it."
    )
