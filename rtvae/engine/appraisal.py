"""The appraisal: what the governor has to know of the models that play, and what follows from it.

Before a voice plays it is measured as a callback will have it, in a tenth of a second; how its
cost grows with the block comes from a few runs back to back, because there only ratios count.
While it plays, the loads of its blocks tell the true 99.9th percentile.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from rtvae.engine.blend import Blend, Playable
from rtvae.engine.governor import (
    BLOCK_SIZES,
    Choice,
    Cost,
    Shape,
    Tally,
    advice,
    better_buffered,
    busy_share,
    choice,
    choices,
    finding,
    more_ms,
)
from rtvae.engine.lineup import make_voice
from rtvae.io.drivers import DEFAULT_BLOCK_SIZE
from rtvae.model.live import LiveModel
from rtvae.spec import StreamSpec

OVERHEAD_S = 60e-6
"""What a block costs besides the model."""
PAUSE_S = 1.5e-3
RUNS = 5
SURE_BLOCKS = 20_000
LATE_SHARE = 1e-3


@dataclass(frozen=True)
class Appraisal:
    """One voice's measures; `cost` is that of blocks of `block_size` frames."""

    name: str
    shape: Shape
    cost: Cost
    block_size: int
    buffered: bool

    @property
    def now(self) -> Choice:
        """How it plays now."""
        return choice(self.shape, self.cost, self.block_size, buffered=self.buffered)

    @property
    def ways(self) -> list[Choice]:
        """Every way to play it."""
        return choices(self.shape, self.cost, self.block_size)

    @property
    def advice(self) -> str:
        """One sentence if it is not safe as it plays, else nothing."""
        return self.advise("slow blocks") if not self.now.fits else ""

    @property
    def better_buffered(self) -> bool:
        """Whether it should play buffered unasked."""
        return better_buffered(self.now, self.ways)

    def advise(self, high: str) -> str:
        """Return the finding, whose upper figure is called `high`, and the remedies."""
        found = finding(self.name, self.now, high)
        return advice(found, self.now, self.ways, self.shape.sample_rate_hz)


def prepare(
    models: tuple[LiveModel, ...],
    stream: StreamSpec,
    max_block: int,
    values: NDArray[np.float32],
    *,
    buffered: bool | None,
    paced: bool,
    known: Appraisal | None = None,
) -> tuple[Playable, Appraisal | None, list[str]]:
    """Return a warm voice, its appraisal, and what there is to say; not on the audio thread.

    `buffered` None plays the model buffered if it is safe only so. Where blocks are not `paced`
    nothing is measured and there is no appraisal; what is `known` is not measured again.
    Raises ModelError if a model fails.
    """
    block_size = min(stream.block_size or DEFAULT_BLOCK_SIZE, max_block)
    if known is not None or not paced:
        worker = buffered is True if known is None else known.buffered
        voice = make_voice(models, stream, max_block, values, worker)
        voice.warm_up(block_size)
        return voice, known, []
    voice = make_voice(models, stream, max_block, values, buffered is True)
    shape = shape_of(models, stream.sample_rate_hz)
    found = _measured(voice, shape, block_size, buffered is True)
    if buffered is not None or not found.better_buffered:
        return voice, found, []
    instead = make_voice(models, stream, max_block, values, True)
    there = _measured(instead, shape, block_size, True)
    more = more_ms(there.now, found.now, stream.sample_rate_hz)
    said = finding(found.name, found.now, "slow blocks")
    return instead, there, [f"{said}, so it plays buffered ({more}); see --no-buffered."]


def _measured(voice: Playable, shape: Shape, block_size: int, buffered: bool) -> Appraisal:
    pause_s = min(PAUSE_S, block_size / shape.sample_rate_hz)
    name = " and ".join(model.card.name for model in models_of(voice))
    voice.warm_up(block_size, pause_s)
    found = Appraisal(name, shape, cost_of(voice), block_size, buffered)
    if not found.now.fits:
        # Something else may have come between: what counts is the better of two looks.
        voice.warm_up(block_size, pause_s)
        again = Appraisal(name, shape, cost_of(voice), block_size, buffered)
        found = min(found, again, key=lambda look: look.cost.high_s)
    return found


class Watch:
    """Follows the loads of the blocks that one voice plays, and speaks once it is sure."""

    def __init__(self, appraisal: Appraisal) -> None:
        self._appraisal = appraisal
        self._tally = Tally()
        self._late = 0
        self._sure_at = SURE_BLOCKS

    def add(self, loads: NDArray[np.floating], concealed: int) -> str:
        """Count new blocks; return a sentence when it is time to say one, else "".

        `loads` are shares of the block's period; `concealed` is how many came too late from the
        worker since the last call.
        """
        self._tally.add(loads)
        self._late += concealed
        if self._tally.blocks < self._sure_at:
            return ""
        self._sure_at = 10 * self._tally.blocks
        appraisal = self._appraisal
        if appraisal.buffered:
            share = self._late / self._tally.blocks
            if share <= LATE_SHARE:
                return ""
            found = f"Model {appraisal.name} came too late for {100 * share:.1f} % of its blocks"
            return advice(found, appraisal.now, appraisal.ways, appraisal.shape.sample_rate_hz)
        period_s = appraisal.block_size / appraisal.shape.sample_rate_hz
        hop = max(hop for hop, _ in appraisal.shape.models)
        busy = busy_share(appraisal.block_size, hop)
        usual, high = self._tally.quantile(1.0 - 0.5 * busy), self._tally.quantile(0.999)
        heard = Appraisal(
            appraisal.name,
            appraisal.shape,
            Cost(usual * period_s, high * period_s),
            appraisal.block_size,
            False,
        )
        return "" if heard.now.fits else heard.advise("99.9th percentile")


def models_of(voice: Playable) -> tuple[LiveModel, ...]:
    """Return the one or two models that a voice plays."""
    if isinstance(voice, Blend):
        return voice.first.model, voice.second.model
    return (voice.model,)


def shape_of(
    models: tuple[LiveModel, ...],
    sample_rate_hz: int,
    clock: Callable[[], float] = perf_counter,
) -> Shape:
    """Measure how the models' cost grows with the block; leaves them reset.

    Not while they play, nor on the audio thread.
    """
    costs = []
    for size in BLOCK_SIZES:
        costs.append((size, OVERHEAD_S + sum(_cost_s(model, size, clock) for model in models)))
    for model in models:
        model.reset()
    timing = tuple((model.hop_frames, model.delay_frames) for model in models)
    return Shape(sample_rate_hz, timing, tuple(costs))


def _cost_s(model: LiveModel, block_size: int, clock: Callable[[], float]) -> float:
    """The quickest of a few runs over the most hops that one block completes."""
    hops = -(-block_size // model.hop_frames)
    mean = np.zeros((hops, model.latents), np.float32)
    std, audio = np.zeros_like(mean), np.zeros(hops * model.hop_frames, np.float32)
    quickest = float("inf")
    for _ in range(RUNS):
        start = clock()
        model.encode(audio, mean, std)
        model.decode(mean, audio)
        quickest = min(quickest, clock() - start)
    return quickest


def cost_of(voice: Playable) -> Cost:
    """Return what a block costs with everything around the model, as the warm-up found it."""
    return Cost(voice.cost_s + OVERHEAD_S, voice.high_cost_s + OVERHEAD_S)
