"""The figures of a bench as plain data: what the table shows and the JSON holds."""

from dataclasses import asdict, dataclass, field
from typing import Any

from rtvae.bench.pacing import Record
from rtvae.bench.statistics import Summary, summarise

FORMAT = 1
OURS = "rtvae"
MOVING = "rtvae_knobs_moving"
PARTS = ("encoder", "control", "decoder", "rest", "total")


@dataclass(frozen=True)
class LaneFigures:
    """One lane at one block size.

    `parts` are those of PARTS; `graphs` is encoder and decoder together, `woke_late` how long
    after its deadline a block began. `late_wakes_share` counts blocks that began late,
    `overruns` those that took longer than their period.
    """

    blocks: int
    parts: dict[str, Summary]
    graphs: Summary
    woke_late: Summary
    late_wakes_share: float
    overruns: int

    @staticmethod
    def of(record: Record, period_s: float) -> "LaneFigures":
        """Sum a record up."""
        costs = {name: getattr(record, f"{name}_s") for name in PARTS}
        return LaneFigures(
            record.total_s.shape[0],
            {name: summarise(cost, period_s) for name, cost in costs.items()},
            summarise(record.graphs_s, period_s),
            summarise(record.woke_late_s, period_s),
            record.late_share(period_s),
            record.overruns,
        )


@dataclass(frozen=True)
class BlockFigures:
    """All lanes at one block size, measured in turns in one run.

    `ratios` are our encoder and decoder together over each peer's, medians; `quiet_ratios` the
    same of the 10th percentiles; `differences` are how far each peer's sound is from ours.
    """

    block_size: int
    period_us: float
    lanes: dict[str, LaneFigures]
    ratios: dict[str, float] = field(default_factory=dict)
    quiet_ratios: dict[str, float] = field(default_factory=dict)
    differences: dict[str, float] = field(default_factory=dict)
    disturbance: dict[str, float | int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Bar:
    """A limit and how it was met; `value` is None where it was not measured."""

    name: str
    value: float | None
    limit: float

    @property
    def verdict(self) -> str:
        """pass, FAIL or not measured."""
        if self.value is None:
            return "not measured"
        return "pass" if self.value <= self.limit else "FAIL"


@dataclass(frozen=True)
class Figures:
    """One run of the bench; `graphs` counts the nodes that run, by graph and operator."""

    model: dict[str, Any]
    machine: dict[str, Any]
    conditions: dict[str, Any]
    blocks: list[BlockFigures]
    graphs: dict[str, dict[str, int]]
    bars: list[Bar]
    notes: list[str]

    def as_dict(self) -> dict[str, Any]:
        """Return data for JSON."""
        bars = [asdict(bar) | {"verdict": bar.verdict} for bar in self.bars]
        return {"format": FORMAT} | asdict(self) | {"bars": bars}
