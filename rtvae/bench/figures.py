"""The figures of a bench as plain data: what the table shows and the JSON holds."""

from dataclasses import asdict, dataclass, field
from typing import Any

from rtvae.bench.pacing import Record
from rtvae.bench.roofline import Roofline
from rtvae.bench.statistics import Summary, summarise

FORMAT = 2
OURS = "rtvae"
MOVING = "rtvae_knobs_moving"
REFERENCE = "rtvae_onnxruntime"
CUDA_LANE = "rtvae_cuda"
READING = "reading_the_weights"
PARTS = ("encoder", "control", "decoder", "rest", "around", "total")


@dataclass(frozen=True)
class LaneFigures:
    """One lane at one block size.

    `parts` are those of PARTS, where `around` is all that is not the model; `graphs` is encoder
    and decoder together, in blocks that hold the end of a hop; `woke_late` is how long after its
    deadline a block began. `late_wakes_share` counts blocks that began late,
    `overruns` those that took longer than their period; `load` is the cost of a second of audio.
    """

    blocks: int
    parts: dict[str, Summary]
    graphs: Summary
    woke_late: Summary
    late_wakes_share: float
    overruns: int
    load: float

    @staticmethod
    def of(record: Record, period_s: float, blocks_per_hop: int = 1) -> "LaneFigures":
        """Sum a record up."""
        # Those of PARTS, spelled out so that whoever looks for their use finds it.
        costs = {
            "encoder": record.encoder_s,
            "control": record.control_s,
            "decoder": record.decoder_s,
            "rest": record.rest_s,
            "around": record.around_s,
            "total": record.total_s,
        }
        return LaneFigures(
            record.total_s.shape[0],
            {name: summarise(cost, period_s) for name, cost in costs.items()},
            summarise(record.played_s, period_s),
            summarise(record.woke_late_s, period_s),
            record.late_share(period_s),
            record.overruns,
            record.load(period_s, blocks_per_hop),
        )


@dataclass(frozen=True)
class BlockFigures:
    """All lanes at one block size, measured in turns in one run.

    `ratios` are our encoder and decoder together over those of each other lane, medians;
    `tail_ratios` and `quiet_ratios` the same of the 99.9th and the 10th percentiles;
    `differences` are how far each peer's sound is from ours, `refusals` why one is missing.
    """

    block_size: int
    period_us: float
    lanes: dict[str, LaneFigures]
    ratios: dict[str, float] = field(default_factory=dict)
    tail_ratios: dict[str, float] = field(default_factory=dict)
    quiet_ratios: dict[str, float] = field(default_factory=dict)
    roofline: Roofline | None = None
    refusals: dict[str, str] = field(default_factory=dict)
    differences: dict[str, float] = field(default_factory=dict)
    disturbance: dict[str, float | int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Bar:
    """A limit and how it was met; `value` is None where it was not measured.

    The value may be the limit at most, or with `at_least` at least.
    """

    name: str
    value: float | None
    limit: float
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """pass, FAIL or not measured."""
        if self.value is None:
            return "not measured"
        met = self.value >= self.limit if self.at_least else self.value <= self.limit
        return "pass" if met else "FAIL"


@dataclass(frozen=True)
class Figures:
    """One run of the bench.

    `titles` names the lanes; `loads` is what a second of audio costs us, in seconds, at each block
    size, all sizes in turns in one run; `graphs` counts the nodes that ONNX Runtime runs, by graph
    and operator.
    """

    model: dict[str, Any]
    machine: dict[str, Any]
    conditions: dict[str, Any]
    titles: dict[str, str]
    blocks: list[BlockFigures]
    loads: dict[int, float]
    graphs: dict[str, dict[str, int]]
    bars: list[Bar]
    notes: list[str]

    def as_dict(self) -> dict[str, Any]:
        """Return data for JSON."""
        bars = [asdict(bar) | {"verdict": bar.verdict} for bar in self.bars]
        return {"format": FORMAT} | asdict(self) | {"bars": bars}
