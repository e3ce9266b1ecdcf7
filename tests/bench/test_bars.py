"""The bars say pass, FAIL or not measured."""

import numpy as np
import pytest

from rtvae.bench.bars import bars
from rtvae.bench.figures import BlockFigures, LaneFigures
from rtvae.bench.pacing import Record

PERIOD_S = 64 / 48_000
LEAN = {"encoder-1": {"Gemm": 9, "FusedGemm": 6, "Concat": 9}}


def block(size: int, share: float, ratio: float | None) -> BlockFigures:
    record = Record.of(10)
    record.total_s += share * PERIOD_S
    lanes = {"rtvae": LaneFigures.of(record, PERIOD_S)}
    ratios = {} if ratio is None else {"plain_conv1d": ratio}
    return BlockFigures(size, 1e6 * PERIOD_S, lanes, ratios)


def verdicts(*args: object) -> list[str]:
    return [bar.verdict for bar in bars(*args)]  # type: ignore[arg-type]


def test_a_model_that_clears_every_bar() -> None:
    assert verdicts([block(64, 0.2499, 0.4499)], LEAN) == ["pass", "pass", "pass"]


def test_each_bar_fails_on_its_own() -> None:
    assert verdicts([block(64, 0.26, 0.4)], LEAN) == ["FAIL", "pass", "pass"]
    assert verdicts([block(64, 0.2, 0.46)], LEAN) == ["pass", "FAIL", "pass"]
    for stray in ("Conv", "Slice", "LeakyRelu"):
        graphs = LEAN | {"decoder-1": {"Gemm": 5, stray: 1}}
        assert verdicts([block(64, 0.2, 0.4)], graphs) == ["pass", "pass", "FAIL"]


def test_what_was_not_measured_is_neither_passed_nor_failed() -> None:
    assert verdicts([block(128, 0.9, 0.9)], {}) == ["not measured"] * 3
    assert verdicts([block(64, 0.2, None)], LEAN) == ["pass", "not measured", "pass"]


def test_the_share_is_the_median_of_the_whole_block() -> None:
    record = Record.of(5)
    record.total_s[:] = np.array([0.1, 0.1, 0.2, 0.9, 0.9]) * PERIOD_S
    lanes = {"rtvae": LaneFigures.of(record, PERIOD_S)}
    first = bars([BlockFigures(64, 1e6 * PERIOD_S, lanes)], LEAN)[0]
    assert first.value == pytest.approx(0.2)
